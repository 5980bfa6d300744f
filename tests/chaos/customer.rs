//! A customer of one client: books a visit and waits for the reminders.

use anyhow::Context;
use slotbox::domain::locale::Locale;
use slotbox::texts::Words;
use slotbox::texts::calendar::short_date;

use super::person::Person;
use super::world::World;

/// How often a customer begins anew before giving up.
const ATTEMPTS: usize = 8;
/// When all visits begin.
const TIME: &str = "12:00";

/// One customer at the chat with a client's bot.
pub struct Customer {
    pub person: Person,
    /// The day of the visit, as its button names it.
    day: String,
    /// Presses twice.
    is_hasty: bool,
}

impl Customer {
    pub fn new(world: &World, bot: &str, number: usize) -> Self {
        let anna = world.telegram.person(&format!("Анна {number}"));
        let zone = jiff::tz::TimeZone::get("Europe/Moscow").unwrap();
        let day = short_date(Words::new(Locale::Ru), world.visit.to_zoned(zone).date());
        Self { person: Person(world.telegram.chat(bot, &anna)), day, is_hasty: number % 2 == 1 }
    }

    /// Books one visit, however long it takes.
    pub async fn books(&self) -> anyhow::Result<()> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.tries_to_book().await {
                Ok(()) => return Ok(()),
                Err(err) => last = Some(err),
            }
            if self.has_booked().await {
                return Ok(());
            }
        }
        let gave_up = format!("a customer gave up:\n{}", self.person.0.transcript());
        Err(last.context("no attempt")?.context(gave_up))
    }

    async fn tries_to_book(&self) -> anyhow::Result<()> {
        let person = &self.person;
        person.say("/start", "Здравствуйте").await?;
        person.say("📅 Записаться", "Выберите день").await?;
        person.press(&self.day, "Выберите время").await?;
        person.press(TIME, "Проверьте").await?;
        if self.is_hasty {
            person.0.press("✅ Подтвердить")?;
        }
        person.press("✅ Подтвердить", "Вы записаны").await
    }

    async fn has_booked(&self) -> bool {
        self.person.say("📋 Мои записи", "Ваши записи").await.is_ok()
    }

    /// Waits until the bot has reminded so many times.
    pub async fn hears_reminders(&self, times: usize) -> anyhow::Result<()> {
        self.person.hears("Напоминаем:", times).await
    }

    /// Checks that the bot answers now that nothing fails.
    pub async fn is_answered(&self) -> anyhow::Result<()> {
        self.person.say("/start", "Здравствуйте").await.with_context(|| self.talk())
    }

    pub fn talk(&self) -> String {
        self.person.0.transcript().to_string()
    }
}

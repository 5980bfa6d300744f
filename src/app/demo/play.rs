//! `slotbox demo --play`: the whole story by itself, step by step, until one does not happen.

use std::time::Duration;

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};

use super::transcript::{print_line, zone};

use super::{DemoWorld, MASTER, OPERATOR, SALES, new_bot};
use crate::domain::money::Money;
use crate::sandbox::telegram::Chat;
use crate::sandbox::yookassa::NoticeFault;

/// How long a step may take, in real time.
const PATIENCE: Duration = Duration::from_secs(15);

/// The public name of the bot that the owner buys.
const SALON: &str = "olga_salon_bot";

/// Plays the story.
///
/// # Errors
///
/// Returns the first step that did not happen, with the chat in which it should have.
pub async fn play(world: &DemoWorld) -> anyhow::Result<()> {
    let story = Story::begin(world);
    story.an_operator_adds_a_client().await.context("an operator adds a client")?;
    story.an_owner_buys_a_bot().await.context("an owner buys a bot")?;
    story.the_owner_sets_it_up().await.context("the owner sets the bot up")?;
    let visit = story.a_customer_books().await.context("a customer books a visit")?;
    story.reminders_come(visit).await.context("the customer is reminded")?;
    story.a_notification_is_lost().await.context("a payment whose notification is lost counts")?;
    story.end().await.context("the books agree with the shop")
}

struct Story<'a> {
    world: &'a DemoWorld,
    operator: Chat,
    owner: Chat,
    customer: Chat,
}

impl<'a> Story<'a> {
    fn begin(world: &'a DemoWorld) -> Self {
        let telegram = &world.telegram;
        let ivan = telegram.person_with_id(OPERATOR, "Иван");
        let olga = telegram.person("Ольга");
        let anna = telegram.person("Анна");
        Self {
            world,
            operator: telegram.chat(MASTER, &ivan),
            owner: telegram.chat(SALES, &olga),
            customer: telegram.chat(SALON, &anna),
        }
    }

    /// Says what comes, and on which day of the world's calendar.
    fn scene(&self, title: &str) {
        let now = self.world.clock.now().to_zoned(zone());
        print_line(&format!("\n── {} · {title}", now.strftime("%d.%m.%Y %H:%M")));
    }

    /// Compares what the shop has with what the API tells, and ends the transcript.
    async fn end(&self) -> anyhow::Result<()> {
        let paid = self.world.shop.payments();
        let facts = self.world.browser.facts().await?;
        if facts.settled != paid.len() {
            bail!("the shop has {} payments and {} were settled", paid.len(), facts.settled);
        }
        let sum = paid.iter().fold(Money::ZERO, |sum, payment| sum.plus(payment.amount));
        print_line(&format!(
            "\n✓ The story is over: {} bots run, {} payments were settled, {sum} RUB in all.",
            facts.running, facts.settled
        ));
        Ok(())
    }

    async fn an_operator_adds_a_client(&self) -> anyhow::Result<()> {
        self.scene("An operator adds a client, who has paid elsewhere");
        let token = new_bot(&self.world.telegram, "Клиника «Улыбка»", "smile_clinic_bot")?;
        let chat = &self.operator;
        say(chat, "/start", "Очередь активна").await?;
        say(chat, "➕ Добавить клиента", "1/4").await?;
        say(chat, token.expose(), "2/4").await?;
        say(chat, "333333333", "3/4").await?;
        say(chat, "Клиника «Улыбка»", "4/4").await?;
        press(chat, "30 дней", "Проверьте").await?;
        press(chat, "✅ Подтвердить", "Улыбка").await?;
        hear(chat, "Бот запущен").await
    }

    async fn an_owner_buys_a_bot(&self) -> anyhow::Result<()> {
        self.scene("An owner buys a bot of her own");
        let token = new_bot(&self.world.telegram, "Салон Ольги", SALON)?;
        let chat = &self.owner;
        say(chat, "/start", "Ольга").await?;
        say(chat, "💳 Купить подписку", "Starter").await?;
        press(chat, "30 дней", "Starter").await?;
        say(chat, "Салон Ольги", "токен").await?;
        chat.send(token.expose());
        let order = self.open_the_page_and_pay().await?;
        hear(chat, "Оплата получена").await?;
        self.world.browser.come_back(&order, "Оплата получена").await?;
        hear(chat, "готов").await?;
        hear(&self.operator, "Новая продажа").await?;
        hear(&self.operator, "Бот запущен").await
    }

    async fn the_owner_sets_it_up(&self) -> anyhow::Result<()> {
        self.scene("The owner sets her bot up");
        let chat = self.world.telegram.chat(SALON, self.owner.person());
        say(&chat, "/start", "Шаг 1 из 2").await?;
        press(&chat, "Дальше", "Шаг 2 из 2").await?;
        press(&chat, "➕ Добавить услугу", "Как называется").await?;
        say(&chat, "Стрижка", "Сколько минут").await?;
        press(&chat, "45 мин", "Сколько она стоит").await?;
        say(&chat, "1500", "Готово").await
    }

    /// Returns when the visit begins: more than a day from now, so that both reminders are due.
    async fn a_customer_books(&self) -> anyhow::Result<Timestamp> {
        self.scene("A customer books a visit");
        let chat = &self.customer;
        say(chat, "/start", "Салон Ольги").await?;
        say(chat, "📅 Записаться", "Выберите день").await?;
        let day = chat.last_button("d:").context("no day is free")?;
        press(chat, &day, "Выберите время").await?;
        let time = chat.last_button("t:").context("no time is free")?;
        press(chat, &time, "Проверьте").await?;
        press(chat, "✅ Подтвердить", "Вы записаны").await?;
        let owner = self.world.telegram.chat(SALON, self.owner.person());
        hear(&owner, "Анна").await?;
        let second = time.rsplit(':').next().and_then(|second| second.parse().ok());
        Timestamp::from_second(second.context("the button has no time")?)
            .context("the button has no time")
    }

    async fn reminders_come(&self, visit: Timestamp) -> anyhow::Result<()> {
        for before in [SignedDuration::from_hours(24), SignedDuration::from_hours(2)] {
            self.scene(&format!("The clock is moved to {} h before the visit", before.as_hours()));
            self.world.time.skip_to(&self.world.clock, visit - before)?;
            hear(&self.customer, "Напоминаем").await?;
        }
        Ok(())
    }

    async fn a_notification_is_lost(&self) -> anyhow::Result<()> {
        self.scene("The owner renews; YooKassa's notification is lost on the way");
        let chat = &self.owner;
        let before = self.world.browser.paid_until(SALON).await?;
        say(chat, "🤖 Мои боты", SALON).await?;
        press(chat, "Продлить", "Выберите").await?;
        chat.press("90 дней")?;
        self.world.shop.faults().notice_once(NoticeFault::Lose);
        self.open_the_page_and_pay().await?;
        self.world.time.skip(SignedDuration::from_mins(1))?;
        hear(chat, "Оплата получена").await?;
        let added = self.world.browser.paid_until(SALON).await?.duration_since(before);
        if added != SignedDuration::from_hours(90 * 24) {
            bail!("90 days were bought and {} hours were added", added.as_hours());
        }
        Ok(())
    }

    /// Follows the newest link to pay and pays on its page, as the buyer's browser would; returns
    /// the order.
    async fn open_the_page_and_pay(&self) -> anyhow::Result<String> {
        let message = self.owner.wait_for("К оплате", PATIENCE).await?;
        let pay = message.buttons.iter().flatten().find(|button| button.url.is_some());
        let url = pay.and_then(|button| button.url.clone()).context("the button has no link")?;
        self.world.browser.pay(&url).await?;
        let check = self.owner.last_button("check:").context("there is no button to check")?;
        Ok(check.trim_start_matches("check:").to_owned())
    }
}

async fn say(chat: &Chat, text: &str, answer: &str) -> anyhow::Result<()> {
    chat.send(text);
    hear(chat, answer).await
}

async fn press(chat: &Chat, label: &str, answer: &str) -> anyhow::Result<()> {
    chat.press(label)?;
    hear(chat, answer).await
}

async fn hear(chat: &Chat, needle: &str) -> anyhow::Result<()> {
    chat.wait_for(needle, PATIENCE).await?;
    Ok(())
}

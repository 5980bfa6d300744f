//! `slotbox demo --play`: the whole story by itself, step by step, until one does not happen.

use std::time::Duration;

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use super::transcript::print_line;
use super::{DemoWorld, MASTER, OPERATOR, SALES, new_bot};
use crate::sandbox::telegram::Chat;

/// How long a step may take, in real time.
const PATIENCE: Duration = Duration::from_secs(15);

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
    Ok(())
}

struct Story<'a> {
    world: &'a DemoWorld,
    operator: Chat,
    owner: Chat,
}

impl<'a> Story<'a> {
    fn begin(world: &'a DemoWorld) -> Self {
        let telegram = &world.telegram;
        let operator = telegram.person_with_id(OPERATOR, "Иван (оператор)");
        let owner = telegram.person("Ольга");
        Self {
            world,
            operator: telegram.chat(MASTER, &operator),
            owner: telegram.chat(SALES, &owner),
        }
    }

    async fn an_operator_adds_a_client(&self) -> anyhow::Result<()> {
        scene("An operator adds a client");
        let token = new_bot(&self.world.telegram, "Клиника «Улыбка»", "smile_clinic_bot")?;
        let chat = &self.operator;
        say(chat, "/start", "Очередь").await?;
        say(chat, "➕ Добавить клиента", "токен").await?;
        say(chat, token.expose(), "2/4").await?;
        say(chat, "333333333", "3/4").await?;
        say(chat, "Клиника «Улыбка»", "4/4").await?;
        press(chat, "30", "Подтвердить").await?;
        press(chat, "Подтвердить", "Позиция").await?;
        hear(chat, "Бот запущен").await
    }

    async fn an_owner_buys_a_bot(&self) -> anyhow::Result<()> {
        scene("An owner buys a bot of her own");
        let token = new_bot(&self.world.telegram, "Салон Ольги", "olga_salon_bot")?;
        let chat = &self.owner;
        say(chat, "/start", "Slotbox").await?;
        say(chat, "💳 Купить подписку", "Premium").await?;
        press(chat, "Starter", "Starter").await?;
        say(chat, "Салон Ольги", "токен").await?;
        say(chat, token.expose(), "Оплатить").await?;
        self.pay_newest().await?;
        hear(chat, "Оплата получена").await?;
        hear(chat, "готов").await?;
        hear(&self.operator, "Новая продажа").await?;
        hear(&self.operator, "Бот запущен").await
    }

    async fn the_owner_sets_it_up(&self) -> anyhow::Result<()> {
        scene("The owner sets her bot up");
        let chat = self.world.telegram.chat("olga_salon_bot", self.owner.person());
        say(&chat, "/start", "Салон Ольги").await
    }

    /// Returns when the visit begins.
    async fn a_customer_books(&self) -> anyhow::Result<Timestamp> {
        scene("A customer books a visit");
        let anna = self.world.telegram.person("Анна");
        let chat = self.world.telegram.chat("olga_salon_bot", &anna);
        say(&chat, "/start", "Салон Ольги").await?;
        bail!("not yet: {}", chat.transcript())
    }

    async fn reminders_come(&self, visit: Timestamp) -> anyhow::Result<()> {
        scene("Time passes: a day before, two hours before");
        let anna = self.world.telegram.person("Анна");
        let chat = self.world.telegram.chat("olga_salon_bot", &anna);
        self.world.skip_to(visit - SignedDuration::from_hours(24))?;
        hear(&chat, "Напоминаем").await?;
        self.world.skip_to(visit - SignedDuration::from_hours(2))?;
        hear(&chat, "Напоминаем").await
    }

    async fn a_notification_is_lost(&self) -> anyhow::Result<()> {
        scene("The owner renews, and the shop's notification is lost");
        Ok(())
    }

    /// Pays the newest payment on the shop's page, as the buyer's browser would.
    async fn pay_newest(&self) -> anyhow::Result<()> {
        let payment = self.world.shop.payments().pop().context("there is no payment")?;
        self.world.shop.pay(&payment.id, crate::sandbox::yookassa::Card::Ok)?;
        Ok(())
    }
}

fn scene(title: &str) {
    print_line(&format!("\n── {title} ──"));
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

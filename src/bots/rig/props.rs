//! What a conversation may find in the world when it begins.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use teloxide::requests::Requester;
use teloxide::types::ChatId;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::{PEOPLE, Rig};
use crate::bots::reply::{button, column};
use crate::bots::talk::Step;
use crate::domain::client::{Bot, Client, RuntimeState};
use crate::domain::ids::{BotId, ClientId, UserId};
use crate::domain::money::Money;
use crate::domain::order::Attention;
use crate::domain::payment::{Payment, PaymentState, Source};
use crate::domain::plan::Days;
use crate::domain::subscription::Subscription;
use crate::external::telegram::{Speaker, say};
use crate::store::{StoreError, clients, dialogues, payments};
use crate::texts::notices;

impl Rig {
    /// Lets time pass.
    pub(in crate::bots) fn advance(&self, by: SignedDuration) {
        self.hand.advance(by);
    }

    /// Returns the file that holds the database.
    pub(in crate::bots) fn database(&self) -> std::path::PathBuf {
        self.dir.path().join("t.redb")
    }

    /// Adds so many clients, each a day after the one before.
    pub(in crate::bots) async fn have_clients(&self, count: i64) {
        for number in 1..=count {
            let created_at = self.deps.clock.now() + SignedDuration::from_hours(24 * number);
            let client = Client {
                id: ClientId::new(created_at, [0; 10]),
                company: format!("Салон {number}").parse().unwrap(),
                owner: UserId::new(200).unwrap(),
                bot: Bot {
                    id: BotId(number),
                    username: format!("salon{number}_bot").parse().unwrap(),
                },
                plan: None,
                subscription: Subscription::Trial { until: created_at },
                runtime: RuntimeState::Running,
                problem: None,
                created_at,
            };
            let put = self.deps.store.write(move |txn| clients::put(txn, &client));
            put.await.unwrap();
        }
    }

    /// Has a payment wait for a person, and tells Olga of it.
    pub(in crate::bots) async fn have_attention(&self) {
        let why = Attention::PaidTwice;
        let payment = Payment {
            id: "2f1c0000-000f-5000-8000-000000000001".parse().unwrap(),
            source: Source::YooKassa,
            order: None,
            client: None,
            amount: "299.00".parse().unwrap(),
            refunded: Money::ZERO,
            days: Days::new(30).unwrap(),
            state: PaymentState::Attention(why),
            settled_at: self.deps.clock.now(),
        };
        let notice = notices::attention(self.deps.words(), &payment, why);
        let put = self.deps.store.write(move |txn| payments::put(txn, &payment));
        put.await.unwrap();
        let olga = UserId::new(PEOPLE[0].1).unwrap();
        say(self.deps.master.as_ref().unwrap(), olga, &notice).await.unwrap();
    }

    /// Has the bot show a person buttons that carry `data`, each under its label.
    pub(in crate::bots) async fn offer(&self, person: i64, buttons: &[(&str, &str)]) {
        offer(self.deps.sales.as_ref().unwrap(), person, buttons).await;
    }

    /// As [`Rig::offer`], of the Master Bot.
    pub(in crate::bots) async fn offer_by_master(&self, person: i64, buttons: &[(&str, &str)]) {
        offer(self.deps.master.as_ref().unwrap(), person, buttons).await;
    }

    /// Has the conversation with a person stand at a step.
    pub(in crate::bots) async fn have_step<S: Step>(&self, person: i64, step: &S) {
        let (bot, step) = (self.bot, step.clone());
        let put = self.deps.store.write(move |txn| dialogues::put(txn, bot, person, &step));
        put.await.map_err(|err: StoreError| err).unwrap();
    }

    /// Returns the step that the conversation with a person has reached.
    pub(in crate::bots) fn step<S: Step>(&self, person: i64) -> S {
        let kept = self.deps.store.read(|snap| dialogues::get(snap, self.bot, person));
        kept.map_err(|err: StoreError| err).unwrap().unwrap_or_default()
    }

    /// Has Anna write or do something, and returns all that the bot says to it.
    pub(in crate::bots) async fn answer_to(&mut self, line: &str) -> String {
        let chat = self.telegram.chat(self.username, &self.telegram.person_with_id(200, "anna"));
        let before = chat.messages().len();
        self.play(&format!("anna > {line}")).await;
        let new = chat.messages().into_iter().skip(before).filter(|it| it.from_bot);
        new.map(|it| it.text).collect::<Vec<_>>().join("\n")
    }

    /// Gives the bot of this name a new token, known as `new name`; the old one is revoked.
    pub(super) fn renew_token(&mut self, bot: &str) {
        let fresh = self.telegram.revoke_token(&self.tokens[bot]);
        self.tokens.insert(format!("new {bot}"), fresh);
    }

    /// Has another program take the updates of the bot of this name.
    pub(super) async fn send_elsewhere(&self, bot: &str) {
        let token = self.telegram.add_bot(bot, bot).parse().unwrap();
        let bot = self.deps.telegram.sender(&token);
        bot.set_webhook("https://old.example.com/bot".parse().unwrap()).await.unwrap();
    }

    /// Returns the id of the client that was added last.
    pub(in crate::bots) fn newest_client(&self) -> ClientId {
        let newest = self.deps.store.read(|snap| clients::list(snap, None, 1));
        newest.map_err(|err: StoreError| err).unwrap()[0].id
    }
}

async fn offer(voice: &Speaker, person: i64, buttons: &[(&str, &str)]) {
    use teloxide::requests::HasPayload;
    let mut message = voice.send_message(ChatId(person), "buttons");
    let markup = column(buttons.iter().map(|(label, data)| button(*label, data)));
    message.payload_mut().reply_markup = Some(markup.into());
    message.await.unwrap();
}

/// All that is logged on this thread.
#[derive(Clone, Default)]
pub(in crate::bots) struct Log(Arc<Mutex<String>>);

impl Log {
    /// Listens until the guard is dropped, to the finest detail.
    pub(in crate::bots) fn listen(&self) -> DefaultGuard {
        tracing_subscriber::registry().with(self.clone()).set_default()
    }

    /// Returns what was logged so far.
    pub(in crate::bots) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        span.record(&mut self.clone());
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut self.clone());
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

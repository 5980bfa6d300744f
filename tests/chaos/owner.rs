//! An owner: buys a bot, lets a customer book, and does what owners do.

use anyhow::{Context, ensure};
use slotbox::sandbox::yookassa::{Card, YooKassaSim};

use super::customer::Customer;
use super::person::Person;
use super::world::{SALES, World};

/// How often an owner begins anew before giving up.
const ATTEMPTS: usize = 6;
/// The plan that everybody buys.
const PLAN: &str = "30 дней";
const PLAN_DAYS: i64 = 30;
const TRIAL_DAYS: i64 = 7;

/// What kind of owner this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Buys,
    Renews,
    /// Orders the same bot twice and pays both.
    PaysTwice,
    /// Renews, and the operator gives the money back in the shop's cabinet.
    IsRefunded,
    /// The first card is declined.
    IsDeclined,
    /// Tries for free, then pays.
    TriesFirst,
}

const KINDS: [Kind; 6] = [
    Kind::Buys,
    Kind::Renews,
    Kind::PaysTwice,
    Kind::IsRefunded,
    Kind::IsDeclined,
    Kind::TriesFirst,
];

/// One owner before the story.
pub struct Owner {
    buyer: Buyer,
    customer: Customer,
    /// The owner at the chat with the own bot.
    at_own_bot: Person,
}

/// What the end must look like.
pub struct Story {
    pub owner: Person,
    pub customer: Customer,
    pub bot: String,
    /// How many days the client must have been granted in all.
    pub days: i64,
    /// The payments whose time counts.
    pub granted: Vec<String>,
    /// The payments that a person must decide on.
    pub held: Vec<String>,
    /// The payments that were given back.
    pub refunded: Vec<String>,
}

impl Owner {
    pub fn new(world: &World, number: usize) -> Self {
        let company = format!("Салон {number}");
        let bot = format!("salon_{number}_bot");
        let token = world.new_bot(&company, &bot);
        let olga = world.telegram.person(&format!("Ольга {number}"));
        Self {
            customer: Customer::new(world, &bot, number),
            at_own_bot: Person(world.telegram.chat(&bot, &olga)),
            buyer: Buyer {
                kind: KINDS[number % KINDS.len()],
                person: Person(world.telegram.chat(SALES, &olga)),
                shop: world.shop.clone(),
                company,
                bot,
                token,
            },
        }
    }

    /// Plays the whole story.
    pub async fn live(self) -> anyhow::Result<Story> {
        let (kind, bot) = (self.buyer.kind, self.buyer.bot.clone());
        let person = self.buyer.person.clone();
        let played = self.play().await;
        played.with_context(|| {
            format!("the owner of {bot}, who {kind:?}:\n{}", person.0.transcript().with_buttons())
        })
    }

    async fn play(self) -> anyhow::Result<Story> {
        let buyer = self.buyer;
        let mut story = Story {
            owner: buyer.person.clone(),
            bot: buyer.bot.clone(),
            customer: self.customer,
            days: 0,
            granted: Vec::new(),
            held: Vec::new(),
            refunded: Vec::new(),
        };
        buyer.begins(&mut story).await?;
        story.owner.hears("готов!", 1).await?;
        self.at_own_bot.say("/start", &buyer.company).await.context("the owner's own bot")?;
        let (booked, goes_on) = tokio::join!(story.customer.books(), buyer.goes_on());
        booked?;
        let (granted, refunded) = goes_on?;
        story.days += PLAN_DAYS * i64::try_from(granted.len() - refunded.len())?;
        story.granted.extend(granted);
        story.refunded.extend(refunded);
        Ok(story)
    }
}

/// An owner at the Sales Bot.
struct Buyer {
    kind: Kind,
    person: Person,
    shop: YooKassaSim,
    company: String,
    bot: String,
    token: String,
}

impl Buyer {
    /// Gets the bot, for money or to try it.
    async fn begins(&self, story: &mut Story) -> anyhow::Result<()> {
        match self.kind {
            Kind::TriesFirst => {
                self.tries().await?;
                story.days = TRIAL_DAYS;
            }
            Kind::PaysTwice => {
                // The same once more would be the same order.
                let second = format!("{} и партнёры", self.company);
                let first = self.orders(&self.company).await?;
                let second = self.orders(&second).await?;
                self.pays(&first)?;
                self.pays(&second)?;
                // Which one the shop's news reach first is chance; one of them waits for a person.
                story.held = vec![first, second];
                story.days = PLAN_DAYS;
            }
            Kind::IsDeclined => {
                let refused = self.orders(&self.company).await?;
                self.shop.pay(&refused, Card::Declined("insufficient_funds"))?;
                self.person.hears("Платёж отменён", 1).await?;
                self.buys(story).await?;
            }
            Kind::Buys | Kind::Renews | Kind::IsRefunded => self.buys(story).await?,
        }
        Ok(())
    }

    async fn buys(&self, story: &mut Story) -> anyhow::Result<()> {
        let payment = self.orders(&self.company).await?;
        self.pays(&payment)?;
        self.person.hears("Оплата получена:", 1).await?;
        story.granted.push(payment);
        story.days = PLAN_DAYS;
        Ok(())
    }

    /// What happens once the bot runs: the payments that were granted, and those given back.
    async fn goes_on(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        if !matches!(self.kind, Kind::Renews | Kind::IsRefunded | Kind::TriesFirst) {
            return Ok((Vec::new(), Vec::new()));
        }
        let before = self.person.heard("Оплата получена:");
        let payment = self.renews().await?;
        self.pays(&payment)?;
        self.person.hears("Оплата получена:", before + 1).await?;
        if self.kind != Kind::IsRefunded {
            return Ok((vec![payment], Vec::new()));
        }
        self.shop.refund_in_cabinet(&payment, None)?;
        Ok((vec![payment.clone()], vec![payment]))
    }

    fn pays(&self, payment: &str) -> anyhow::Result<()> {
        self.shop.pay(payment, Card::Ok).with_context(|| format!("paying {payment}"))?;
        Ok(())
    }

    /// Orders the bot and returns the payment that the link leads to.
    async fn orders(&self, company: &str) -> anyhow::Result<String> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.tries_to_order(company).await {
                Ok(payment) => return Ok(payment),
                Err(err) => last = Some(err),
            }
        }
        Err(last.context("no attempt")?.context("an owner gave up buying"))
    }

    async fn tries_to_order(&self, company: &str) -> anyhow::Result<String> {
        let known = self.person.links();
        self.person.say("/start", "Выберите действие").await?;
        self.person.say("💳 Купить подписку", "Тарифы").await?;
        self.person.press(PLAN, "Шаг 1 из 2").await?;
        self.person.say(company, "Шаг 2 из 2").await?;
        let say = || {
            self.person.0.send(&self.token);
            Ok(())
        };
        self.person.link_beside(&known, say).await
    }

    async fn tries(&self) -> anyhow::Result<()> {
        for _ in 0..ATTEMPTS {
            if self.tries_to_try().await.is_ok() || self.person.heard("готов!") > 0 {
                return Ok(());
            }
        }
        ensure!(self.person.heard("готов!") > 0, "an owner gave up trying");
        Ok(())
    }

    async fn tries_to_try(&self) -> anyhow::Result<()> {
        self.person.say("/start", "Выберите действие").await?;
        self.person.say("🎁 Попробовать бесплатно", "Шаг 1 из 2").await?;
        self.person.say(&self.company, "Шаг 2 из 2").await?;
        self.person.say(&self.token, "Пробный период начался").await
    }

    async fn renews(&self) -> anyhow::Result<String> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.tries_to_renew().await {
                Ok(payment) => return Ok(payment),
                Err(err) => last = Some(err),
            }
        }
        Err(last.context("no attempt")?.context("an owner gave up renewing"))
    }

    async fn tries_to_renew(&self) -> anyhow::Result<String> {
        let known = self.person.links();
        self.person.say("🤖 Мои боты", &self.bot).await?;
        // Beside an order that was left open, the bot is a button in a list.
        self.person.press("⚙️", "🏢").await.ok();
        self.person.press("🔄 Продлить", "🔄 Продление").await?;
        let press = || Ok(self.person.0.press(PLAN)?);
        self.person.link_beside(&known, press).await
    }
}

//! The three people of the demo and the chats in their phones.

use super::super::{MASTER, OPERATOR, SALES};
use super::facts::ClientFact;
use crate::sandbox::telegram::{Chat, Person, TelegramSim};
use crate::texts::Words;
use crate::texts::words::say;

/// One of the people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Role {
    Operator,
    Owner,
    Customer,
}

impl Role {
    pub(super) const ALL: [Self; 3] = [Self::Operator, Self::Owner, Self::Customer];

    /// Returns the name that addresses and styles know the person by.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Owner => "owner",
            Self::Customer => "customer",
        }
    }

    pub(super) fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Says what the person is to the business.
    pub(super) fn title(self, words: Words) -> String {
        match self {
            Self::Operator => say!(words, "demo-operator"),
            Self::Owner => say!(words, "demo-owner"),
            Self::Customer => say!(words, "demo-customer"),
        }
    }
}

/// The people, as the simulated Telegram knows them.
#[derive(Clone)]
pub(super) struct People {
    telegram: TelegramSim,
    people: [Person; 3],
}

impl People {
    /// Gives them their accounts, and the chats that there are from the beginning.
    pub(super) fn new(telegram: &TelegramSim, words: Words) -> Self {
        let people = [
            telegram.person_with_id(OPERATOR, &say!(words, "demo-operator-name")),
            telegram.person(&say!(words, "demo-owner-name")),
            telegram.person(&say!(words, "demo-customer-name")),
        ];
        let people = Self { telegram: telegram.clone(), people };
        // The operator was here before the visitor came, and so can be told of sales.
        telegram.chat(MASTER, people.person(Role::Operator)).send("/start");
        people.open(SALES, Role::Owner);
        people
    }

    pub(super) fn person(&self, role: Role) -> &Person {
        match role {
            Role::Operator => &self.people[0],
            Role::Owner => &self.people[1],
            Role::Customer => &self.people[2],
        }
    }

    /// Returns whose id this is.
    pub(super) fn role_of(&self, id: i64) -> Option<Role> {
        Role::ALL.into_iter().find(|role| self.person(*role).id() == id)
    }

    fn open(&self, bot: &str, role: Role) {
        drop(self.telegram.chat(bot, self.person(role)));
    }

    /// Opens the chats of a client's bot: its owner's, if that is one of the three, and the
    /// customer's.
    pub(super) fn meet(&self, client: &ClientFact) {
        if !self.telegram.has_bot(&client.bot_username) {
            return;
        }
        if let Some(owner) = self.role_of(client.admin_telegram_id) {
            self.open(&client.bot_username, owner);
        }
        self.open(&client.bot_username, Role::Customer);
    }

    /// Returns a person's chats; the bot that they begin with comes first.
    pub(super) fn chats(&self, role: Role) -> Vec<(String, Chat)> {
        let person = self.person(role);
        let of_client = |bot: &str| bot != MASTER && bot != SALES;
        let chats = self.telegram.chats();
        let mut bots: Vec<_> = chats
            .into_iter()
            .filter_map(|chat| (chat.person == person.id()).then_some(chat.bot))
            .collect();
        bots.sort_by_key(|bot| of_client(bot));
        bots.into_iter()
            .map(|bot| {
                let chat = self.telegram.chat(&bot, person);
                (bot, chat)
            })
            .collect()
    }

    /// Returns a chat that is in the person's phone.
    pub(super) fn chat(&self, role: Role, bot: &str) -> Option<Chat> {
        self.chats(role).into_iter().find(|(name, _)| name == bot).map(|(_, chat)| chat)
    }
}

//! Finding a client by what a person remembers of it.

use super::list_where;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::store::{Read, StoreError};

/// What is looked for: a part of the business's or the bot's name, or an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle(String);

impl Needle {
    /// Takes the words as a person writes them: case, `ё` for `е` and spaces around do not matter.
    pub fn new(text: &str) -> Self {
        Self(fold(text.trim()))
    }

    /// Tells whether the client is one of those looked for.
    pub fn finds(&self, client: &Client) -> bool {
        let Self(needle) = self;
        let bot = needle.strip_prefix('@').unwrap_or(needle);
        fold(client.company.as_str()).contains(needle)
            || fold(client.bot.username.as_str()).contains(bot)
            || is_start_of_id(needle, client.id)
            || *needle == client.owner.to_string()
            || *needle == client.bot.id.to_string()
    }
}

/// Returns up to `limit` clients whose business or bot has `text` in its name, whose id begins
/// with it, or whose owner or bot has it for a number; newest first. No words find every client.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn search(txn: &impl Read, text: &str, limit: usize) -> Result<Vec<Client>, StoreError> {
    let needle = Needle::new(text);
    list_where(txn, None, limit, |client| needle.finds(client))
}

/// The letters `c_` alone begin every id, so they mean a name.
fn is_start_of_id(needle: &str, id: ClientId) -> bool {
    needle.len() > 2 && needle.starts_with("c_") && id.to_string().starts_with(needle)
}

fn fold(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::client::{Bot, RuntimeState};
    use crate::domain::ids::{BotId, UserId};
    use crate::domain::subscription::Subscription;
    use crate::store::clients::put;
    use crate::store::disk::Disk;

    fn client(number: u8, company: &str, bot: &str) -> Client {
        let created_at = Timestamp::from_second(1_800_000_000 + i64::from(number)).unwrap();
        Client {
            id: ClientId::new(created_at, [number; 10]),
            company: company.parse().unwrap(),
            owner: UserId::new(700 + i64::from(number)).unwrap(),
            bot: Bot { id: BotId(9000 + i64::from(number)), username: bot.parse().unwrap() },
            plan: None,
            subscription: Subscription::Active { paid_until: created_at },
            runtime: RuntimeState::Running,
            problem: None,
            created_at,
        }
    }

    #[tokio::test]
    async fn a_client_is_found_by_name_bot_or_id_in_any_case() {
        let disk = Disk::default();
        let store = disk.open();
        let clients = [
            client(1, "Салон «Алёна»", "alyona_bot"),
            client(2, "Barber & Co", "BarberBot"),
            client(3, "АЛЕНА-2", "second_bot"),
        ];
        for it in clients.clone() {
            store.write(move |txn| put(txn, &it)).await.unwrap();
        }
        let id = clients[1].id.to_string();
        for (text, found) in [
            ("алена", &[3, 1][..]),
            (" АЛЁНА ", &[3, 1]),
            ("@barber", &[2]),
            ("barberbot", &[2]),
            ("BARBER &", &[2]),
            ("_bot", &[3, 1]),
            (&id, &[2]),
            (&id[..6], &[3, 2, 1]),
            ("c_", &[]),
            ("702", &[2]),
            ("9003", &[3]),
            ("70", &[]),
            ("", &[3, 2, 1]),
            ("%", &[]),
        ] {
            let by = |number: &u8| clients[usize::from(*number) - 1].clone();
            let found: Vec<Client> = found.iter().map(by).collect();
            assert_eq!(store.read(|snap| search(snap, text, 9)).unwrap(), found, "{text}");
        }
        assert_eq!(store.read(|snap| search(snap, "алена", 1)).unwrap().len(), 1);
    }
}

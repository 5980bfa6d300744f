//! Reads which person a message names: by number, as a contact, or as the sender of what was
//! forwarded.

use teloxide::types::{Message, MessageOrigin};

use crate::domain::ids::UserId;
use crate::texts::Words;
use crate::texts::words::say;

/// Why a message names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nobody {
    /// There is no number in it.
    NotANumber,
    /// The sender of what was forwarded does not show who it is.
    Hidden,
    /// The contact's owner is not known to Telegram.
    NoTelegram,
}

/// Returns the person that a message names.
pub(super) fn read(message: &Message) -> Result<UserId, Nobody> {
    let known = |id: u64| {
        let id = i64::try_from(id).map_err(|_| Nobody::NotANumber)?;
        UserId::new(id).map_err(|_| Nobody::NotANumber)
    };
    match message.forward_origin() {
        Some(MessageOrigin::User { sender_user, .. }) if !sender_user.is_bot => {
            return known(sender_user.id.0);
        }
        Some(_) => return Err(Nobody::Hidden),
        None => {}
    }
    if let Some(contact) = message.contact() {
        return contact.user_id.map_or(Err(Nobody::NoTelegram), |id| known(id.0));
    }
    let number = message.text().and_then(|text| text.trim().parse().ok());
    known(number.ok_or(Nobody::NotANumber)?)
}

/// Says why, and what to send instead.
pub(super) fn explain(words: Words, nobody: Nobody) -> String {
    match nobody {
        Nobody::NotANumber => say!(words, "master-bad-owner"),
        Nobody::Hidden => say!(words, "master-owner-hidden"),
        Nobody::NoTelegram => say!(words, "master-owner-no-telegram"),
    }
}

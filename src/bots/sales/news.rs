//! Whether a person hears what operators tell all owners.

use super::button::Button;
use super::counter::Counter;
use crate::bots::BotError;
use crate::bots::reply::{button, column};
use crate::store::StoreError;
use crate::store::news::{Unwanted, set_unwanted};
use crate::texts::words::say;

/// Remembers the wish, and offers the way back.
pub(super) async fn set(counter: Counter, unwanted: Unwanted) -> Result<(), BotError> {
    let person = counter.person();
    let write =
        counter.deps.store.write::<_, StoreError>(move |txn| set_unwanted(txn, person, unwanted));
    write.await?;
    let words = counter.words();
    let (text, label, back) = match unwanted {
        Unwanted::Yes => {
            (say!(words, "sales-news-off"), say!(words, "sales-button-news-on"), Unwanted::No)
        }
        Unwanted::No => {
            (say!(words, "sales-news-on"), say!(words, "sales-button-news-off"), Unwanted::Yes)
        }
    };
    counter.reply.say_with(text, column([button(label, Button::News(back))])).await
}

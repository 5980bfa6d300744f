//! What an operator says and presses, to whoever answers it. Commands and the menu win over
//! whatever was asked, and every button has its answer here.

use teloxide::types::{CallbackQuery, Message};

use super::menu::Wish;
use super::{
    Button, Desk, Step, add_client, backups, change, clients, decide, history, jobs, life,
    manual_payment, menu, news, orders, output, refund,
};
use crate::bots::BotError;
use crate::domain::ids::ClientId;
use crate::texts::words::say;

/// Answers what an operator has written or sent.
pub(super) async fn heard(desk: Desk, step: Step, message: Message) -> Result<(), BotError> {
    if let Some(wish) = message.text().and_then(Wish::read) {
        return Box::pin(menu::grant(desk, wish, &message)).await;
    }
    let client = ClientId::from_bits;
    match step {
        Step::Idle => menu::unknown(desk, &message).await,
        Step::AddToken => add_client::take_token(desk, &message).await,
        Step::AddOwner { bot } => add_client::take_owner(desk, &message, bot).await,
        Step::AddCompany { bot, owner } => {
            add_client::take_company(desk, &message, (bot, owner)).await
        }
        Step::AddDays { bot, owner, company } => {
            add_client::take_written_days(desk, &message, (bot, owner, company)).await
        }
        Step::AddConfirm(_)
        | Step::PayConfirm { .. }
        | Step::GrantConfirm { .. }
        | Step::NewsConfirm { .. } => desk.say(say!(desk.words(), "master-press-a-button")).await,
        Step::PaySearch => manual_payment::search(desk, &message).await,
        Step::PayDays { client } => manual_payment::take_written_days(desk, &message, client).await,
        Step::PayAmount { client, days } => {
            manual_payment::take_written_amount(desk, &message, (client, days)).await
        }
        Step::Search => clients::take_search(desk, &message).await,
        Step::GiveDays { client: id } => {
            change::take_written_gift(desk, &message, client(id)).await
        }
        Step::Rename { client: id } => change::take_name(desk, &message, client(id)).await,
        Step::NewOwner { client: id } => change::take_owner(desk, &message, client(id)).await,
        Step::NewToken { client: id } => change::take_token(desk, &message, client(id)).await,
        Step::GrantSearch { payment } => decide::take_grantee(desk, &message, payment).await,
        Step::DismissNote { payment } => decide::take_note(desk, &message, payment).await,
        Step::News => news::take_text(desk, &message).await,
    }
}

/// Answers a pressed button.
pub(super) async fn pressed(desk: Desk, step: Step, query: CallbackQuery) -> Result<(), BotError> {
    match query.data.and_then(|data| data.parse().ok()) {
        Some(button @ (Button::Days(_) | Button::Amount(_) | Button::Confirm(_))) => {
            Box::pin(answer(desk, step, button)).await
        }
        Some(button) => Box::pin(open(desk, button)).await,
        None => {
            desk.stale();
            Ok(())
        }
    }
}

/// Answers a button that goes on with what was asked; one of another question is stale.
async fn answer(desk: Desk, step: Step, button: Button) -> Result<(), BotError> {
    match (button, step) {
        (Button::Days(days), Step::AddDays { bot, owner, company }) => {
            add_client::take_days(desk, (bot, owner, company), days).await
        }
        (Button::Days(days), Step::PayDays { client }) => {
            manual_payment::take_days(desk, client, days).await
        }
        (Button::Days(days), Step::GiveDays { client }) => {
            change::take_gift(desk, ClientId::from_bits(client), days).await
        }
        (Button::Amount(amount), Step::PayAmount { client, days }) => {
            manual_payment::take_amount(desk, (client, days), amount).await
        }
        (Button::Confirm(pressed), Step::AddConfirm(draft)) if draft.asked == pressed => {
            add_client::confirm(desk, draft).await
        }
        (Button::Confirm(pressed), Step::PayConfirm { client, days, kopecks, asked })
            if asked == pressed =>
        {
            manual_payment::confirm(desk, (client, days, kopecks)).await
        }
        (Button::Confirm(pressed), Step::GrantConfirm { payment, client, asked })
            if asked == pressed =>
        {
            decide::confirm(desk, payment, client.map(ClientId::from_bits)).await
        }
        (Button::Confirm(pressed), Step::NewsConfirm { text, asked }) if asked == pressed => {
            news::confirm(desk, &text).await
        }
        _ => {
            desk.stale();
            Ok(())
        }
    }
}

/// Answers a button that stands for itself.
async fn open(desk: Desk, button: Button) -> Result<(), BotError> {
    match button {
        Button::Days(_) | Button::Amount(_) | Button::Confirm(_) => {
            desk.stale();
            Ok(())
        }
        Button::Cancel => menu::leave(desk).await,
        Button::Page(before) => clients::turn_page(desk, before).await,
        Button::Newer(after) => clients::turn_back(desk, after).await,
        Button::Search => clients::ask_search(desk).await,
        Button::Client(client) => clients::open(desk, client).await,
        Button::Pay(client) => manual_payment::take_client(desk, client).await,
        Button::Suspend(client) => life::pause(desk, client).await,
        Button::Resume(client) => life::go_on(desk, client).await,
        Button::Restart(client) => life::start_anew(desk, client).await,
        Button::CancelClient(client) => life::ask_cancel(desk, client).await,
        Button::CancelClientNow(client) => life::give_up(desk, client).await,
        Button::Remove(client) => life::ask_remove(desk, client).await,
        Button::RemoveOn(client) => life::ask_remove_again(desk, client).await,
        Button::RemoveNow(client) => life::take_away(desk, client).await,
        Button::Undo(client, at) => life::take_back(desk, client, at).await,
        Button::Give(client) => change::ask_gift(desk, client).await,
        Button::Rename(client) => change::ask_name(desk, client).await,
        Button::Owner(client) => change::ask_owner(desk, client).await,
        Button::Token(client) => change::ask_token(desk, client).await,
        Button::Payments(client, page) => history::payments_of(desk, client, page).await,
        Button::Log(client, before) => history::log_of(desk, client, before).await,
        Button::Output(client) => output::show(desk, client).await,
        Button::Audit(before) => history::audit(desk, before).await,
        Button::Orders => orders::overview(desk).await,
        Button::Held => orders::held(desk).await,
        Button::HeldOne(payment) => orders::held_one(desk, &payment).await,
        Button::Undelivered => orders::undelivered(desk).await,
        Button::OpenOrders => orders::open(desk).await,
        Button::Grant(payment) => decide::ask_grant(desk, &payment, None).await,
        Button::GrantOther(payment) => decide::ask_grantee(desk, &payment).await,
        Button::GrantTo(client) => decide::pick_grantee(desk, client).await,
        Button::Dismiss(payment) => decide::ask_note(desk, &payment).await,
        Button::DismissNow(payment) => decide::dismiss_plain(desk, payment).await,
        Button::Reopen(payment) => decide::take_back(desk, payment).await,
        Button::Refund(payment) => refund::ask(desk, payment).await,
        Button::RefundNow(payment) => refund::give_back(desk, payment).await,
        Button::Backups => backups::overview(desk).await,
        Button::BackUpNow => backups::make(desk).await,
        Button::Queue => jobs::overview(desk).await,
        Button::Jobs(state) => jobs::list(desk, state).await,
        Button::Retry(job) => jobs::retry(desk, job).await,
        Button::RetryAll => jobs::retry_all(desk).await,
        Button::Drop(job) => jobs::drop_one(desk, job).await,
    }
}

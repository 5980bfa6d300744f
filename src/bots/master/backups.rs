//! The host's backups in an operator's hands: how old the last is, and one more now.

use super::{Button, Desk};
use crate::actions::back_up::ask_backup;
use crate::bots::BotError;
use crate::bots::reply::{button, grid};
use crate::domain::job::Job;
use crate::store::{StoreError, host_backups, queue};
use crate::texts::master::{self as texts, BackupsView};
use crate::texts::words::say;

/// Shows how the backups stand.
pub(super) async fn overview(desk: Desk) -> Result<(), BotError> {
    show(&desk).await
}

/// Makes one now, and shows that it is being made.
pub(super) async fn make(desk: Desk) -> Result<(), BotError> {
    ask_backup(&desk.deps, desk.cause(), desk.actor()).await.map_err(BotError::action)?;
    show(&desk).await
}

async fn show(desk: &Desk) -> Result<(), BotError> {
    let (words, now) = (desk.words(), desk.now());
    let kind = Job::BackUpHost(now).kind();
    let look = desk.deps.store.scan(move |snap| {
        let counts = queue::overview(snap, now)?.by_kind.get(kind).copied().unwrap_or_default();
        Ok::<_, StoreError>((host_backups::get(snap)?, counts.running + counts.queued > 0))
    });
    let (record, is_made) = look.await?;
    let trouble = desk.deps.vault.trouble().map(|it| (it.why, it.cure));
    let view = BackupsView {
        record,
        is_made,
        trouble,
        destination: desk.deps.vault.destination().to_owned(),
        keep: desk.deps.config.backup.keep,
    };
    let refresh = button(say!(words, "master-button-backups-refresh"), Button::Backups);
    let make = button(say!(words, "master-button-back-up"), Button::BackUpNow);
    let row = if is_made { vec![refresh] } else { vec![make, refresh] };
    desk.reply.show(texts::backups(words, &view, (now, desk.zone())), grid([row])).await
}

//! Which client a person means.

use anyhow::bail;

use crate::cli::Host;
use crate::cli::host::Part;
use crate::cli::list::has;
use crate::cli::shape::Client;
use crate::cli::table::Table;
use crate::domain::ids::ClientId;
use crate::external::control::Ask;

/// How many candidates are listed.
const LISTED: usize = 10;

/// Finds the client that `text` names: its id, its `@bot`, its whole name, or a part of its name
/// or bot that no other client has.
///
/// # Errors
///
/// Returns who might have been meant.
pub(in crate::cli) async fn find(host: &Host, text: &str) -> anyhow::Result<Client> {
    let text = text.trim();
    if text.parse::<ClientId>().is_ok() {
        return Ok(host.control.ask(Ask::get(&format!("/api/clients/{text}"))).await?);
    }
    let all = host.list::<Client>("/api/clients", &Part { limit: 0, cursor: None }, |_| true);
    let all: Vec<_> = all.await?.items.into_iter().map(|(_, client)| client).collect();
    let mut found = choose(all, text);
    match (found.pop(), found.is_empty()) {
        (None, _) => bail!("no client is named {text:?}; see: slotbox clients list"),
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            found.push(last);
            bail!("{}", ambiguous(host, text, &found))
        }
    }
}

/// Returns who fits best: by bot or whole name, else by part.
fn choose(all: Vec<Client>, text: &str) -> Vec<Client> {
    let bot = text.strip_prefix('@');
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let whole = |client: &Client| {
        same(&client.bot_username, bot.unwrap_or(text))
            || bot.is_none() && same(&client.company_name, text)
    };
    let part = |client: &Client| {
        bot.is_none()
            && !text.is_empty()
            && (has(&client.company_name, text) || has(&client.bot_username, text))
    };
    if all.iter().any(whole) {
        all.into_iter().filter(whole).collect()
    } else {
        all.into_iter().filter(part).collect()
    }
}

fn ambiguous(host: &Host, text: &str, found: &[Client]) -> String {
    let mut table = Table::new(vec!["CLIENT", "NAME", "BOT"]);
    for client in found.iter().take(LISTED) {
        let bot = format!("@{}", client.bot_username);
        table.row([(&client.client_id).into(), (&client.company_name).into(), bot.into()]);
    }
    let more = found.len().saturating_sub(LISTED);
    let more = if more == 0 { String::new() } else { format!("  and {more} more\n") };
    let table = table.render(&host.look, 2);
    format!("{text:?} fits {} clients; name one by its id or @bot:\n{table}{more}", found.len())
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients(names: &[(&str, &str)]) -> Vec<Client> {
        let client = |(name, bot): &(&str, &str)| Client {
            client_id: format!("c_{bot}"),
            company_name: (*name).to_owned(),
            bot_username: (*bot).to_owned(),
            admin_telegram_id: 1,
            state: "active".to_owned(),
            runtime: "running".to_owned(),
            plan_id: None,
            subscription_expires_at: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
        };
        names.iter().map(client).collect()
    }

    #[test]
    fn a_whole_name_goes_before_a_part() {
        let all = [("Салон", "one_bot"), ("Салон Ёлка", "two_bot"), ("Hair", "hair_bot")];
        let found = |text: &str| {
            let found = choose(clients(&all), text).into_iter().map(|it| it.bot_username);
            found.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("салон"), "one_bot");
        assert_eq!(found("САЛ"), "one_bot two_bot");
        assert_eq!(found("ёлка"), "two_bot");
        assert_eq!(found("@TWO_bot"), "two_bot");
        assert_eq!(found("hair_bot"), "hair_bot");
        assert_eq!(found("@hair"), "");
        assert_eq!(found(""), "");
    }
}

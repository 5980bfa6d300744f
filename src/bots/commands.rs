//! The commands that Telegram offers beside the input field.

use teloxide::requests::Requester;
use teloxide::types::BotCommand;

use crate::external::telegram::{Speaker, TelegramError};

/// Has Telegram offer the bot's commands, each with what it is for. Safe to repeat.
///
/// # Errors
///
/// Returns [`TelegramError`]; the bot works all the same.
pub async fn offer(
    bot: &Speaker,
    commands: &[(&'static str, String)],
) -> Result<(), TelegramError> {
    let commands = commands.iter().map(|(name, about)| BotCommand::new(*name, about.as_str()));
    bot.ask(bot.set_my_commands(commands)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::locale::Locale;
    use crate::domain::token::BotToken;
    use crate::external::telegram::Telegram;
    use crate::metrics::BotRole;
    use crate::sandbox::telegram::TelegramSim;
    use crate::texts::{Words, master};

    #[tokio::test]
    async fn telegram_takes_the_operators_commands() {
        let sim = TelegramSim::start(Clock::system()).await.unwrap();
        let token: BotToken = sim.add_bot("Master", "master_bot").parse().unwrap();
        let bot = Telegram::new(&sim.url(), None).unwrap().speaker(BotRole::Master, &token);
        for locale in Locale::ALL {
            let commands = master::commands(Words::new(locale));
            offer(&bot, &commands).await.unwrap();
            let known = bot.get_my_commands().await.unwrap();
            assert_eq!(known.len(), commands.len());
            assert!(known.iter().all(|it| (3..=256).contains(&it.description.chars().count())));
        }
    }
}

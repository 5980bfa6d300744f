//! The demo's console: a person plays all the people, line by line.

use std::io::stdin;

use jiff::SignedDuration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::transcript::print_line;
use super::{DemoWorld, MASTER, OPERATOR, SALES};
use crate::sandbox::telegram::{Chat, Person};
use crate::sandbox::yookassa::Card;

/// Reads lines and does what they say until `quit` or `stop`. At the end of the input it waits.
pub(super) async fn run(world: &DemoWorld, stop: &CancellationToken) {
    print_line(&welcome(world));
    let mut lines = typed_lines();
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            () = stop.cancelled() => return,
        };
        match line {
            Some(line) if matches!(line.trim(), "quit" | "exit") => return,
            Some(line) => {
                if let Err(problem) = act(world, line.trim()) {
                    print_line(&format!("? {problem}"));
                }
            }
            None => return stop.cancelled().await,
        }
    }
}

/// Reads the standard input on a thread that nobody waits for: a read cannot be called off.
fn typed_lines() -> mpsc::UnboundedReceiver<String> {
    let (typed, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in stdin().lines().map_while(Result::ok) {
            if typed.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn welcome(world: &DemoWorld) -> String {
    format!(
        "Slotbox runs at http://{address} with a simulated Telegram and a simulated YooKassa.\n\
         All data is in {dir} and goes when you leave: Ctrl-C.\n\n{HELP}\n\n\
         The API, with the token of this demo:\n\
         \x20 curl -H \"Authorization: Bearer $(cat {dir}/api-token)\" http://{address}/api/clients\n\
         The story by itself: slotbox demo --play\n",
        address = world.address(),
        dir = world.dir().display(),
    )
}

const HELP: &str = "\
What to try. You are everybody here; type one line at a time:
  owner: /start                     an owner writes to the Sales Bot
  owner: [Купить]                   presses the newest button with this in its text
  newbot salon_bot Салон            has BotFather make a bot, and tells you its token
  pay                               pays the newest payment; `decline` has the bank refuse it
  operator: /start                  the operator writes to the Master Bot
  owner@salon_bot: /start           the owner writes to the own bot
  customer@salon_bot: /start        a customer writes to it
  skip 24h                          moves the clock, so that reminders come
  help, quit";

fn act(world: &DemoWorld, line: &str) -> Result<(), String> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("", _) => Ok(()),
        ("help", _) => {
            print_line(HELP);
            Ok(())
        }
        ("newbot", rest) => new_bot(world, rest),
        ("pay", _) => pay(world, Card::Ok),
        ("decline", _) => pay(world, Card::Declined("insufficient_funds")),
        ("skip", length) => skip(world, length),
        _ => speak(world, line),
    }
}

fn new_bot(world: &DemoWorld, rest: &str) -> Result<(), String> {
    let (username, name) = rest.trim().split_once(' ').unwrap_or((rest.trim(), "Бот"));
    if username.is_empty() {
        return Err("say which one: newbot salon_bot Салон".to_owned());
    }
    let token = super::new_bot(&world.telegram, name, username).map_err(|err| err.to_string())?;
    print_line(&format!("@{username} has the token {}", token.expose()));
    Ok(())
}

fn pay(world: &DemoWorld, card: Card) -> Result<(), String> {
    let payment = world.shop.payments().pop().ok_or("nobody has ordered anything yet")?;
    world.shop.pay(&payment.id, card).map(drop).map_err(|err| err.to_string())
}

fn skip(world: &DemoWorld, length: &str) -> Result<(), String> {
    let length: SignedDuration =
        length.parse().map_err(|_| "say how far: skip 24h, skip 30m, skip 3d".to_owned())?;
    world.time.skip(length).map_err(|err| err.to_string())
}

/// `who: words` or `who@bot: words`; `[label]` presses a button.
fn speak(world: &DemoWorld, line: &str) -> Result<(), String> {
    let (who, words) = line.split_once(':').ok_or("type `help` to see what can be said")?;
    let chat = chat(world, who.trim())?;
    let words = words.trim();
    if let Some(label) = words.strip_prefix('[').and_then(|label| label.strip_suffix(']')) {
        return chat.press(label).map_err(|err| err.to_string());
    }
    chat.send(words);
    Ok(())
}

fn chat(world: &DemoWorld, who: &str) -> Result<Chat, String> {
    let (name, bot) = who.split_once('@').unwrap_or((who, ""));
    let person: Person = match name {
        "operator" => world.telegram.person_with_id(OPERATOR, "operator"),
        "owner" | "customer" => world.telegram.person(name),
        _ => return Err(format!("nobody is called {name}: operator, owner or customer")),
    };
    let usual = match name {
        "operator" => MASTER,
        "owner" => SALES,
        _ if bot.is_empty() => return Err("to which bot? customer@salon_bot: …".to_owned()),
        _ => bot,
    };
    Ok(world.telegram.chat(if bot.is_empty() { usual } else { bot }, &person))
}

//! What a person is asked, one question at a time; a wrong answer is asked for again.

use super::Setup;
use super::gather::{Gathered, usual_runtime};
use super::place::Place;
use crate::cli::{ask, complain, print};
use crate::config::{Config, Staged};
use crate::external::engines::FoundEngine;

/// One question.
struct Question {
    key: &'static str,
    words: &'static str,
    /// What an empty answer means where nothing stands.
    usual: &'static str,
}

const fn asks(key: &'static str, words: &'static str, usual: &'static str) -> Question {
    Question { key, words, usual }
}

/// Asks what was not given as an option.
pub(super) fn ask_all(
    gathered: &mut Gathered,
    setup: &Setup,
    place: &Place,
    engines: &[FoundEngine],
) -> anyhow::Result<()> {
    print("Enter keeps what stands in brackets.\n\n");
    let mut asker = Asker { gathered, place };
    asker.public_side(setup)?;
    if setup.proxy_file.is_none() {
        asker.secret(
            "telegram.proxy",
            "URL of a proxy to Telegram, if one is needed",
            "--proxy-file",
        )?;
    }
    if setup.master_token_file.is_none() {
        let words = "Token of the Master Bot, from @BotFather";
        asker.secret("telegram.master_token", words, "--master-token-file")?;
    }
    if setup.sales_token_file.is_none() {
        let words = "Token of the Sales Bot";
        asker.secret("telegram.sales_token", words, "--sales-token-file")?;
    }
    if setup.operators.is_empty() {
        asker.operators()?;
    }
    if setup.shop.is_none() {
        let words = "Number of the shop at YooKassa (empty: none for now)";
        asker.text(&asks("yookassa.shop_id", words, ""))?;
    }
    if setup.shop_key_file.is_none() && asker.gathered.text("yookassa.shop_id").is_some() {
        asker.secret("yookassa.secret_key", "The shop's secret key", "--shop-key-file")?;
    }
    if setup.support.is_none() {
        asker.text(&asks("server.support", "Telegram name of your support (may be empty)", ""))?;
    }
    if setup.runtime.is_none() {
        print(&found(engines));
        let words = "What runs the clients' bots: docker or process";
        asker.text(&asks("runtime.kind", words, usual_runtime(engines)))?;
    }
    if setup.locale.is_none() {
        asker.text(&asks("server.locale", "Language of bots and notices: ru or en", "ru"))?;
    }
    if setup.timezone.is_none() {
        asker.text(&asks("server.timezone", "Time zone", "Europe/Moscow"))?;
    }
    Ok(())
}

/// Says which engines there are.
fn found(engines: &[FoundEngine]) -> String {
    if engines.is_empty() {
        return "No container engine answers (apt install docker.io gives one).\n".to_owned();
    }
    let told = |it: &FoundEngine| {
        let more = if it.name == "Docker" {
            ""
        } else {
            "; name it to the deployer: systemctl edit slotbox-deployer (slotbox deployer --help)"
        };
        format!("Found {} {} on {}{more}\n", it.name, it.version, it.socket.display())
    };
    engines.iter().map(told).collect()
}

struct Asker<'a> {
    gathered: &'a mut Gathered,
    place: &'a Place,
}

impl Asker<'_> {
    /// Asks for the name and its certificate.
    fn public_side(&mut self, setup: &Setup) -> anyhow::Result<()> {
        if setup.domain.is_none() {
            self.text(&asks("server.domain", "Public name of this host (bots.example.ru)", ""))?;
        }
        if setup.tls.is_none() {
            let words = "Certificate: acme gets it by itself, files or off (a server in front)";
            self.text(&asks("tls.mode", words, "acme"))?;
        }
        let mode = self.gathered.text("tls.mode").unwrap_or_default();
        if setup.contact.is_none() && mode == "acme" {
            self.text(&asks(
                "tls.contact",
                "E-mail for the authority's warnings (may be empty)",
                "",
            ))?;
        }
        if mode == "files" {
            self.text(&asks("tls.cert_file", "File of the certificate and its chain", ""))?;
            self.text(&asks("tls.key_file", "File of its private key", ""))?;
        }
        Ok(())
    }

    fn text(&mut self, question: &Question) -> anyhow::Result<()> {
        loop {
            let known = self.gathered.answers.text(question.key);
            let stands = self.gathered.text(question.key);
            let shown = stands.as_deref().unwrap_or(question.usual);
            let brackets = if shown.is_empty() { String::new() } else { format!(" [{shown}]") };
            let asked = ask::question(&format!("{}{brackets}: ", question.words))?;
            let answer = asked.filter(|text| !text.is_empty()).unwrap_or_else(|| shown.to_owned());
            if answer.is_empty() || stands.as_ref() == Some(&answer) {
                return Ok(()); // What another file says stays that file's.
            }
            self.gathered.answers.set(question.key, &answer);
            if self.is_fine(question.key) {
                return Ok(());
            }
            match known {
                Some(known) => self.gathered.answers.set(question.key, &known),
                None => drop(self.gathered.answers.take(question.key)),
            }
        }
    }

    fn secret(&mut self, key: &str, words: &str, option: &str) -> anyhow::Result<()> {
        let stands = self.gathered.has_secret(key, self.place);
        let brackets = if stands { " [kept]" } else { " [none]" };
        loop {
            let asked =
                ask::secret_or_nothing(&format!("{words}{brackets}, typed unseen"), option)?;
            let Some(secret) = asked else { return Ok(()) };
            self.gathered.secrets.insert(key.to_owned(), secret);
            if self.is_fine(key) {
                return Ok(());
            }
            self.gathered.secrets.remove(key);
        }
    }

    fn operators(&mut self) -> anyhow::Result<()> {
        const KEY: &str = "telegram.operators";
        let known = self.gathered.answers.numbers(KEY);
        let stands =
            if known.is_empty() { self.gathered.standing.numbers(KEY) } else { known.clone() };
        let shown: Vec<_> = stands.iter().map(i64::to_string).collect();
        let words = "Operators' numbers at Telegram (empty: a one-time link makes the first)";
        loop {
            let asked = ask::question(&format!("{words} [{}]: ", shown.join(" ")))?;
            let Some(text) = asked.filter(|text| !text.is_empty()) else { return Ok(()) };
            let numbers = text.split([' ', ',']).filter(|it| !it.is_empty()).map(str::parse);
            match numbers.collect::<Result<Vec<i64>, _>>() {
                Ok(numbers) => {
                    self.gathered.answers.set_numbers(KEY, &numbers);
                    if self.is_fine(KEY) {
                        return Ok(());
                    }
                    self.gathered.answers.set_numbers(KEY, &known);
                }
                Err(_) => complain(&"  expected numbers, such as 111111111"),
            }
        }
    }

    /// Tells what is wrong with what was just answered.
    fn is_fine(&self, key: &str) -> bool {
        let staged = Staged {
            file: Some((self.place.file.clone(), self.gathered.answers.to_toml(""))),
            credentials: self.gathered.secrets.clone(),
        };
        let Err(problems) = Config::rehearse(&self.place.sources, &staged) else { return true };
        // What belongs to it and is asked for next may be missing yet.
        let wrong: Vec<_> =
            problems.about(key).into_iter().filter(|it| !it.contains("missing: ")).collect();
        for words in &wrong {
            complain(&format_args!("  {words}"));
        }
        wrong.is_empty()
    }
}

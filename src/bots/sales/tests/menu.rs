//! Commands and the menu against every step.

use crate::bots::rig::Rig;
use crate::bots::sales::Step;
use crate::bots::sales::menu::{LABELS, Wish};
use crate::domain::locale::Locale;
use crate::texts::Words;
use crate::texts::sales::commands;

/// Every question that the bot asks.
fn steps() -> Vec<Step> {
    let (plan, company) = (|| "1m".to_owned(), || "Salon".to_owned());
    vec![
        Step::BuyCompany { plan: plan() },
        Step::BuyEmail { plan: plan(), company: company() },
        Step::BuyToken { plan: plan(), company: company(), email: None },
        Step::RenewEmail { plan: plan(), client: 1 },
        Step::TryCompany,
        Step::TryToken { company: company() },
        Step::ConnectToken { order: 1 },
        Step::NewToken { client: 1 },
        Step::OtherToken { client: 1 },
    ]
}

/// All that a person can write to get somewhere: each command, and each label in each language.
fn wishes() -> Vec<String> {
    let labels = Locale::ALL
        .iter()
        .flat_map(|locale| LABELS.iter().map(|(label, _)| label(Words::new(*locale))));
    let trial = Some(crate::domain::plan::Days::new(7).unwrap());
    let commands = commands(Words::new(Locale::En), trial);
    labels.chain(commands.iter().map(|(command, _)| format!("/{command}"))).collect()
}

/// D-018: a menu's text was taken for the business's name. Whatever was asked, a command and the
/// menu get their own answer, and the question is over.
#[tokio::test]
async fn the_menu_wins_over_every_question() {
    let mut rig = Rig::sales(&[]).await;
    for wish in wishes() {
        assert!(Wish::read(&wish).is_some(), "{wish} is not understood");
        rig.have_step(200, &Step::Idle).await;
        let plain = rig.answer_to(&wish).await;
        for step in steps() {
            rig.have_step(200, &step).await;
            let answer = rig.answer_to(&wish).await;
            if wish == "/cancel" {
                assert_eq!(answer, "❌ Отменено. Выберите действие в меню 👇", "{step:?}");
            } else {
                assert_eq!(answer, plain, "{wish} was taken for an answer at {step:?}");
            }
            let after = if wish == "/try" || wish.starts_with("🎁") {
                Step::TryCompany
            } else {
                Step::Idle
            };
            assert_eq!(rig.step::<Step>(200), after, "{wish} at {step:?}");
        }
    }
}

/// What a person sends that is no text is no answer either, and the question stays.
#[tokio::test]
async fn a_picture_answers_no_question() {
    let mut rig = Rig::sales(&[]).await;
    for step in steps() {
        rig.have_step(200, &step).await;
        let answer = rig.answer_to("[photo]").await;
        assert!(answer.contains("отправьте ответ текстом"), "{step:?}: {answer}");
        assert_eq!(rig.step::<Step>(200), step);
    }
}

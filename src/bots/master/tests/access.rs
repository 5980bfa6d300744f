//! Only operators are let in, and nobody else changes anything.

use std::collections::BTreeMap;

use expect_test::expect;

use super::super::button::tests::each;
use crate::actions::operators::{self, Followed, LINK_LIVES, make_link};
use crate::bots::rig::{Log, Rig};
use crate::domain::actor::Actor;
use crate::domain::ids::{PaymentId, UserId};
use crate::store::{StoreError, audit, clients, payments, queue};

/// O-01
#[tokio::test]
async fn only_operators_are_let_in() {
    let rig = Rig::master(&[]).await;
    rig.check(expect![[r"
        anna > /start
        bot  > ⛔ У вас нет доступа к этому боту. Ваш Telegram ID: 200. Если вы оператор, впишите его в telegram.operators или получите ссылку: slotbox operators link.
        anna > /queue
        anna > /clients
        anna > ➕ Добавить клиента
        anna > 123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8
        olga > /start
        bot  > 👋 Здравствуйте, olga!

               Это Master Bot. Здесь можно:
               • добавлять клиентов и запускать их ботов
               • принимать оплату и продлевать подписки
               • решать, что делать с платежами, которые ждут человека
               • смотреть, что с клиентами и с очередью

               ✅ Очередь активна
               📋 Задач в очереди: 0
    "]])
    .await;
}

/// All that a stranger could change, as text.
fn state(rig: &Rig) -> String {
    let now = rig.deps.clock.now();
    let read = rig.deps.store.read(|snap| {
        Ok::<_, StoreError>((
            clients::list(snap, None, 99)?,
            payments::list(snap, None, 99)?,
            audit::list(snap, None, 99)?,
            queue::list(snap, None, 99, now)?,
        ))
    });
    format!("{:?}", read.unwrap())
}

/// D-035, D-036, D-037, D-038: every command, label, answer and button, from one who is no operator.
#[tokio::test]
async fn a_stranger_is_refused_everything() {
    let mut rig = Rig::master(&[]).await;
    rig.have_clients(2).await;
    rig.play("olga > /start").await;
    rig.have_attention().await;
    let payment: PaymentId = "2f1c0000-000f-5000-8000-000000000001".parse().unwrap();
    rig.play("anna > /start").await;
    let before = state(&rig);
    let said = |rig: &Rig| rig.transcript().lines().filter(|it| it.starts_with("bot ")).count();
    let answers = said(&rig);
    for text in [
        "/help",
        "/queue",
        "/stats",
        "/clients",
        "/find салон",
        "/orders",
        "/audit",
        "/cancel",
        "➕ Добавить клиента",
        "💰 Принять оплату",
        "👥 Список клиентов",
        "🧾 Заказы и платежи",
        "⚙️ Очередь",
        "📊 Статистика",
        "❓ Помощь",
        "❌ Отмена",
        "➕ Add a client",
        "👥 Clients",
        "200",
        "Салон",
        "30",
        "[photo]",
        "[contact +79000000002]",
        "{salon_bot}",
    ] {
        rig.play(&format!("anna > {text}")).await;
    }
    assert_eq!(said(&rig), answers, "a stranger was answered:\n{}", rig.transcript());
    let buttons = each(rig.newest_client(), &payment, 1);
    let data: BTreeMap<_, _> = buttons.iter().map(|it| (it.to_string(), it.to_string())).collect();
    let offered: Vec<_> = data.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    rig.offer_by_master(200, &offered).await;
    let answers = said(&rig);
    for data in data.keys() {
        rig.play(&format!("anna > [{data}]")).await;
    }
    assert_eq!(state(&rig), before);
    let talk = rig.transcript();
    let refused = talk.lines().filter(|line| line.starts_with("bot  ! ⛔")).count();
    assert_eq!(refused, data.len(), "{talk}");
    assert_eq!(said(&rig) - answers, data.len(), "only refusals:\n{talk}");
}

/// D-136: an operator's press on any button is answered, also if it belongs to nothing any more.
#[tokio::test]
async fn every_button_is_answered() {
    let mut rig = Rig::master(&[("TELEGRAM__OPERATORS", "[100, 200, 201]")]).await;
    let people = [("olga", 100), ("anna", 200), ("boris", 201)];
    rig.play("olga > /start\nanna > /start\nboris > /start").await;
    let nobody = crate::domain::ids::ClientId::from_bits(7);
    let payment: PaymentId = "2f1c0000-000f-5000-8000-000000000009".parse().unwrap();
    let buttons = each(nobody, &payment, 1);
    for (button, (name, id)) in buttons.iter().zip(people.iter().cycle()) {
        let data = button.to_string();
        let before = rig.transcript().lines().count();
        rig.offer_by_master(*id, &[(&data, &data)]).await;
        rig.play(&format!("{name} > [{data}]")).await;
        let talk = rig.transcript();
        let answered = talk.lines().skip(before).filter(|it| it.starts_with("bot ")).count();
        assert!(answered >= 2, "[{data}] is not answered:\n{talk}");
        assert!(!talk.contains("😔"), "[{data}] fails:\n{talk}");
    }
}

#[tokio::test]
async fn nothing_secret_is_logged() {
    let log = Log::default();
    let _guard = log.listen();
    let mut rig = Rig::master(&[]).await;
    rig.play(
        "olga > ➕ Добавить клиента
         olga > мой секрет
         olga > 123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8
         olga > {salon_bot}
         olga > 200
         olga > Салон «Анна»
         olga > [30 дней]
         * telegram does not know tokens
         olga > [✅ Подтвердить]
         * telegram is back
         olga > [✅ Подтвердить]
         olga > /find Салон
         olga > [✏️ Название]
         olga > Салон Бориса
         olga > [🔑 Новый токен]
         olga > {salon_bot}
         anna > /start",
    )
    .await;
    let log = log.text();
    assert!(log.contains("client.added") || log.contains("client.changed"), "the log is heard");
    for secret in ["AAH5", "AAsandbox", "Салон", "секрет", "olga"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} stands in the log: {line:?}");
    }
}

/// Makes a link and returns what its follower sends.
async fn follow(rig: &Rig) -> String {
    let link = make_link(&rig.deps, Actor::Cli(0)).await.unwrap();
    let (bot, code) = link.url.split_once("?start=").unwrap();
    assert_eq!(bot, "https://t.me/master_bot");
    format!("/start {code}")
}

fn last(rig: &Rig) -> String {
    rig.transcript().lines().rfind(|line| line.starts_with("bot ")).unwrap().to_owned()
}

#[tokio::test]
async fn a_link_makes_one_operator_and_is_kept_as_a_hash() {
    let mut rig = Rig::master(&[]).await;
    let start = follow(&rig).await;
    rig.play(&format!("anna > {start}")).await;
    assert_eq!(last(&rig), "bot  > ✅ Теперь вы оператор. Меню: /start");
    rig.play(&format!("boris > {start}")).await;
    assert!(last(&rig).contains("уже кто-то вошёл"), "{}", rig.transcript());
    // Who is in already is greeted, and the link of others is not spent.
    let next = follow(&rig).await;
    rig.play(&format!("anna > {next}")).await;
    assert!(rig.transcript().contains("👋 Здравствуйте, anna!"), "{}", rig.transcript());
    rig.play(&format!("boris > {next}")).await;
    assert!(last(&rig).contains("Теперь вы оператор"), "{}", rig.transcript());
    let (everybody, log) = rig
        .deps
        .store
        .read(|snap| {
            Ok::<_, StoreError>((
                operators::all(snap, &rig.deps.config)?,
                audit::list(snap, None, 9)?,
            ))
        })
        .unwrap();
    let numbers: Vec<_> = everybody.iter().map(|it| it.get()).collect();
    assert_eq!(numbers, [100, 200, 201]);
    let lines: Vec<_> = log.iter().map(|(_, it)| format!("{} {}", it.actor, it.action)).collect();
    let told = ["operator:201 operator.added", "cli:0 operator.link_made"];
    assert_eq!(lines[..2], told);
    let anna = UserId::new(200).unwrap();
    assert!(operators::remove_operator(&rig.deps, anna, Actor::Cli(0)).await.unwrap());
    rig.play("anna > /start").await;
    assert!(last(&rig).contains("нет доступа"), "{}", rig.transcript());
    let file = std::fs::read(rig.database()).unwrap();
    let code = start.trim_start_matches("/start ").as_bytes();
    assert!(!file.windows(code.len()).any(|bytes| bytes == code), "the code lies on the disk");
}

#[tokio::test]
async fn a_link_is_over_after_15_minutes_and_cannot_be_guessed() {
    let mut rig = Rig::master(&[("SERVER__LOCALE", "en")]).await;
    rig.play("anna > /start 00000000000000000000000000000000").await;
    assert!(last(&rig).contains("no such link"), "{}", rig.transcript());
    let start = follow(&rig).await;
    rig.advance(LINK_LIVES);
    rig.play(&format!("anna > {start}")).await;
    assert!(last(&rig).contains("no longer valid"), "{}", rig.transcript());
    let start = follow(&rig).await;
    for guess in 0..5 {
        rig.play(&format!("anna > /start {guess:032x}")).await;
    }
    rig.play(&format!("anna > {start}")).await;
    assert!(last(&rig).contains("Too many wrong links"), "{}", rig.transcript());
    rig.play(&format!("boris > {start}")).await;
    assert!(last(&rig).contains("You are an operator now"), "{}", rig.transcript());
}

#[tokio::test]
async fn of_two_who_follow_a_link_at_once_one_is_let_in() {
    let rig = Rig::master(&[]).await;
    let start = follow(&rig).await;
    let code = start.trim_start_matches("/start ");
    let people = (200..230).map(|id| UserId::new(id).unwrap());
    let follows = people.map(|person| operators::follow_link(&rig.deps, person, code));
    let followed = futures::future::try_join_all(follows).await.unwrap();
    let welcome = followed.iter().filter(|it| **it == Followed::Welcome).count();
    let used = followed.iter().filter(|it| **it == Followed::Used).count();
    assert_eq!((welcome, used), (1, 29));
}

//! Two want the same hour.

use crate::salon::{SOON, Salon, choose, press};

#[tokio::test]
async fn the_last_hour_is_given_once() {
    let salon = Salon::open().await;
    let (anna, boris) = (salon.customer("anna"), salon.customer("boris"));
    choose(&anna, "Ср, 25 ноября", "10:00").await;
    choose(&boris, "Ср, 25 ноября", "10:30").await; // It overlaps without being equal.
    anna.press("✅ Подтвердить").unwrap();
    boris.press("✅ Подтвердить").unwrap();
    let answers = tokio::join!(anna.wait_for("\n", SOON), boris.wait_for("\n", SOON));
    let booked = [answers.0.unwrap(), answers.1.unwrap()];
    let won = booked.iter().filter(|answer| answer.text.contains("Вы записаны")).count();
    let lost = booked.iter().filter(|answer| answer.text.contains("только что заняли")).count();
    assert_eq!((won, lost), (1, 1), "{}", salon.sim.transcript());
    let loser = if booked[0].text.contains("Вы записаны") { boris } else { anna };
    press(&loser, "12:00", "Проверьте").await;
    press(&loser, "✅ Подтвердить", "Вы записаны").await;
}

#[tokio::test]
async fn a_press_that_comes_twice_books_once() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    choose(&anna, "Ср, 25 ноября", "10:00").await;
    anna.press("✅ Подтвердить").unwrap();
    anna.press("✅ Подтвердить").unwrap();
    anna.wait_for("Вы записаны", SOON).await.unwrap();
    let visits = press(&anna, "📋 Мои записи", "Ваши записи").await;
    assert_eq!(visits.buttons.len(), 1);
    // Who holds the hour is not told that it was taken.
    let talk = anna.transcript().to_string();
    assert!(!talk.contains("только что заняли"), "{talk}");
}

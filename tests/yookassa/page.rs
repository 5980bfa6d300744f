//! The payment page, as a payer's browser sees it.

use reqwest::{Client, StatusCode, redirect};
use slotbox::external::yookassa::{NewPayment, payment_request};
use slotbox::sandbox::yookassa::SimStatus;

use crate::{Stage, key, new_payment};

fn browser() -> Client {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap()
}

async fn link(stage: &Stage, description: &str) -> String {
    let payment = NewPayment { description: description.to_owned(), ..new_payment(1) };
    let made = stage.client.create_payment(&key(1), &payment_request(&payment)).await.unwrap();
    made.confirmation_url.unwrap()
}

#[tokio::test]
async fn a_payer_reads_pays_and_returns() {
    let stage = Stage::set().await;
    let link = link(&stage, "<script>alert('1')</script> & {body}").await;
    let page = browser().get(&link).send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; {body}"),
        "{page}"
    );
    assert!(
        !page.contains("<script") && !page.contains("src=") && page.contains("299,00"),
        "{page}"
    );
    let form = [("card", "5555 5555 5555 4477")];
    let paid = browser().post(&link).form(&form).send().await.unwrap();
    assert_eq!(paid.status(), StatusCode::SEE_OTHER);
    assert_eq!(paid.headers()["location"], "https://t.me/sales_bot");
    assert_eq!(stage.shop.payments()[0].status, SimStatus::Succeeded);
    let after = browser().get(&link).send().await.unwrap().text().await.unwrap();
    assert!(after.contains("Оплачено") && !after.contains("<form"), "{after}");
    let twice = browser().post(&link).form(&form).send().await.unwrap();
    assert_eq!(twice.status(), StatusCode::SEE_OTHER, "a second press pays nothing");
}

#[tokio::test]
async fn a_real_card_is_not_taken() {
    let stage = Stage::set().await;
    let link = link(&stage, "Подписка").await;
    let form = [("card", "4276000000000000")];
    let refused = browser().post(&link).form(&form).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("не тестовая карта"));
    assert_eq!(stage.shop.payments()[0].status, SimStatus::Pending);
}

#[tokio::test]
async fn a_declined_payer_returns_too() {
    let stage = Stage::set().await;
    let link = link(&stage, "Подписка").await;
    let form = [("card", "5555555555554600")];
    let declined = browser().post(&link).form(&form).send().await.unwrap();
    assert_eq!(declined.status(), StatusCode::SEE_OTHER);
    assert_eq!(stage.shop.payments()[0].status, SimStatus::Canceled);
    let unknown = browser().get(format!("{link}0")).send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
}

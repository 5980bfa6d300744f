//! What a visitor does, by clicks: buys, pays, books, moves the clock, breaks something.

use std::time::Duration;

use super::browser::{Browser, ENTER};
use super::demo::Demo;

/// Returns what can be pressed in the open chat of a phone and contains `label`.
fn button(phone: &str, label: &str) -> String {
    format!(
        "//section[@data-phone='{phone}']//section[contains(@class,'chat')][not(@hidden)]\
         //*[self::button or self::a][contains(.,'{label}')]"
    )
}

/// Returns a button of the newest message in the open chat of a phone, by what it carries.
fn carries(phone: &str, kind: &str) -> String {
    format!(
        "(//section[@data-phone='{phone}']//section[contains(@class,'chat')][not(@hidden)]\
         //li[contains(@class,'message')])[last()]//button[contains(@value,':{kind}:')]"
    )
}

/// Returns a message in the open chat of a phone that contains `text`.
fn message(phone: &str, text: &str) -> String {
    format!(
        "//section[@data-phone='{phone}']//section[contains(@class,'chat')][not(@hidden)]\
         //li[contains(@class,'message')][contains(.,'{text}')]"
    )
}

fn tab(phone: &str, title: &str) -> String {
    format!("//section[@data-phone='{phone}']//a[@role='tab'][contains(.,'{title}')]")
}

fn input(phone: &str) -> String {
    format!(
        "//section[@data-phone='{phone}']//section[contains(@class,'chat')][not(@hidden)]\
         //form[contains(@class,'line')]//input[@name='text']"
    )
}

/// Returns a client in the panel in this condition.
fn client(condition: &str) -> String {
    format!("//section[contains(@class,'clients')]//li[contains(@class,'{condition}')]")
}

fn done(steps: usize) -> String {
    format!("//section[@id='guide'][count(.//li[@class='done'])={steps}]")
}

/// The owner buys a bot for a business of this name, up to the link to pay.
async fn order(browser: &Browser, company: &str) {
    browser.click(&button("owner", "Начать")).await;
    browser.click(&button("owner", "Купить")).await;
    browser.click(&button("owner", "30 дней")).await;
    browser.see(&message("owner", "Как называется")).await;
    browser.type_into(&input("owner"), &format!("{company}{ENTER}")).await;
    browser.click(&button("owner", "Создать бота и отправить токен")).await;
    browser.see(&button("owner", "Оплатить")).await;
}

/// Pays on the shop's page, which opens in a window of its own.
async fn pay(browser: &Browser) {
    browser.click(&button("owner", "Оплатить")).await;
    let page = browser.follow_to_new_window().await;
    browser.click("//button[contains(.,'Оплатить')]").await;
    browser.see("//*[contains(.,'Оплата получена')]").await;
    browser.close_window(&page).await;
}

/// The customer books the last hour of the last day that is shown.
async fn book(browser: &Browser) {
    browser.click(&tab("customer", "Салон")).await;
    browser.click(&button("customer", "Начать")).await;
    browser.click(&button("customer", "Записаться")).await;
    browser.click(&carries("customer", "d")).await;
    browser.click(&carries("customer", "t")).await;
    browser.click(&button("customer", "Подтвердить")).await;
    browser.see(&message("customer", "Вы записаны")).await;
}

/// Nothing sticks out of a narrow window, whichever part of the page it shows.
async fn look_at_phone_width(browser: &Browser) {
    browser.resize(390, 844).await;
    for part in ["operator", "owner", "customer", "world"] {
        browser.click(&format!("//nav[@id='people']//a[@data-show='{part}']")).await;
        let widths =
            browser.script("return [document.documentElement.scrollWidth, innerWidth]").await;
        assert_eq!(widths[0], 390, "{part} sticks out");
        assert_eq!(widths[1], 390, "{part} sticks out");
        browser.picture(&format!("phone-{part}")).await;
    }
    browser.resize(1440, 900).await;
}

#[tokio::test]
async fn a_visitor_buys_pays_books_moves_the_clock_and_breaks_something() {
    let Some(browser) = Browser::start().await else { return };
    let demo = Demo::start(&[]);
    browser.open(&demo.url).await;
    browser.see(&message("operator", "/start")).await;
    browser.picture("desktop-0-begin").await;

    order(&browser, "Салон Ольги").await;
    browser.picture("desktop-1-order").await;
    browser.see(&done(1)).await;
    pay(&browser).await;
    browser.see(&message("owner", "готов")).await;
    browser.see(&client("up")).await;
    browser.see(&done(2)).await;

    // The bot's own link leads to its chat here, not out into the world.
    browser.click(&button("owner", "Открыть бота")).await;
    browser.click(&button("owner", "Начать")).await;
    browser.see(&message("owner", "Шаг 1 из 2")).await;
    book(&browser).await;
    browser.see(&message("owner", "Анна")).await;
    browser.see(&done(3)).await;
    browser.picture("desktop-2-booked").await;

    browser.click("//button[@name='by'][@value='next']").await;
    browser.see(&message("customer", "Напоминаем")).await;
    browser.see(&done(4)).await;

    // What one window does, another one shows; both follow by themselves.
    let first = browser.new_window().await;
    browser.open(&demo.url).await;
    browser.click("//button[starts-with(@value,'kill:')]").await;
    browser.see(&client("down")).await;
    browser.see("//section[contains(@class,'journal')]//b[.='client.crashed']").await;
    browser.switch(&first).await;
    browser.see("//*[contains(@class,'health')][contains(.,'поднялся сам')]").await;
    browser.see(&client("up")).await;
    browser.see(&done(5)).await;
    browser.picture("desktop").await;
    browser.type_into(&input("customer"), &format!("/start{ENTER}")).await;
    browser.see(&message("customer", "/start")).await;
    look_at_phone_width(&browser).await;

    assert_eq!(browser.complaints(&demo.url).await, Vec::<String>::new());
    browser.end().await;
    demo.end();
}

#[tokio::test]
async fn a_hostile_name_is_only_a_name() {
    const NAME: &str = "<script>document.title=1</script><img src=x onerror=title=2>";
    let Some(browser) = Browser::start().await else { return };
    let demo = Demo::start(&[]);
    browser.open(&demo.url).await;
    order(&browser, NAME).await;
    pay(&browser).await;
    browser.see(&client("up")).await;
    browser.see("//section[contains(@class,'clients')]//b[contains(.,'<script>')]").await;
    browser.type_into(&input("owner"), &format!("<b onclick=document.title=3>{ENTER}")).await;
    browser.see(&message("owner", "<b onclick")).await;
    let grown = browser
        .script(
            "return document.querySelectorAll('script:not([src]), [onerror], [onclick], .talk img').length",
        )
        .await;
    assert_eq!(grown, 0);
    let title = browser.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("Slotbox"), "{title}");

    // Telegram is cut off; what is said meanwhile is answered once it is back.
    browser.click("//button[@value='telegram:off']").await;
    browser.see("//button[@value='telegram:on'][@aria-checked='false']").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    browser.type_into(&input("owner"), &format!("/start{ENTER}")).await;
    browser.click("//button[@value='telegram:on']").await;
    browser.see("//button[@value='telegram:off'][@aria-checked='true']").await;
    browser.see(&message("owner", "/start")).await;

    assert_eq!(browser.complaints(&demo.url).await, Vec::<String>::new());
    browser.end().await;
    demo.end();
}

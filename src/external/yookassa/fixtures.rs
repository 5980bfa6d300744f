//! Real answers and notifications, each read as `tests/fixtures/yookassa/README.md` demands.

use std::path::Path;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::answer::{Amount, Page, Tree};
use super::error::YooKassaError;
use super::notification::{NotANotification, Notification, parse_notification};
use super::payment::{PaymentStatus, ProviderPayment};
use super::refund::{ProviderRefund, RefundStatus};
use crate::domain::money::Money;

fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/yookassa");
    std::fs::read(folder.join(name)).unwrap()
}

fn payment(name: &str) -> ProviderPayment {
    ProviderPayment::read(&Tree::parse(&bytes(name)).unwrap()).unwrap()
}

fn refund(name: &str) -> ProviderRefund {
    ProviderRefund::read(&Tree::parse(&bytes(name)).unwrap()).unwrap()
}

fn notification(name: &str) -> Result<Notification, NotANotification> {
    parse_notification(&bytes(name))
}

fn roubles(amount: &str) -> Amount {
    Amount::Roubles(amount.parse::<Money>().unwrap())
}

#[test]
fn notifications_name_their_object_and_nothing_else() {
    let payment = |id: &str| Ok(Notification::Payment(id.parse().unwrap()));
    let refund = |id: &str, payment: &str| {
        let (refund, payment) = (id.parse().unwrap(), payment.parse().ok());
        Ok(Notification::Refund { refund, payment })
    };
    for (name, expected) in [
        (
            "n01_payment_waiting_for_capture_sdk.json",
            payment("22d6d597-000f-5000-9000-145f6df21d6f"),
        ),
        (
            "n02_refund_succeeded_status_pending_sdk.json",
            refund("21b23b5b-000f-5061-a000-0674e49a8c10", "21b23365-000f-500b-9000-070fa3554403"),
        ),
        ("n03_deal_closed_sdk.json", Ok(Notification::Other)),
        ("n04_payout_succeeded_sdk.json", Ok(Notification::Other)),
        (
            "n10_webhook_payment_succeeded_minimal_rb.json",
            payment("2a7834f6-0001-5000-a000-1da326e5e123"),
        ),
        (
            "n11_refund_succeeded_crate.json",
            refund("21c23aeb-000f-5000-a000-1cc60f4b35a7", "21c23aeb-000f-5000-9000-15c60f4b35a7"),
        ),
    ] {
        assert_eq!(notification(name), expected, "{name}");
    }
    for name in [
        "n05_invalid_object_empty.json",
        "n06_invalid_object_string.json",
        "n07_invalid_no_type.json",
        "n14_invalid_type_test_sdk_php.json",
        "n15_invalid_event_test_sdk_php.json",
    ] {
        assert!(notification(name).is_err(), "{name}");
    }
}

#[test]
fn the_status_alone_says_how_a_payment_stands() {
    let canceled = "p05_createPaymentErrorsGeneral_sdk_php.json";
    for (name, status, amount) in [
        ("p01_createPayment_sdk_php.json", PaymentStatus::Succeeded, "10.00"),
        ("p02_paymentInfo_sdk_php.json", PaymentStatus::Succeeded, "10.00"),
        ("p03_cancelPayment_sdk_php.json", PaymentStatus::Succeeded, "10.00"),
        ("p04_capturePayment_sdk_php.json", PaymentStatus::Succeeded, "10.00"),
        (canceled, PaymentStatus::Canceled, "20.00"),
        ("p11_payment_pending_sdk_python.json", PaymentStatus::Pending, "1000.00"),
        ("p12_payment_numeric_amount_sdk_python.json", PaymentStatus::WaitingForCapture, "1.00"),
        ("p13_payment_pending_rb.json", PaymentStatus::Pending, "100.00"),
        ("p14_payment_succeeded_rb.json", PaymentStatus::Succeeded, "100.00"),
    ] {
        let payment = payment(name);
        assert_eq!((payment.status, payment.amount), (status, Some(roubles(amount))), "{name}");
    }
    let cancellation = payment(canceled).cancellation.unwrap();
    assert_eq!(cancellation.party.as_deref(), Some("yoo_money"));
    assert_eq!(cancellation.reason.as_deref(), Some("general_decline"));
}

#[test]
fn only_links_that_are_safe_to_offer_are_kept() {
    for (name, link) in [
        ("p01_createPayment_sdk_php.json", None),
        ("p02_paymentInfo_sdk_php.json", None),
        ("p05_createPaymentErrorsGeneral_sdk_php.json", None),
        ("p11_payment_pending_sdk_python.json", Some("https://url")),
        (
            "p13_payment_pending_rb.json",
            Some("https://yoomoney.ru/checkout/payments/v2/contract?orderId=123"),
        ),
    ] {
        assert_eq!(payment(name).confirmation_url.as_deref(), link, "{name}");
    }
}

#[test]
fn the_rest_of_a_payment_is_read_where_it_is_told() {
    let whole = payment("p02_paymentInfo_sdk_php.json");
    assert_eq!(whole.refunded_amount, whole.amount);
    assert_eq!((whole.account_id.as_deref(), whole.test), (Some("123"), Some(true)));
    assert_eq!(whole.method.as_deref(), Some("qiwi"));
    assert_eq!(whole.created_at, "2015-11-19T14:05:07Z".parse().ok());
    assert_eq!(whole.captured_at, "2015-11-19T14:05:31Z".parse().ok());
    let flat_card = payment("p04_capturePayment_sdk_php.json");
    assert_eq!((flat_card.method.as_deref(), flat_card.test), (Some("bank_card"), None));
    let numeric = payment("p12_payment_numeric_amount_sdk_python.json");
    assert_eq!((numeric.test, numeric.order_id), (None, None));
}

#[test]
fn lists_of_both_ages_are_read_to_their_end() {
    let page = |name: &str| {
        Page::read(&Tree::parse(&bytes(name)).unwrap(), None, ProviderPayment::read).unwrap()
    };
    let old = page("p06_getPayments_sdk_php.json");
    assert_eq!((old.items.len(), old.unreadable, old.next), (1, 0, None));
    let new = page("p15_payment_list_rb.json");
    assert_eq!((new.items.len(), new.unreadable), (2, 0));
    assert_eq!(new.next.as_deref(), Some("37a5c87d-3984-51e8-a7f3-8de646d39ec15"));
    let refunds = Tree::parse(&bytes("r03_refundsInfo_sdk_php.json")).unwrap();
    let refunds = Page::read(&refunds, None, ProviderRefund::read).unwrap();
    assert_eq!((refunds.items.len(), refunds.next), (1, None));
}

#[test]
fn refunds_are_read_whatever_their_ids_look_like() {
    for (name, status, amount) in [
        ("r01_createRefund_sdk_php.json", RefundStatus::Succeeded, "10.00"),
        ("r02_refundInfo_sdk_php.json", RefundStatus::Succeeded, "10.00"),
        ("r04_refund_rb.json", RefundStatus::Succeeded, "50.00"),
        ("r05_refund_sbp_pending_crate.json", RefundStatus::Pending, "42.00"),
    ] {
        let refund = refund(name);
        assert_eq!((refund.status, refund.amount), (status, Some(roubles(amount))), "{name}");
        assert!(refund.payment.is_some(), "{name}");
    }
    let odd = refund("r04_refund_rb.json");
    assert_eq!(odd.id.as_str(), "2a7834f6-refund-5000-a000-1da326e5e123");
}

#[test]
fn errors_are_read_with_and_without_a_parameter() {
    let read =
        |status, name: &str| YooKassaError::from_answer(status, &HeaderMap::new(), &bytes(name));
    let refused = YooKassaError::Rejected {
        status: 400,
        code: "invalid_request".to_owned(),
        parameter: Some("amount".to_owned()),
        description: "Missing required parameter 'amount'".to_owned(),
    };
    assert_eq!(read(StatusCode::BAD_REQUEST, "e01_error_invalid_request_rb.json"), refused);
    let missing = read(StatusCode::NOT_FOUND, "e02_error_not_found_crate.json");
    assert_eq!(missing, YooKassaError::NotFound);
}

#[test]
fn objects_that_are_no_business_of_ours_do_no_harm() {
    for name in ["c01_createReceipt_sdk_php.json", "m01_saved_payment_method_crate.json"] {
        let tree = Tree::parse(&bytes(name)).unwrap();
        assert!(parse_notification(&bytes(name)).is_err(), "{name}");
        let read = ProviderPayment::read(&tree).unwrap();
        assert!(read.paid.is_none() && read.captured_at.is_none(), "{name}");
    }
}

#[test]
fn a_field_of_another_kind_does_no_harm() {
    let whole: Value = serde_json::from_slice(&bytes("p02_paymentInfo_sdk_php.json")).unwrap();
    let names: Vec<String> = whole.as_object().unwrap().keys().cloned().collect();
    for name in names {
        for odd in [json!(null), json!(-7.5), json!("x"), json!([1]), json!({ "value": {} })] {
            let mut changed = whole.clone();
            changed[&name] = odd.clone();
            let tree = Tree::parse(changed.to_string().as_bytes()).unwrap();
            let read = ProviderPayment::read(&tree);
            let needed = name == "id" || name == "status";
            assert!(read.is_ok() || needed, "{name} = {odd}");
        }
    }
}

#[test]
fn no_fixture_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/yookassa");
    let this = include_str!("fixtures.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || this.contains(&name), "{name} is read by no test");
    }
}

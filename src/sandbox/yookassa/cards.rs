//! The test cards that YooKassa documents, and what becomes of a payment with each.

/// A documented card; any future date and code go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestCard {
    /// The card's number.
    pub number: &'static str,
    /// The payment system, as `payment_method.card.card_type` names it.
    pub network: &'static str,
    /// Who declines the payment and why; `None` if it succeeds.
    pub decline: Option<Decline>,
}

/// Who declines a payment and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decline {
    /// `yoo_money` or `payment_network`.
    pub party: &'static str,
    /// Such as `insufficient_funds`.
    pub reason: &'static str,
}

/// What a payer pays with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Card {
    /// A card that works.
    Ok,
    /// The first card of the table that is declined for this reason.
    Declined(&'static str),
    /// The card with this number; blanks do not count.
    Number(String),
}

const NETWORK: &str = "payment_network";
const YOO_MONEY: &str = "yoo_money";

/// All documented cards: first those that pay.
pub const TEST_CARDS: [TestCard; 19] = [
    pays("5555555555554444", "MasterCard"),
    pays("5555555555554477", "MasterCard"),
    pays("4111111111111111", "Visa"),
    pays("4793128161644804", "Visa"),
    pays("2202474301322987", "Mir"),
    pays("2200000000000004", "Mir"),
    declines("5555555555554592", NETWORK, "3d_secure_failed"),
    declines("5555555555554535", NETWORK, "call_issuer"),
    declines("5555555555554543", NETWORK, "card_expired"),
    declines("5555555555554584", YOO_MONEY, "country_forbidden"),
    declines("5555555555554568", NETWORK, "fraud_suspected"),
    declines("5555555555554634", YOO_MONEY, "fraud_suspected"),
    declines("5555555555554527", NETWORK, "general_decline"),
    declines("5555555555554600", NETWORK, "insufficient_funds"),
    declines("5555555555554618", NETWORK, "invalid_card_number"),
    declines("5555555555554626", NETWORK, "invalid_csc"),
    declines("5555555555554501", NETWORK, "issuer_unavailable"),
    declines("5555555555554576", NETWORK, "payment_method_limit_exceeded"),
    declines("5555555555554550", NETWORK, "payment_method_restricted"),
];

const fn pays(number: &'static str, network: &'static str) -> TestCard {
    TestCard { number, network, decline: None }
}

const fn declines(number: &'static str, party: &'static str, reason: &'static str) -> TestCard {
    TestCard { number, network: "MasterCard", decline: Some(Decline { party, reason }) }
}

/// The documented card that a payer's choice comes to.
pub(super) struct Verdict(pub(super) &'static TestCard);

impl Verdict {
    /// Returns `None` for a card that nobody documents.
    pub(super) fn of(card: Card) -> Option<Self> {
        let found = match card {
            Card::Ok => TEST_CARDS.iter().find(|card| card.decline.is_none()),
            Card::Declined(reason) => {
                let declined_so =
                    |card: &&TestCard| card.decline.is_some_and(|why| why.reason == reason);
                TEST_CARDS.iter().find(declined_so)
            }
            Card::Number(number) => {
                let digits: String = number.chars().filter(|c| !c.is_whitespace()).collect();
                TEST_CARDS.iter().find(|card| card.number == digits)
            }
        };
        found.map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_comes_to_its_card() {
        let number = |card| Verdict::of(card).map(|verdict| verdict.0.number);
        assert_eq!(number(Card::Ok), Some("5555555555554444"));
        assert_eq!(number(Card::Declined("insufficient_funds")), Some("5555555555554600"));
        let typed = Card::Number(" 5555 5555 5555 4634 ".to_owned());
        assert_eq!(number(typed), Some("5555555555554634"));
        assert_eq!(number(Card::Number("4276000000000000".to_owned())), None);
        assert_eq!(number(Card::Declined("bad_weather")), None);
    }
}

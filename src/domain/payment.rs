//! A payment: a fact at the provider, compared with our order before it counts.

use jiff::{SignedDuration, Timestamp};

use super::ids::{ClientId, OrderId, PaymentId};
use super::money::Money;
use super::order::{Attention, Order, OrderState};
use super::plan::Days;

/// What the provider itself says of a payment. A notification's body is never turned into this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentFacts {
    /// The provider's id.
    pub id: PaymentId,
    /// How far it has come.
    pub status: PaymentStatus,
    /// The amount, or `None` if it is in another currency than ours.
    pub amount: Option<Money>,
    /// The part given back so far.
    pub refunded: Money,
    /// Whether no real money moves; `None` where the provider does not say.
    pub test: Option<bool>,
    /// The shop that got the money; `None` where the provider does not say.
    pub account: Option<String>,
    /// The order that the payment was made for, from its metadata.
    pub order: Option<OrderId>,
    /// Where the buyer pays.
    pub confirmation_url: Option<String>,
}

/// How far a payment has come at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// The buyer has not paid, or something that this program does not know is going on.
    Pending,
    /// The money is there. Final.
    Succeeded,
    /// There will be no money. Final.
    Canceled {
        /// The buyer let the time to pay pass.
        expired: bool,
        /// The provider's word for why, such as `insufficient_funds`.
        reason: Option<String>,
    },
}

/// The shop that orders are paid to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    /// The provider's id of the shop.
    pub account: String,
    /// Whether the shop is a test shop: told by the prefix of its key.
    pub test: bool,
}

/// A payment that was compared with its order and may be granted. Only [`judge`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedPayment {
    id: PaymentId,
    amount: Money,
    refunded: Money,
}

impl ConfirmedPayment {
    /// Returns the provider's id.
    pub const fn id(&self) -> &PaymentId {
        &self.id
    }

    /// Returns the amount, equal to the order's.
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// Returns the part already given back.
    pub const fn refunded(&self) -> Money {
        self.refunded
    }
}

/// What follows from the provider's facts for an order whose payment is not on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Wait,
    /// The order was not paid and will not be by this payment.
    Close(OrderState),
    /// The order is paid: grant its time.
    Grant(ConfirmedPayment),
    /// There is money, and a person must decide.
    Attention(Attention, Money),
    /// The order's end is known already.
    Nothing,
}

/// Compares the provider's facts with the order they belong to.
pub fn judge(order: &Order, facts: &PaymentFacts, shop: &Shop) -> Verdict {
    match &facts.status {
        PaymentStatus::Pending => Verdict::Wait,
        PaymentStatus::Canceled { .. } if order.state != OrderState::Open => Verdict::Nothing,
        PaymentStatus::Canceled { expired: true, .. } => Verdict::Close(OrderState::Expired),
        PaymentStatus::Canceled { expired: false, .. } => Verdict::Close(OrderState::Canceled),
        PaymentStatus::Succeeded => judge_money(order, facts, shop),
    }
}

fn judge_money(order: &Order, facts: &PaymentFacts, shop: &Shop) -> Verdict {
    let seen = facts.amount.unwrap_or_default();
    let same_shop = facts.account.as_ref().is_none_or(|account| *account == shop.account)
        && facts.test.is_none_or(|test| test == shop.test);
    let doubt = if !same_shop {
        Some(Attention::ShopDiffers)
    } else if facts.amount != Some(order.plan.price) {
        Some(Attention::AmountDiffers)
    } else {
        match order.state {
            OrderState::Open => None,
            OrderState::Paid | OrderState::Attention(_) => Some(Attention::PaidTwice),
            OrderState::Canceled | OrderState::Expired => Some(Attention::PaidAfterClosing),
        }
    };
    match doubt {
        Some(why) => Verdict::Attention(why, seen),
        None => Verdict::Grant(ConfirmedPayment {
            id: facts.id.clone(),
            amount: seen,
            refunded: facts.refunded,
        }),
    }
}

/// Who took the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// YooKassa.
    YooKassa,
    /// An operator, by hand.
    Manual,
}

/// How far our record of a payment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Its time was granted.
    Settled,
    /// All of it was given back.
    Refunded,
    /// It was not granted, and waits for a person.
    Attention(Attention),
    /// A person has decided that it grants nothing and stays where it is; why it had waited.
    Dismissed(Attention),
}

impl PaymentState {
    /// Names the state for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Refunded => "refunded",
            Self::Attention(_) => "attention",
            Self::Dismissed(_) => "dismissed",
        }
    }
}

/// The one record of a payment that granted time, or that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The provider's id, or the operator's.
    pub id: PaymentId,
    /// Who took the money.
    pub source: Source,
    /// The order that was paid; none for a manual payment.
    pub order: Option<OrderId>,
    /// The client that got the time; none if nobody did.
    pub client: Option<ClientId>,
    /// What was paid.
    pub amount: Money,
    /// What was given back.
    pub refunded: Money,
    /// The time that the payment bought.
    pub days: Days,
    /// How far the record has come.
    pub state: PaymentState,
    /// When it was recorded.
    pub settled_at: Timestamp,
}

impl Payment {
    /// Records that `refunded` of the amount has been given back in all, and returns how much
    /// granted time that takes back: the same part of the time as of the money.
    ///
    /// Safe to repeat: a sum already recorded, or a smaller one, takes nothing.
    pub fn refund(&mut self, refunded: Money) -> SignedDuration {
        let refunded = refunded.min(self.amount);
        if refunded <= self.refunded {
            return SignedDuration::ZERO;
        }
        let before = self.time_taken_back();
        self.refunded = refunded;
        let length = self.time_taken_back() - before;
        let granted = self.state == PaymentState::Settled;
        if self.refunded == self.amount {
            self.state = PaymentState::Refunded;
        }
        if granted { length } else { SignedDuration::ZERO }
    }

    /// Returns the time that the payment is still good for: what it bought, less what was given
    /// back for.
    pub fn time_left(&self) -> SignedDuration {
        match self.state {
            PaymentState::Settled => self.days.length() - self.time_taken_back(),
            PaymentState::Refunded | PaymentState::Attention(_) | PaymentState::Dismissed(_) => {
                SignedDuration::ZERO
            }
        }
    }

    /// Computed from the whole refunded sum, so that many small refunds round as one large does.
    fn time_taken_back(&self) -> SignedDuration {
        let seconds = i128::from(self.days.length().as_secs());
        let amount = i128::from(self.amount.kopecks()).max(1);
        let part = seconds * i128::from(self.refunded.kopecks()) / amount;
        SignedDuration::from_secs(i64::try_from(part).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::order::{PaymentRequest, Subject};
    use crate::domain::plan::Plan;

    fn money(kopecks: i64) -> Money {
        Money::from_kopecks(kopecks).unwrap()
    }

    fn order(state: OrderState) -> Order {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        Order {
            id: OrderId::from_bits(1),
            subject: Subject::Extension,
            client: ClientId::from_bits(2),
            buyer: crate::domain::ids::UserId::new(5).unwrap(),
            plan: Plan {
                id: "1m".parse().unwrap(),
                name: "Starter".to_owned(),
                days: Days::new(30).unwrap(),
                price: money(29_900),
            },
            state,
            request: PaymentRequest { idempotence_key: "k".to_owned(), body: vec![] },
            payment: None,
            confirmation_url: None,
            created_at: at,
            expires_at: at,
        }
    }

    fn facts(status: PaymentStatus) -> PaymentFacts {
        PaymentFacts {
            id: "2f1c".parse().unwrap(),
            status,
            amount: Some(money(29_900)),
            refunded: Money::ZERO,
            test: Some(true),
            account: Some("100".to_owned()),
            order: Some(OrderId::from_bits(1)),
            confirmation_url: None,
        }
    }

    fn shop() -> Shop {
        Shop { account: "100".to_owned(), test: true }
    }

    #[test]
    fn only_the_right_money_for_an_open_order_is_granted() {
        let open = order(OrderState::Open);
        let paid = facts(PaymentStatus::Succeeded);
        assert!(matches!(judge(&open, &paid, &shop()), Verdict::Grant(_)));
        let doubts = [
            (PaymentFacts { amount: Some(money(100)), ..paid.clone() }, Attention::AmountDiffers),
            (PaymentFacts { amount: None, ..paid.clone() }, Attention::AmountDiffers),
            (PaymentFacts { test: Some(false), ..paid.clone() }, Attention::ShopDiffers),
            (PaymentFacts { account: Some("7".to_owned()), ..paid }, Attention::ShopDiffers),
        ];
        for (facts, why) in doubts {
            assert!(matches!(judge(&open, &facts, &shop()), Verdict::Attention(w, _) if w == why));
        }
    }

    #[test]
    fn money_for_an_order_that_is_closed_asks_a_person() {
        let paid = facts(PaymentStatus::Succeeded);
        for (state, why) in [
            (OrderState::Paid, Attention::PaidTwice),
            (OrderState::Canceled, Attention::PaidAfterClosing),
            (OrderState::Expired, Attention::PaidAfterClosing),
        ] {
            let verdict = judge(&order(state), &paid, &shop());
            assert_eq!(verdict, Verdict::Attention(why, money(29_900)));
        }
    }

    #[test]
    fn a_final_order_stays_as_it_is() {
        let canceled = facts(PaymentStatus::Canceled { expired: false, reason: None });
        assert_eq!(judge(&order(OrderState::Paid), &canceled, &shop()), Verdict::Nothing);
        let verdict = judge(&order(OrderState::Open), &canceled, &shop());
        assert_eq!(verdict, Verdict::Close(OrderState::Canceled));
    }

    proptest! {
        #[test]
        fn refunds_take_back_the_granted_time_once(
            amount in 1i64..1_000_000, sums in prop::collection::vec(0i64..1_200_000, 1..20),
        ) {
            let mut payment = Payment {
                id: "p".parse().unwrap(),
                source: Source::YooKassa,
                order: None,
                client: None,
                amount: money(amount),
                refunded: Money::ZERO,
                days: Days::new(30).unwrap(),
                state: PaymentState::Settled,
                settled_at: Timestamp::UNIX_EPOCH,
            };
            let mut taken = SignedDuration::ZERO;
            for sum in &sums {
                taken += payment.refund(money(*sum));
                prop_assert_eq!(payment.refund(money(*sum)), SignedDuration::ZERO);
            }
            prop_assert_eq!(taken, payment.time_taken_back());
            prop_assert_eq!(payment.time_left() + taken, payment.days.length());
            let all = sums.iter().max().copied().unwrap_or(0) >= amount;
            prop_assert_eq!(payment.state == PaymentState::Refunded, all);
            if all {
                prop_assert_eq!(taken, payment.days.length());
            }
        }
    }
}

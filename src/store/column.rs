//! The plain types that keys and values are made of, borrowed and owned.

use std::fmt::Debug;

/// A type that can stand in a key or be a value.
///
/// What is read is handed out owned, so that nothing read keeps a transaction open.
pub trait Column: redb::Value + 'static {
    /// What reading gives: `String` for `&str`, `Vec<u8>` for `&[u8]`, else the type itself.
    type Owned: Clone + Debug + Send;

    /// Copies what lies in the table.
    fn own(value: &Self::SelfType<'_>) -> Self::Owned;

    /// Borrows `owned` in the form in which it is looked up and written.
    fn lend(owned: &Self::Owned) -> Self::SelfType<'_>;
}

/// A [`Column`] that can be looked up.
pub trait KeyColumn: Column + redb::Key {}

impl<C: Column + redb::Key> KeyColumn for C {}

macro_rules! plain_columns {
    ($($plain:ty),*) => {$(
        impl Column for $plain {
            type Owned = $plain;

            fn own(value: &$plain) -> $plain {
                *value
            }

            fn lend(owned: &$plain) -> $plain {
                *owned
            }
        }
    )*};
}

plain_columns!(u8, u32, u64, u128, i64);

impl Column for () {
    type Owned = ();

    fn own((): &()) {}

    fn lend((): &()) {}
}

impl Column for &'static str {
    type Owned = String;

    fn own(value: &&str) -> String {
        (*value).to_owned()
    }

    fn lend(owned: &String) -> &str {
        owned
    }
}

impl Column for &'static [u8] {
    type Owned = Vec<u8>;

    fn own(value: &&[u8]) -> Vec<u8> {
        value.to_vec()
    }

    fn lend(owned: &Vec<u8>) -> &[u8] {
        owned
    }
}

impl<A: Column, B: Column> Column for (A, B) {
    type Owned = (A::Owned, B::Owned);

    fn own((a, b): &Self::SelfType<'_>) -> Self::Owned {
        (A::own(a), B::own(b))
    }

    fn lend((a, b): &Self::Owned) -> Self::SelfType<'_> {
        (A::lend(a), B::lend(b))
    }
}

impl<A: Column, B: Column, C: Column> Column for (A, B, C) {
    type Owned = (A::Owned, B::Owned, C::Owned);

    fn own((a, b, c): &Self::SelfType<'_>) -> Self::Owned {
        (A::own(a), B::own(b), C::own(c))
    }

    fn lend((a, b, c): &Self::Owned) -> Self::SelfType<'_> {
        (A::lend(a), B::lend(b), C::lend(c))
    }
}

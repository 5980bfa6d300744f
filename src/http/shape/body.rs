//! What is read: the fields of a body, told once, for the reader and for the documentation.

use super::Shape;
use crate::http::api::fields::Fields;
use crate::http::problem::Problem;

/// A value that can be read from JSON.
pub(in crate::http) trait Read: Shape + Sized {
    /// Reads the value; what stands there is never repeated, for it may be a secret.
    fn read(json: &str) -> Result<Self, String>;
}

/// A body whose fields are known.
pub(in crate::http) trait Body: Shape + Sized {
    /// Whether there must be a body at all.
    const NEEDED: bool;

    /// Takes the fields, or tells all that is wrong with them.
    fn take(fields: Fields<'_>) -> Result<Self, Problem>;
}

/// Declares a body: what it is, its name in the documentation, the fields that must be there, and
/// those that may be absent or null.
macro_rules! body {
    ($($(#[doc = $about:literal])+ $name:ident($title:literal) {
        required {$($(#[doc = $must_doc:literal])+ $must:ident: $must_type:ty,)*}
        optional {$($(#[doc = $may_doc:literal])+ $may:ident: $may_type:ty,)*}
    })+) => {$(
        $(#[doc = $about])+
        pub(in crate::http) struct $name {
            $($(#[doc = $must_doc])+ pub(in crate::http) $must: $must_type,)*
            $($(#[doc = $may_doc])+ pub(in crate::http) $may: Option<$may_type>,)*
        }

        impl $crate::http::shape::Shape for $name {
            fn schema(parts: &mut $crate::http::shape::Parts) -> serde_json::Value {
                parts.named($title, |parts| {
                    let properties = [
                        $((stringify!($must), $crate::http::shape::described(
                            <$must_type as $crate::http::shape::Shape>::schema(parts),
                            concat!($($must_doc),+),
                        )),)*
                        $((stringify!($may), $crate::http::shape::described(
                            <Option<$may_type> as $crate::http::shape::Shape>::schema(parts),
                            concat!($($may_doc),+),
                        )),)*
                    ];
                    let required: &[&str] = &[$(stringify!($must)),*];
                    $crate::http::shape::object(concat!($($about),+), properties, required)
                })
            }

            fn sample() -> serde_json::Value {
                let fields = [
                    $((stringify!($must).to_owned(),
                        <$must_type as $crate::http::shape::Shape>::sample()),)*
                    $((stringify!($may).to_owned(),
                        <$may_type as $crate::http::shape::Shape>::sample()),)*
                ];
                serde_json::Value::Object(fields.into_iter().collect())
            }
        }

        impl $crate::http::shape::Body for $name {
            const NEEDED: bool = !<[&str]>::is_empty(&[$(stringify!($must)),*]);

            fn take(
                mut fields: $crate::http::api::fields::Fields<'_>,
            ) -> Result<Self, $crate::http::problem::Problem> {
                $(let $must = fields.required::<$must_type>(stringify!($must));)*
                $(let $may = fields.optional::<$may_type>(stringify!($may));)*
                let read = || Some(Self { $($must: $must?,)* $($may: $may?,)* });
                let read = read();
                fields.end(read)
            }
        }
    )+};
}

pub(in crate::http) use body;

//! What is written: the fields of a structure, told once.

/// Declares a structure that is written as JSON: what it is, its name in the documentation, and
/// each field with what it means. All fields are always there.
macro_rules! view {
    ($($(#[doc = $about:literal])+ $name:ident($title:literal) {
        $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)+
    })+) => {$(
        $(#[doc = $about])+
        #[derive(serde::Serialize)]
        pub(in crate::http) struct $name {
            $($(#[doc = $doc])+ pub(in crate::http) $field: $type,)+
        }

        impl $crate::http::shape::Shape for $name {
            fn schema(parts: &mut $crate::http::shape::Parts) -> serde_json::Value {
                parts.named($title, |parts| {
                    let properties = [$((
                        stringify!($field),
                        $crate::http::shape::described(
                            <$type as $crate::http::shape::Shape>::schema(parts),
                            concat!($($doc),+),
                        ),
                    ),)+];
                    let required = [$(stringify!($field)),+];
                    $crate::http::shape::object(concat!($($about),+), properties, &required)
                })
            }

            fn sample() -> serde_json::Value {
                let fields = [$((
                    stringify!($field).to_owned(),
                    <$type as $crate::http::shape::Shape>::sample(),
                ),)+];
                serde_json::Value::Object(fields.into_iter().collect())
            }
        }
    )+};
}

pub(in crate::http) use view;

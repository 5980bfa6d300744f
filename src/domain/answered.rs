//! What a program was answered.

/// What a program was answered, to be said again word for word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Where to look next.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

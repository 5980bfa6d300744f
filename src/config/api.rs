//! `[api]`: the key to the HTTP API.

use secrecy::SecretString;

/// The key to the HTTP API.
#[derive(Clone, Debug)]
pub struct Api {
    /// What a caller sends as `Authorization: Bearer`; hard to guess.
    pub token: SecretString,
}

//! What was done to somebody: every accepted side effect, whoever asked for it and whether or not the answer arrived.

use serde::Serialize;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// Graph took a mail; it goes out once for each time it was taken.
    Mailed,
    /// Entra ended the sessions.
    SignedOut,
    /// Entra lets the person in no more.
    Disabled,
    /// Entra lets the person in again.
    Enabled,
    /// Entra was told that the account is in wrong hands.
    Confirmed,
    /// Miro ended the sessions.
    SessionsReset,
    /// Miro lets the person in no more.
    Suspended,
    /// Miro lets the person in again.
    Restored,
}

/// One accepted side effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// When, in milliseconds.
    pub at: u64,
    /// Who asked: the app's client id, or what stands for a token that has none.
    pub by: String,
    /// What was done.
    pub done: Done,
    /// To whom: the vendor's identifier; of a mail, the first recipient.
    pub target: String,
    /// The address that the vendor knows the target by; of a mail, every recipient, separated by commas.
    pub address: String,
    /// A mail's subject.
    pub subject: Option<String>,
    /// A mail's text.
    pub text: Option<String>,
    /// Whether it was otherwise before. A mail always changes something.
    pub changed: bool,
    /// The request's identifier at the vendor.
    pub request_id: String,
}

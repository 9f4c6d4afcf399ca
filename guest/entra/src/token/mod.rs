//! The app's own token: OAuth 2.0 client credentials,
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.
//!
//! What always holds: secrets travel in the body and stand in no text; what was wrong is decided by the status and by the codes
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>), never by a text.

mod assertion;
mod authenticate;
mod refusal;

#[cfg(test)]
mod tests;

pub use self::{
    assertion::assertion,
    authenticate::{request, token},
};

/// The name of the app's secret among the secrets.
pub const CLIENT_SECRET: &str = "client_secret";
/// The name of what the host signed, or a platform vouches with.
pub const ASSERTION: &str = "assertion";

//! What proves who asks, where no person authorizes: an application's own key or secret, and the token that it is worth.
//!
//! What goes in: where keys and secrets are, and a component that exports `responder`, whose `assertion` and `authenticate` know the
//! vendor. What comes out: a token, kept in memory while it lasts. What always holds: the private key stays here, and neither it nor a
//! token is ever written.
//!
//! | file | noun |
//! |---|---|
//! | `authority` | a component that obtains its own token, as a source asks for it |
//! | `certificate` | what vendors call a certificate, and when it ends |
//! | `sign` | a certificate, its key, and what they sign |
//! | `tokens` | the tokens of one component, by what they are for |

mod authority;
mod certificate;
mod sign;
mod tokens;

pub use authority::Authority;
#[cfg(test)]
pub(crate) use certificate::tests::ENDS;
pub use certificate::{Certificate, Concern, RENEW};
pub use sign::{SignError, Signer};
pub use tokens::{Keys, NoToken, Tokens};

//! How a sign-in ended, by its error code: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
//!
//! 0 is success. An **interrupt** refuses nobody: Entra asks for something more, and what comes of that is a sign-in of its own.
//! Counted as failures, they would make everybody who answers a second factor look like somebody who guesses passwords. Every
//! other code is a failure, and so is one that nobody knows yet.

use crate::types::Outcome;

/// Codes of interrupts, with what Entra asks for.
const INTERRUPTS: &[(u32, &str)] = &[
    (16_000, "to choose one of several accounts"),
    (16_001, "to choose an account again"),
    (50_055, "for a new password: the old one has expired"),
    (50_058, "to sign in: there was no session yet"),
    (50_072, "to enroll for a second factor"),
    (50_074, "for a second factor"),
    (50_076, "for a second factor"),
    (50_078, "for the second factor again"),
    (50_079, "to enroll for a second factor"),
    (50_089, "to begin again: the page was open for too long"),
    (50_097, "for the device to prove itself"),
    (50_125, "to register for password reset, or to reset the password"),
    (50_127, "to install a broker app"),
    (50_129, "to register the device"),
    (50_132, "to sign in again: the password has changed"),
    (50_133, "to sign in again: the password has changed"),
    (50_135, "for a new password: the account is at risk"),
    (50_140, "whether to stay signed in"),
    (50_144, "for a new password: the old one has expired in Active Directory"),
    (50_158, "for what another provider has to confirm"),
    (50_168, "for a token of the browser's extension"),
    (50_173, "to sign in again: the session was revoked"),
    (50_199, "whether this app is meant"),
    (50_203, "to register the authenticator app"),
    (51_006, "for integrated Windows authentication"),
    (65_001, "for consent to the application"),
    (70_043, "to sign in again: the policy says how often"),
    (90_094, "for an administrator's consent"),
    (90_095, "for an administrator's consent"),
];

/// How it ended. A sign-in without a code that is a number says nothing.
pub(super) fn of(code: Option<&str>) -> Outcome {
    match code.map(str::parse::<u32>) {
        Some(Ok(0)) => Outcome::Success,
        Some(Ok(code)) if INTERRUPTS.iter().any(|(known, _)| *known == code) => Outcome::Unknown,
        Some(Ok(_)) => Outcome::Failure,
        None | Some(Err(_)) => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{INTERRUPTS, of};
    use crate::types::Outcome;

    #[test]
    fn who_is_refused_failed_and_who_is_asked_for_more_did_not() {
        assert_eq!(of(Some("0")), Outcome::Success);
        // A wrong password, a locked account, nobody of the name, a disabled account, no right to the app, blocked by policy,
        // a second factor that was denied, a code that nobody knows.
        for code in ["50126", "50053", "50034", "50057", "50105", "53003", "500121", "4294967295"] {
            assert_eq!(of(Some(code)), Outcome::Failure, "{code}");
        }
        for code in ["50140", "50074", "65001", "16000"] {
            assert_eq!(of(Some(code)), Outcome::Unknown, "{code}");
        }
        for code in [None, Some("-1"), Some("0.5"), Some("1e3"), Some("4294967296"), Some("none")] {
            assert_eq!(of(code), Outcome::Unknown, "{code:?}");
        }
    }

    #[test]
    fn each_interrupt_stands_once_in_order_with_its_reason() {
        assert!(INTERRUPTS.is_sorted_by(|(one, _), (two, _)| one < two));
        assert!(INTERRUPTS.iter().all(|(_, reason)| !reason.is_empty()));
    }
}

//! What proves who asks: that it can be read, and how long the certificate lasts.

use super::report::{Level, Report};
use crate::{
    authenticate::{Concern, Keys, RENEW},
    cli::Exit,
    model::Instant,
};

/// Reads everything, signs nothing. Returns whether it can be used.
pub(super) async fn check(keys: Keys, now: Instant, subject: &str, report: &mut Report) -> bool {
    match tokio::task::spawn_blocking(move || keys.examine()).await {
        Ok(Ok(None)) => {
            report.line(Level::Ok, subject, "all secrets can be read", None);
            true
        }
        Ok(Ok(Some(certificate))) => {
            let thumbprint = hex::encode_upper(certificate.thumbprint);
            let said = format!("all secrets can be read; the certificate has the SHA-256 thumbprint {thumbprint}");
            report.line(Level::Ok, subject, &said, None);
            if let Some(ends) = certificate.ends {
                report.ends(subject, ends, RENEW);
            }
            match certificate.concern(now) {
                None => true,
                Some(Concern::Soon(text)) => {
                    report.line(Level::Warn, subject, &text, Some(RENEW));
                    true
                }
                Some(Concern::Over(text)) => {
                    report.fail(Exit::Configuration, subject, &text, Some(RENEW));
                    false
                }
            }
        }
        Ok(Err(why)) => {
            report.hides(subject);
            report.fail(Exit::Configuration, subject, &format!("{why:#}"), None);
            false
        }
        Err(gone) => {
            report.hides(subject);
            report.fail(Exit::Left, subject, &format!("the secrets could not be read: {gone}"), None);
            false
        }
    }
}

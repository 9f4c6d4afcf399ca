//! The certificate that a responder signs with: what vendors call it, and when it ends.
//! Nothing is verified: that is the vendor's business.

use std::time::Duration;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{egress::certificate, model::Instant};

/// From then on somebody should know.
const SOON: Duration = Duration::from_secs(14 * 24 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// What to do about it.
pub const RENEW: &str = "make a new certificate and key, add the certificate at the vendor beside the old one, and then put both in the place of \
                         `certificate` and `private_key`: they are read anew for every token";

/// The certificate that a responder signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of it.
    pub thumbprint: [u8; 32],
    /// When it ends, where that can be read.
    pub ends: Option<Instant>,
}

/// What is wrong with a certificate, or soon will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    /// It ends in two weeks or less.
    Soon(String),
    /// It ended.
    Over(String),
}

impl Certificate {
    /// Of one in DER.
    pub fn new(der: &[u8]) -> Self {
        let read = certificate::Certificate::read(der);
        let ends = read.and_then(|read| u64::try_from(read.ends.as_millisecond()).ok()).map(Instant);
        Self { thumbprint: Sha256::digest(der).into(), ends }
    }

    /// What is wrong with it by now.
    pub fn concern(&self, now: Instant) -> Option<Concern> {
        let ends = self.ends?;
        let left = ends.since(now);
        if ends <= now {
            return Some(Concern::Over(format!("the certificate ended on {ends}: nothing that is signed with it lets anybody in")));
        }
        if left > SOON {
            return None;
        }
        let left = match left.as_secs() / DAY.as_secs() {
            0 => "less than a day".to_owned(),
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        };
        Some(Concern::Soon(format!("the certificate ends in {left}, on {ends}; nothing can be done to accounts from then on")))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};

    use super::*;

    /// It ends on 2126-11-03T21:44:28Z, as `openssl x509 -noout -enddate` says.
    pub(crate) const ENDS: Instant = Instant(4_949_415_868_000);

    fn der() -> Vec<u8> {
        CertificateDer::from_pem_slice(include_bytes!("key/certificate.pem")).unwrap().to_vec()
    }

    fn before(time: Duration) -> Instant {
        ENDS.minus(time)
    }

    #[test]
    fn it_ends_when_openssl_says() {
        assert_eq!(Certificate::new(&der()).ends, Some(ENDS));
        // A year of two digits.
        let at = der().windows(15).position(|part| part == b"21261103214428Z").unwrap();
        for (two, expected) in [(b"490102030405Z", "2049-01-02T03:04:05.000Z"), (b"500102030405Z", "1950-01-02T03:04:05.000Z")] {
            let mut short = der();
            short[at - 2] = 0x17;
            short[at - 1] = 13;
            short[at..at + 13].copy_from_slice(two);
            let ends = Certificate::new(&short).ends;
            // 1950 is before anything that an instant can say.
            assert_eq!(ends.map(|ends| ends.to_string()), expected.starts_with("20").then(|| expected.to_owned()));
        }
    }

    #[test]
    fn two_weeks_before_it_ends_somebody_is_told_and_when_it_ended_too() {
        let certificate = Certificate::new(&der());
        let day = |days: u64| DAY * u32::try_from(days).unwrap();
        assert_eq!(certificate.concern(before(day(14) + Duration::from_millis(1))), None);
        for (left, said) in [(day(14), "in 14 days"), (day(7), "in 7 days"), (day(1), "in 1 day,"), (DAY / 2, "in less than a day")] {
            let Some(Concern::Soon(text)) = certificate.concern(before(left)) else { panic!("{said}") };
            assert!(text.contains(said) && text.contains("2126-11-03T21:44:28.000Z"), "{text}");
        }
        assert!(matches!(certificate.concern(ENDS), Some(Concern::Over(text)) if text.contains("ended on 2126-11-03")));
        assert_eq!(Certificate { ends: None, ..certificate }.concern(ENDS), None, "nobody knows");
    }

    proptest! {
        #[test]
        fn whatever_stands_there_is_read_or_not_and_nothing_panics(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut der = der();
            let at = at.index(der.len());
            der[at] = byte;
            der.truncate(cut.index(der.len()) + 1);
            Certificate::new(&der);
        }
    }
}

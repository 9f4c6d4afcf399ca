//! What people ask of a server's certificate: who issued it, and until when it is good. Read from DER and judged by nobody here.
//!
//! <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// The kinds of DER that are met on the way.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP_STRING: u8 = 0x1e;
/// 2.5.4.3 and 2.5.4.10.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

/// A server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Who issued it: the common name, else the organization. Anybody may have written it.
    pub issuer: String,
    /// `notAfter`.
    pub ends: Timestamp,
}

impl Certificate {
    /// Reads one. None where that is no certificate.
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut signed = Der(Der(der).take(SEQUENCE)?);
        let mut body = Der(signed.take(SEQUENCE)?);
        let _version = body.take(VERSION);
        let _serial = body.take(INTEGER)?;
        let _algorithm = body.take(SEQUENCE)?;
        let issuer = issuer(Der(body.take(SEQUENCE)?))?;
        let mut validity = Der(body.take(SEQUENCE)?);
        validity.next()?;
        let (kind, text) = validity.next()?;
        Some(Self { issuer, ends: time(kind, std::str::from_utf8(text).ok()?)? })
    }
}

/// What is still to be read.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value and its kind.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[kind, first], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // A certificate has no value of 16 MiB.
            0x81..=0x83 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((kind, value))
    }

    /// The next value, where it is of that kind.
    fn take(&mut self, kind: u8) -> Option<&'a [u8]> {
        let mut ahead = Self(self.0);
        let (found, value) = ahead.next()?;
        (found == kind).then(|| {
            self.0 = ahead.0;
            value
        })
    }
}

fn issuer(mut names: Der<'_>) -> Option<String> {
    let (mut common, mut organization) = (None, None);
    while !names.0.is_empty() {
        let mut attribute = Der(Der(names.take(SET)?).take(SEQUENCE)?);
        let object = attribute.take(OBJECT)?;
        let (kind, value) = attribute.next()?;
        let text = || match kind {
            BMP_STRING => String::from_utf16_lossy(
                &value.chunks_exact(2).map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte))).collect::<Vec<_>>(),
            ),
            _ => String::from_utf8_lossy(value).into_owned(),
        };
        match object {
            COMMON_NAME => common = Some(text()),
            ORGANIZATION => organization = Some(text()),
            _ => {}
        }
    }
    Some(common.or(organization).unwrap_or_else(|| "an issuer without a name".to_owned()))
}

fn time(kind: u8, text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (year, rest) = match kind {
        UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = digits.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let at = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok().filter(|_| rest.len() == 10)?;
    at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};

    use super::*;

    /// Of the simulator: made by OpenSSL.
    const FIXTURE: &[u8] = include_bytes!("../../../tests/simulator/fixtures/certificate.pem");

    #[test]
    fn a_certificate_is_read_and_a_torn_one_is_none() {
        let der = CertificateDer::from_pem_slice(FIXTURE).unwrap();
        let read = Certificate::read(&der).unwrap();
        assert!(!read.issuer.is_empty() && read.ends.as_second() > 1_700_000_000, "{read:?}");
        for length in 0..der.len() {
            // What names issuer and end may stand before the tear, but the whole is not there.
            assert_eq!(Certificate::read(&der[..length]), None, "{length}");
        }
    }

    #[test]
    fn both_ways_of_writing_a_time_are_read() {
        let at = |kind, text| time(kind, text).map(|at| at.to_string());
        assert_eq!(at(UTC_TIME, "261231235959Z").as_deref(), Some("2026-12-31T23:59:59Z"));
        assert_eq!(at(UTC_TIME, "491231235959Z").as_deref(), Some("2049-12-31T23:59:59Z"));
        assert_eq!(at(GENERALIZED_TIME, "20501231235959Z").as_deref(), Some("2050-12-31T23:59:59Z"));
        for (kind, text) in [(UTC_TIME, "261331235959Z"), (UTC_TIME, "2612312359Z"), (UTC_TIME, "261231235959"), (INTEGER, "261231235959Z")]
        {
            assert_eq!(at(kind, text), None, "{text}");
        }
    }
}

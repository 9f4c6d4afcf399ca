//! A certificate, as far as an app registration needs it: its fingerprint and the RSA key in it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The certificate of [`TEST_KEY`], in PEM. The app that is there from the start has it registered.
pub const TEST_CERTIFICATE: &str = include_str!("../../fixtures/certificate.pem");
/// A key for tests, in PEM (PKCS #8, RSA 2048). Published, hence good for nothing else.
pub const TEST_KEY: &str = include_str!("../../fixtures/key.pem");

/// A registered certificate. Written as PEM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Certificate {
    der: Vec<u8>,
    /// `RSAPublicKey` of RFC 8017.
    pub(super) key: Vec<u8>,
}

impl Certificate {
    /// Reads one in PEM. `None` where it is none, or has no RSA key.
    pub fn parse(pem: &str) -> Option<Self> {
        let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
        let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
        Self::read(STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?)
    }

    /// Reads one in DER.
    pub fn read(der: Vec<u8>) -> Option<Self> {
        let key = rsa(&der)?.to_vec();
        Some(Self { der, key })
    }

    /// The SHA-256 of it: what `x5t#S256` of RFC 7515 says in base64url.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// The same as a JWT's header writes it.
    pub fn x5t(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.fingerprint())
    }
}

impl TryFrom<String> for Certificate {
    type Error = &'static str;

    fn try_from(pem: String) -> Result<Self, Self::Error> {
        Self::parse(&pem).ok_or("not a certificate in PEM with an RSA key")
    }
}

impl From<Certificate> for String {
    fn from(certificate: Certificate) -> Self {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(certificate.der))
    }
}

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
/// `rsaEncryption`, 1.2.840.113549.1.1.1.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The RSA key of an X.509 certificate: tbsCertificate's `subjectPublicKeyInfo`, RFC 5280 section 4.1.
fn rsa(der: &[u8]) -> Option<&[u8]> {
    let (SEQUENCE, certificate, []) = element(der)? else { return None };
    let (SEQUENCE, mut body, _) = element(certificate)? else { return None };
    while !body.is_empty() {
        let (tag, inner, rest) = element(body)?;
        if tag == SEQUENCE && inner.starts_with(&[SEQUENCE]) {
            let (_, algorithm, key) = element(inner)?;
            if algorithm.starts_with(RSA) {
                let (BIT_STRING, bits, []) = element(key)? else { return None };
                // The first byte counts unused bits.
                return bits.strip_prefix(&[0]);
            }
        }
        body = rest;
    }
    None
}

/// One element of DER: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

//! Signs what proves to a vendor who asks: a JSON Web Token (RFC 7519), with the key of a certificate.
//!
//! A component says what is to be signed and never sees the key. What always holds: no error holds anything of a key, and what
//! was read of one is wiped. A [`Signer`] holds it as long as it lives, so make one for a token and let it go.

use std::fmt;

use audit_pipeline::responder::Unsigned;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding},
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::Certificate;

/// Bytes of a header or of claims: far more than any vendor asks for.
const LONGEST: usize = 8192;

/// Why nothing can be signed. All but the last two are about what is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// There is no certificate.
    #[error("`certificate` holds no certificate in PEM form; it begins with -----BEGIN CERTIFICATE-----")]
    Certificate,
    /// There is no key.
    #[error("`private_key` holds no private key in PEM form, PKCS#8 or PKCS#1, without a passphrase; `openssl pkey -in FILE` writes one")]
    Key,
    /// It is no RSA key that is good enough.
    #[error("`private_key` is no RSA key of 2048 to 4096 bits ({0}); make one with `openssl req -x509 -newkey rsa:2048 …`")]
    Unfit(String),
    /// One is not of the other.
    #[error("`private_key` does not belong to `certificate`; name the two files that were made together")]
    Foreign,
    /// The component asks for another algorithm.
    #[error("the component asks for the algorithm {0}, and only PS256 and RS256 can be signed with")]
    Algorithm(String),
    /// The component gave something else to sign.
    #[error("what the component gives to sign is {0}")]
    Unsigned(&'static str),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes to sign with")]
    Random,
}

/// A certificate and its key.
pub struct Signer {
    key: KeyPair,
    certificate: Certificate,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", hex::encode(self.certificate.thumbprint))
    }
}

impl Signer {
    /// From PEM: the first certificate, and the RSA key of it, PKCS#8 or PKCS#1.
    pub fn new(certificate: &str, private_key: &str) -> Result<Self, SignError> {
        let certificate = der(certificate)?;
        let der = Zeroizing::new(PrivateKeyDer::from_pem_slice(private_key.as_bytes()).map_err(|_| SignError::Key)?);
        let key = match &*der {
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(SignError::Unfit("it is of another kind".to_owned())),
        };
        let key = key.map_err(|why| SignError::Unfit(why.to_string()))?;
        // A certificate holds its public key as these very bytes.
        let public = key.public().as_ref();
        if !certificate.windows(public.len()).any(|part| part == public) {
            return Err(SignError::Foreign);
        }
        Ok(Self { key, certificate: Certificate::new(&certificate) })
    }

    /// The certificate alone, from PEM, without its key.
    pub fn certificate_of(pem: &str) -> Result<Certificate, SignError> {
        Ok(Certificate::new(&der(pem)?))
    }

    /// What it signs for.
    pub fn certificate(&self) -> Certificate {
        self.certificate
    }

    /// SHA-256 of the certificate (DER), as vendors call it.
    pub fn thumbprint(&self) -> [u8; 32] {
        self.certificate.thumbprint
    }

    /// The token, signed.
    pub fn sign(&self, unsigned: &Unsigned) -> Result<String, SignError> {
        let scheme: &dyn RsaEncoding = match unsigned.algorithm.as_str() {
            "PS256" => &RSA_PSS_SHA256,
            "RS256" => &RSA_PKCS1_SHA256,
            other => return Err(SignError::Algorithm(crate::neutral::brief(other, 20))),
        };
        let header = object(&unsigned.header)?;
        if header.get("alg").and_then(Value::as_str) != Some(unsigned.algorithm.as_str()) {
            return Err(SignError::Unsigned("a header that says another algorithm"));
        }
        object(&unsigned.claims)?;
        let mut token = [&unsigned.header, &unsigned.claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).join(".");
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(scheme, &SystemRandom::new(), token.as_bytes(), &mut signature).map_err(|_| SignError::Random)?;
        token.push('.');
        token.push_str(&BASE64_URL_SAFE_NO_PAD.encode(signature));
        Ok(token)
    }
}

fn der(pem: &str) -> Result<CertificateDer<'static>, SignError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| SignError::Certificate)
}

fn object(text: &str) -> Result<Map<String, Value>, SignError> {
    if text.len() > LONGEST {
        return Err(SignError::Unsigned("too long"));
    }
    serde_json::from_str(text).map_err(|_| SignError::Unsigned("no JSON object"))
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
        VerificationAlgorithm,
    };

    use super::{SignError, Signer, SystemRandom, Unsigned};

    const CERTIFICATE: &str = include_str!("key/certificate.pem");
    const OTHER: &str = include_str!("key/other.pem");
    const PKCS8: &str = include_str!("key/pkcs8.pem");
    const PKCS1: &str = include_str!("key/pkcs1.pem");
    const PUBLIC: &str = include_str!("key/public.txt");
    /// As `openssl x509 -in certificate.pem -noout -fingerprint -sha256` says it.
    const THUMBPRINT: &str = "6b704db4b653d89633efa71244653ab98e0a4caed2661fd2a42b5e9100c0c90b";

    fn unsigned(algorithm: &str) -> Unsigned {
        Unsigned {
            algorithm: algorithm.to_owned(),
            header: format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#),
            claims: r#"{"aud":"https://login.example","exp":1}"#.to_owned(),
        }
    }

    #[test]
    fn what_is_signed_is_verified_with_the_public_key_and_holds_what_was_given() {
        let public = BASE64_STANDARD.decode(PUBLIC.trim()).unwrap();
        let schemes: [(&str, &'static dyn VerificationAlgorithm); 2] =
            [("PS256", &RSA_PSS_2048_8192_SHA256), ("RS256", &RSA_PKCS1_2048_8192_SHA256)];
        for key in [PKCS8, PKCS1] {
            let signer = Signer::new(CERTIFICATE, key).unwrap();
            for (algorithm, scheme) in schemes {
                let unsigned = unsigned(algorithm);
                let token = signer.sign(&unsigned).unwrap();
                let (signed, signature) = token.rsplit_once('.').unwrap();
                let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
                UnparsedPublicKey::new(scheme, &public).verify(signed.as_bytes(), &signature).unwrap();
                let (header, claims) = signed.split_once('.').unwrap();
                for (part, given) in [(header, &unsigned.header), (claims, &unsigned.claims)] {
                    assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(part).unwrap(), given.as_bytes());
                }
            }
        }
    }

    #[test]
    fn the_thumbprint_is_what_openssl_says() {
        let signer = Signer::new(CERTIFICATE, PKCS8).unwrap();
        assert_eq!(hex::encode(signer.thumbprint()), THUMBPRINT);
        assert_eq!(format!("{signer:?}"), format!("Signer({THUMBPRINT})"), "and nothing of the key");
    }

    #[test]
    fn what_is_no_key_of_the_certificate_is_refused_without_a_word_of_it() {
        let curve = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let curve = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(curve));
        let locked = PKCS8.replace("PRIVATE", "ENCRYPTED PRIVATE");
        let said = |certificate: &str, key: &str| Signer::new(certificate, key).unwrap_err();
        assert_eq!(said(PKCS8, PKCS8), SignError::Certificate);
        assert_eq!(said(CERTIFICATE, CERTIFICATE), SignError::Key);
        assert_eq!(said(CERTIFICATE, &locked), SignError::Key);
        assert_eq!(said(CERTIFICATE, "-----BEGIN"), SignError::Key);
        assert_eq!(said(OTHER, PKCS8), SignError::Foreign);
        assert!(matches!(said(CERTIFICATE, &curve), SignError::Unfit(_)));
        let (head, rest) = PKCS8.split_at(PKCS8.find('\n').unwrap() + 40);
        let cut = format!("{head}{}{}", if rest.starts_with('A') { 'B' } else { 'A' }, &rest[1..]);
        assert!(Signer::new(CERTIFICATE, &cut).is_err());
    }

    #[test]
    fn only_a_token_of_a_known_algorithm_is_signed() {
        let signer = Signer::new(CERTIFICATE, PKCS8).unwrap();
        let said = |unsigned: Unsigned| signer.sign(&unsigned).unwrap_err();
        assert_eq!(said(unsigned("none")), SignError::Algorithm("none".to_owned()));
        assert_eq!(said(unsigned("HS256")), SignError::Algorithm("HS256".to_owned()));
        assert!(matches!(said(Unsigned { algorithm: "RS256".to_owned(), ..unsigned("PS256") }), SignError::Unsigned(_)));
        assert!(matches!(said(Unsigned { claims: "7".to_owned(), ..unsigned("PS256") }), SignError::Unsigned(_)));
        assert!(matches!(
            said(Unsigned { claims: format!("{{\"a\":\"{}\"}}", "x".repeat(9000)), ..unsigned("PS256") }),
            SignError::Unsigned(_)
        ));
    }
}

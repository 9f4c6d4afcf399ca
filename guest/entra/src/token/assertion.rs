//! What the host signs in place of a secret:
//! <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use crate::{config::Config, responder::Unsigned, types::Failure};

/// How long an assertion is good for, in seconds.
const LIFETIME: u64 = 600;

/// The assertion that lacks its signature. `certificate`: the SHA-256 of the certificate; `nonce`: never the same twice.
pub fn assertion(config: &Config, certificate: &[u8], nonce: &str, now: u64) -> Result<Unsigned, Failure> {
    if certificate.len() != 32 {
        return Err(Failure::Invalid(format!(
            "the digest of the certificate has {} bytes; it is the SHA-256 of the certificate in DER, which has 32",
            certificate.len()
        )));
    }
    if nonce.is_empty() {
        return Err(Failure::Invalid("the nonce of the assertion is empty; without one it could be used again".to_owned()));
    }
    let seconds = now / 1000;
    Ok(Unsigned {
        algorithm: "PS256".to_owned(),
        header: json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(certificate) }).to_string(),
        claims: json!({
            "aud": config.token_url(),
            "iss": config.client_id,
            "sub": config.client_id,
            "jti": nonce,
            "nbf": seconds,
            "iat": seconds,
            "exp": seconds.saturating_add(LIFETIME),
        })
        .to_string(),
    })
}

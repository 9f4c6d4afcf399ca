//! A client assertion, see <https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials>.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;

use super::{App, refusal::Refusal};

/// What `client_assertion_type` must say.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Microsoft asks for five to ten minutes at most.
pub(super) const LONG_S: u64 = 600;

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    #[serde(rename = "x5t#S256")]
    x5t: String,
}

/// What it claims; times in seconds.
#[derive(Deserialize)]
pub(super) struct Claims {
    aud: String,
    iss: String,
    sub: String,
    pub(super) jti: String,
    pub(super) exp: u64,
    nbf: u64,
    #[serde(default)]
    iat: Option<u64>,
}

/// Whom it may be addressed to: this endpoint, under its own name and under the real one's.
pub(super) fn audiences(tenant: &str, host: Option<&str>) -> Vec<String> {
    let at = |origin: &str| format!("{origin}/{tenant}/oauth2/v2.0/token");
    let own = host.into_iter().flat_map(|host| [at(&format!("http://{host}")), at(&format!("https://{host}"))]);
    own.chain([at("https://login.microsoftonline.com")]).collect()
}

fn part<'a, T: Deserialize<'a>>(text: &str, into: &'a mut Vec<u8>) -> Option<T> {
    *into = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(into).ok()
}

/// Its claims, not yet believed.
pub(super) fn read(assertion: &str) -> Result<Claims, Refusal> {
    let mut bytes = Vec::new();
    let [_, claims, _] = parts(assertion)?;
    let claims: Claims = part(claims, &mut bytes).ok_or(Refusal::MALFORMED)?;
    if claims.jti.is_empty() { Err(Refusal::MALFORMED) } else { Ok(claims) }
}

fn parts(assertion: &str) -> Result<[&str; 3], Refusal> {
    let parts: Vec<&str> = assertion.split('.').collect();
    parts.try_into().map_err(|_| Refusal::MALFORMED)
}

/// Whether the app itself said so, now, for this endpoint, and for the first time.
pub(super) fn judge(assertion: &str, claims: &Claims, app: &App, audiences: &[String], again: bool, now: u64) -> Result<(), Refusal> {
    let [header, body, signature] = parts(assertion)?;
    let mut bytes = Vec::new();
    let read: Header = part(header, &mut bytes).ok_or(Refusal::MALFORMED)?;
    if read.alg != "PS256" || read.typ != "JWT" {
        return Err(Refusal::MALFORMED);
    }
    let certificate = app.certificates.iter().find(|known| known.x5t() == read.x5t).ok_or(Refusal::KEY)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refusal::MALFORMED)?;
    let said = format!("{header}.{body}");
    let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &certificate.key);
    key.verify(said.as_bytes(), &signature).map_err(|_| Refusal::SIGNATURE)?;
    if claims.iss != app.client_id || claims.sub != app.client_id {
        return Err(Refusal::ISSUER);
    }
    if !audiences.contains(&claims.aud) {
        return Err(Refusal::AUDIENCE);
    }
    let seconds = now / 1000;
    let early = claims.nbf > seconds || claims.iat.is_some_and(|at| at > seconds);
    if claims.exp <= seconds || early {
        return Err(Refusal::TIME);
    }
    if again { Err(Refusal::REPLAYED) } else { Ok(()) }
}

//! An authority of its own, as a gateway that inspects TLS has one: issues a certificate for whatever host is asked for.
//!
//! Written out in DER (<https://www.rfc-editor.org/rfc/rfc5280#section-4.1>), keys on the curve P-256. Good for tests, and for
//! nothing else: every certificate has the same key.

use std::{io, net::IpAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
pub use tokio_rustls::TlsAcceptor;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTF8: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const EXTENDED_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SERVER: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const BEGINS: &str = "200101000000Z";

/// Until when a certificate is good where nobody says otherwise, as DER writes it.
pub const FAR: &str = "491231235959Z";

/// The authority.
#[derive(Debug)]
pub struct Authority {
    name: String,
    authority_key: EcdsaKeyPair,
    host_key: EcdsaKeyPair,
    host_pkcs8: Vec<u8>,
    certificate: Vec<u8>,
}

impl Authority {
    /// A new one, called so.
    pub fn new(name: &str) -> io::Result<Self> {
        let random = SystemRandom::new();
        let broken = |_| io::Error::other("no key could be made");
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let make = || EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(broken);
        let read = |pkcs8: &[u8]| {
            EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &random).map_err(|_| io::Error::other("a key that was made cannot be read"))
        };
        let (authority, host) = (make()?, make()?);
        let (authority_key, host_key) = (read(authority.as_ref())?, read(host.as_ref())?);
        let extensions = [
            extension(CONSTRAINTS, true, &der(SEQUENCE, &[&der(BOOLEAN, &[&[0xff]])])),
            // Signs certificates and revocations.
            extension(KEY_USAGE, true, &der(BITS, &[&[0x01, 0x06]])),
        ];
        let certificate = signed(&authority_key, name, name, &authority_key, FAR, &extensions)?;
        Ok(Self { name: name.to_owned(), authority_key, host_key, host_pkcs8: host.as_ref().to_vec(), certificate })
    }

    /// Its certificate, in PEM.
    pub fn pem(&self) -> String {
        let text = STANDARD.encode(&self.certificate);
        let lines: Vec<String> = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// The server's side of TLS under the name of a host, its certificate good until then (`YYMMDDHHMMSSZ`).
    pub fn server(&self, host: &str, ends: &str) -> io::Result<TlsAcceptor> {
        let (certificate, key) = self.issue(host, ends)?;
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|versions| versions.with_no_client_auth().with_single_cert(vec![certificate], key))
            .map_err(io::Error::other)?;
        Ok(Arc::new(config).into())
    }

    fn issue(&self, host: &str, ends: &str) -> io::Result<(CertificateDer<'static>, PrivateKeyDer<'static>)> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = match bare.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => der(0x87, &[&ip.octets()]),
            Ok(IpAddr::V6(ip)) => der(0x87, &[&ip.octets()]),
            Err(_) => der(0x82, &[bare.as_bytes()]),
        };
        let extensions = [
            extension(KEY_USAGE, true, &der(BITS, &[&[0x07, 0x80]])),
            extension(EXTENDED_USAGE, false, &der(SEQUENCE, &[&der(OBJECT, &[SERVER])])),
            extension(ALTERNATIVE_NAME, false, &der(SEQUENCE, &[&name])),
        ];
        let certificate = signed(&self.authority_key, &self.name, bare, &self.host_key, ends, &extensions)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.host_pkcs8.clone()));
        Ok((CertificateDer::from(certificate), key))
    }
}

fn signed(
    signer: &EcdsaKeyPair,
    issuer: &str,
    subject: &str,
    key: &EcdsaKeyPair,
    ends: &str,
    extensions: &[Vec<u8>],
) -> io::Result<Vec<u8>> {
    let random = SystemRandom::new();
    let mut serial = [0; 16];
    ring::rand::SecureRandom::fill(&random, &mut serial).map_err(|_| io::Error::other("no random numbers"))?;
    // Positive, and no byte too long.
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    let algorithm = der(SEQUENCE, &[&der(OBJECT, &[ECDSA_SHA256])]);
    let kind = der(SEQUENCE, &[&der(OBJECT, &[EC_KEY]), &der(OBJECT, &[P256])]);
    let extensions: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
    let body = der(
        SEQUENCE,
        &[
            &der(0xa0, &[&der(INTEGER, &[&[2]])]),
            &der(INTEGER, &[&serial]),
            &algorithm,
            &name(issuer),
            &der(SEQUENCE, &[&der(UTC_TIME, &[BEGINS.as_bytes()]), &der(UTC_TIME, &[ends.as_bytes()])]),
            &name(subject),
            &der(SEQUENCE, &[&kind, &der(BITS, &[&[0], key.public_key().as_ref()])]),
            &der(0xa3, &[&der(SEQUENCE, &extensions)]),
        ],
    );
    let signature = signer.sign(&random, &body).map_err(|_| io::Error::other("nothing could be signed"))?;
    Ok(der(SEQUENCE, &[&body, &algorithm, &der(BITS, &[&[0], signature.as_ref()])]))
}

fn name(common: &str) -> Vec<u8> {
    let attribute = der(SEQUENCE, &[&der(OBJECT, &[COMMON_NAME]), &der(UTF8, &[common.as_bytes()])]);
    der(SEQUENCE, &[&der(SET, &[&attribute])])
}

fn extension(object: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { der(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    der(SEQUENCE, &[&der(OBJECT, &[object]), &flag, &der(OCTETS, &[value])])
}

fn der(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let mut out = vec![kind];
    match value.len() {
        short @ 0..=0x7f => out.push(u8::try_from(short).unwrap_or_default()),
        long => {
            let bytes: Vec<u8> = long.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
            out.extend(bytes);
        }
    }
    out.extend(value);
    out
}

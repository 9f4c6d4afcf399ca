//! TLS as everything that leaves speaks it: rustls on ring, trusting the authorities of this machine and those of `ca_file`.

use std::sync::Arc;

use rustls::{
    ClientConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;

use super::client::NetworkError;
use crate::config::NetworkConfig;

/// What `ca_file` adds.
pub fn authorities(network: &NetworkConfig) -> Result<Vec<CertificateDer<'static>>, NetworkError> {
    let Some(path) = &network.ca_file else { return Ok(Vec::new()) };
    let pem = std::fs::read(path).map_err(|why| NetworkError::CaUnreadable { path: path.clone(), why })?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match read {
        Ok(read) if read.is_empty() => Err(NetworkError::CaEmpty { path: path.clone() }),
        Ok(read) => Ok(read),
        Err(why) => Err(NetworkError::CaBroken { path: path.clone(), why: why.to_string() }),
    }
}

/// Who judges certificates.
pub(super) fn verifier(network: &NetworkConfig) -> Result<Verifier, NetworkError> {
    Verifier::new_with_extra_roots(authorities(network)?, provider()).map_err(NetworkError::Tls)
}

/// The client side of TLS. Offers no protocol by name: whoever speaks HTTP over it adds that.
pub(super) fn config(network: &NetworkConfig) -> Result<ClientConfig, NetworkError> {
    judged_by(Arc::new(verifier(network)?))
}

/// The same, with the judge given.
pub(super) fn judged_by(verifier: Arc<dyn rustls::client::danger::ServerCertVerifier>) -> Result<ClientConfig, NetworkError> {
    let versions = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().map_err(NetworkError::Tls)?;
    Ok(versions.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    // Somebody else in this process may have chosen a provider before: theirs serves too.
    let _ = rustls::crypto::ring::default_provider().install_default();
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}

//! TLS for `send`: whom it trusts.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::ClientError;

/// A configuration that trusts the certificates of this file alone, or those that this machine
/// trusts.
///
/// # Errors
/// [`ClientError::Failed`] when there is nobody to trust.
pub fn configuration(authorities: Option<&Path>) -> Result<Arc<ClientConfig>, ClientError> {
    let roots = match authorities {
        Some(file) => read_roots(file)
            .map_err(|why| ClientError::Failed(format!("{}: {why}", file.display())))?,
        None => system_roots()?,
    };
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Failed(format!("cannot speak TLS: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn read_roots(file: &Path) -> Result<RootCertStore, String> {
    let text = std::fs::read(file).map_err(|error| error.to_string())?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|_| "this is not well-formed PEM".to_owned())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() {
        return Err("there is no certificate (PEM) in it".to_owned());
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, ClientError> {
    let mut roots = RootCertStore::empty();
    // What is broken among the many is left out; a server that needs it is not trusted.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(ClientError::Failed(
            "this machine trusts no certificate authority: name a file with --tls-ca".into(),
        ));
    }
    Ok(roots)
}

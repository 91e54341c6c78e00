//! Whom the system trusts.

use rustls::RootCertStore;

/// The authorities of the file or folder that SSL_CERT_FILE or SSL_CERT_DIR name, else of the system.
#[must_use]
pub fn system_authorities() -> RootCertStore {
    let mut authorities = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (_, ignored) = authorities.add_parsable_certificates(found.certs);
    if authorities.is_empty() {
        let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        tracing::warn!(
            ignored,
            errors = errors.join("; "),
            "no certificate authority was found, https will fail"
        );
    }
    authorities
}

//! A server that speaks https, and whose certificate it shows.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::house::{Behaviour, answer, fixture};

/// An authority: its certificate as DER and PEM, and what it signs with.
pub(crate) struct Authority {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
pub(crate) struct Certified {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) pem: String,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).expect("a certificate");
        let (der, pem) = (certificate.der().clone(), certificate.pem());
        Self { der, pem, issuer: Issuer::new(params, key) }
    }

    /// Signs a certificate for `name`, changed by `change`.
    pub(crate) fn sign(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Certified {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Certified { der: certificate.der().clone(), pem: certificate.pem(), key }
    }
}

/// A certificate for `home.example` that only itself vouches for.
pub(crate) fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> Certified {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(["home.example".to_owned()]).expect("a name");
    change(&mut params);
    let certificate = params.self_signed(&key).expect("a certificate");
    Certified { der: certificate.der().clone(), pem: certificate.pem(), key }
}

/// A server with this certificate, that gives a good answer to whatever it reads; its port. Those who come need a
/// certificate from `clients`, if there is one.
pub(crate) async fn https_server(certified: &Certified, clients: Option<&Authority>) -> u16 {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.key.serialize_der()));
    let builder = match clients {
        None => ServerConfig::builder().with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der.clone()).expect("an authority");
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("a verifier");
            ServerConfig::builder().with_client_cert_verifier(verifier)
        }
    };
    let config = builder.with_single_cert(vec![certified.der.clone()], key).expect("a good certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            match acceptor.accept(stream).into_fallible().await {
                Ok(mut stream) => {
                    let _ = stream.read(&mut [0; 8192]).await;
                    if let Behaviour::Send(reply) = answer("200 OK", &fixture("turn-on-reply")) {
                        let _ = stream.write_all(reply.as_bytes()).await;
                    }
                }
                // Closed with something unread in it, a connection is reset, which can overtake the alert.
                Err((_, mut stream)) => drop(stream.read_to_end(&mut Vec::new()).await),
            }
        }
    });
    port
}

/// As `openssl x509 -noout -fingerprint -sha256` prints it.
pub(crate) fn fingerprint(certified: &Certified) -> String {
    certificates::Fingerprint::of(&certified.der).to_string()
}

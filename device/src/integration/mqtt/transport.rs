//! The way to a broker: TCP, with TLS over it or not.

use std::sync::Arc;

use http_client::system_authorities;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Broker, Trust};

/// Bytes both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Dials a broker.
pub(super) struct Dialler {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Dialler {
    /// Dials `broker`.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(super) fn new(broker: &Broker) -> Result<Self, String> {
        let Broker { host, port, trust } = broker.clone();
        let tls = trust.map(|trust| {
            let name = ServerName::try_from(host.clone()).map_err(|error| format!("{host}: {error}"))?;
            Ok::<_, String>((connector(trust)?, name))
        });
        Ok(Self { host, port, tls: tls.transpose()? })
    }

    /// A new connection.
    ///
    /// # Errors
    /// When there is none; why, for people.
    pub(super) async fn dial(&self) -> Result<Box<dyn Stream>, String> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await;
        let tcp = tcp.map_err(|error| format!("port {}: {error}", self.port))?;
        // A press is one small packet, which is not to wait for another; and what is still on its way when a connection is
        // given up is not to arrive later.
        let told = |error: std::io::Error| error.to_string();
        tcp.set_nodelay(true).and_then(|()| tcp.set_zero_linger()).map_err(told)?;
        match &self.tls {
            None => Ok(Box::new(tcp)),
            Some((connector, name)) => match connector.connect(name.clone(), tcp).await {
                Ok(tls) => Ok(Box::new(tls)),
                Err(error) => Err(format!("tls: {error}; see `ca`, and the name in `url`")),
            },
        }
    }
}

fn connector(trust: Trust) -> Result<TlsConnector, String> {
    let authorities = match trust {
        Trust::System => system_authorities(),
        Trust::Authorities(certificates) => {
            let mut authorities = RootCertStore::empty();
            for der in certificates {
                authorities.add(CertificateDer::from(der)).map_err(|error| format!("`ca`: {error}"))?;
            }
            authorities
        }
    };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(authorities)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

//! The hop of https: the handshake as a directive's is made, and the certificate that is shown.

use std::sync::Arc;
use std::time::SystemTime;

use http_client::rustls_error;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig};
use tailnet::Sidecar;
use tokio::net::TcpStream;
use tower_service::Service;

use super::certificate::Shown;
use super::walk::{Passed, Trouble};
use crate::settings::{BaseUrl, Settings};
use crate::tls::{self, HandshakeError, Trust};

/// A connection to Home Assistant, and how to make another.
pub(super) struct Dialled<'a> {
    pub(super) sidecar: &'a Sidecar,
    pub(super) settings: &'a Settings,
    pub(super) stream: TcpStream,
}

/// Agrees on TLS with the settings `config`; what is shown is described also when it is refused.
pub(super) async fn agree(
    dialled: Dialled<'_>,
    config: &ClientConfig,
    now: SystemTime,
) -> Result<Passed<()>, Trouble> {
    let Dialled { sidecar, settings, stream } = dialled;
    let url = &settings.base_url;
    match shake_hands(stream, config, url).await {
        Ok(leaf) => Ok(accepted(leaf.as_ref().map(|leaf| Shown::read(leaf, now)), settings)),
        Err(error) => {
            let shown = look(sidecar, url).await.map(|leaf| Shown::read(&leaf, now));
            Err(refused(&error, shown.as_ref(), url))
        }
    }
}

/// The certificate that the server showed.
async fn shake_hands(
    stream: TcpStream,
    config: &ClientConfig,
    url: &BaseUrl,
) -> std::io::Result<Option<CertificateDer<'static>>> {
    let name = ServerName::try_from(url.host().to_owned()).map_err(std::io::Error::other)?;
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config.clone())).connect(name, stream).await?;
    let (_, session) = stream.get_ref();
    Ok(session.peer_certificates().and_then(|chain| chain.first()).map(|leaf| leaf.clone().into_owned()))
}

/// The certificate of a server that was refused, over another connection that is used for nothing else.
async fn look(sidecar: &Sidecar, url: &BaseUrl) -> Option<CertificateDer<'static>> {
    let stream = sidecar.connector().call(url.smart_home.clone()).await.ok()?;
    let config = tls::config(Trust::Anything, None).ok()?;
    shake_hands(stream.into_inner(), &config, url).await.ok()?
}

fn accepted(shown: Option<Shown>, settings: &Settings) -> Passed<()> {
    let Some(shown) = shown else { return Passed::new((), "agreed") };
    let mut passed = Passed::new((), shown.to_string());
    let end_matters = !settings.no_verify_ssl && settings.pinned_certificate.is_none();
    if let Some(days) = shown.ends_soon().filter(|_| end_matters) {
        passed.advice = Some(format!("Home Assistant's certificate ends in {days} days: renew it before."));
    }
    passed
}

fn refused(error: &std::io::Error, shown: Option<&Shown>, url: &BaseUrl) -> Trouble {
    let reason =
        HandshakeError::of_connect(error).map_or_else(|| error.to_string(), |error| error.to_string());
    let Some(shown) = shown else { return Trouble::new(reason, handshake_advice(error, url)) };
    let pin = format!("porch:bridge.pinnedCertificate to {}", shown.fingerprint);
    let advice = match rustls_error(error) {
        Some(rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        )) => format!(
            "Set porch:bridge.caCertificates to the PEM of the authority that signed it, or {pin}, and run `pulumi up`."
        ),
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => format!("Set porch:bridge.baseUrl (`{url}`) to a name that the certificate is for, or {pin}."),
        Some(rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => "Renew Home Assistant's certificate, and have it load the new one.".into(),
        Some(rustls::Error::InvalidCertificate(CertificateError::Other(_))) => format!(
            "If the certificate is yours, set {pin} and run `pulumi up`. If it is not, somebody else answers there."
        ),
        _ => handshake_advice(error, url),
    };
    Trouble::new(format!("{reason} ({shown})"), advice)
}

fn handshake_advice(error: &std::io::Error, url: &BaseUrl) -> String {
    match rustls_error(error) {
        Some(rustls::Error::InvalidMessage(_)) => {
            format!(
                "Home Assistant speaks http there: make porch:bridge.baseUrl (`{url}`) begin with http://."
            )
        }
        Some(rustls::Error::AlertReceived(_)) => CLIENT_CERTIFICATE.into(),
        _ => format!(
            "Does a server for https listen at porch:bridge.baseUrl (`{url}`)? Its own log may say more."
        ),
    }
}

/// What to do about a server that does not accept the function.
pub(super) const CLIENT_CERTIFICATE: &str = "Set porch:bridge.clientCertificate and the secret \
     porch:clientKey to a certificate that the server (Home Assistant, or a proxy before it) accepts, and run `pulumi up`.";

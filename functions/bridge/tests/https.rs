//! Home Assistant over https, with a certificate that no authority has signed.

mod house;

use std::sync::Arc;

use house::{Behaviour, House, answer, error_type, fixture, logged};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A server with a certificate of its own making, that gives a good answer to whatever it reads; its port.
async fn https_server() -> u16 {
    let certified = rcgen::generate_simple_self_signed(["home.example".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a good certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 8192]).await;
                if let Behaviour::Send(reply) = answer("200 OK", &fixture("turn-on-reply")) {
                    let _ = stream.write_all(reply.as_bytes()).await;
                }
            }
        }
    });
    port
}

async fn ask(no_verify_ssl: &str) -> bridge::Answer {
    let base_url = format!("https://home.example:{}", https_server().await);
    let variables = [("BASE_URL", base_url.as_str()), ("NO_VERIFY_SSL", no_verify_ssl)];
    let house = House::with_settings(Behaviour::Silence, &variables).await;
    house.ask(&fixture("turn-on")).await
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_and_the_reason_told() {
    let answer = ask("false").await;
    assert_eq!(error_type(&answer), "BRIDGE_UNREACHABLE");
    assert!(logged(&answer).to_string().contains("invalid peer certificate"), "{}", logged(&answer));
}

#[tokio::test]
async fn no_verify_ssl_accepts_it() {
    assert_eq!(ask("true").await.log.outcome, "home_assistant");
}

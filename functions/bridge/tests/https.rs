//! Home Assistant over https, in every way that people run it.

mod house;
mod https_server;

use std::sync::Arc;

use house::{Behaviour, House, error_type, fixture, logged};
use https_server::{Authority, Certified, fingerprint, https_server, self_signed};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What comes of a directive when `server` is asked with these variables.
async fn ask(server: u16, variables: &[(&str, &str)]) -> bridge::Answer {
    let base_url = format!("https://home.example:{server}");
    let variables = [&[("BASE_URL", base_url.as_str())], variables].concat();
    let house = House::with_settings(Behaviour::Silence, &variables).await;
    house.ask(&fixture("turn-on")).await
}

#[track_caller]
fn accepted(answer: &bridge::Answer) {
    assert_eq!(answer.log.outcome, "home_assistant", "{}", logged(answer));
    let phases = &logged(answer)["phases_ms"];
    for phase in ["name", "dial", "tls", "reply"] {
        assert!(phases[phase].is_number(), "no {phase} in {phases}");
    }
}

/// That Alexa is told the one thing, and the log the other.
#[track_caller]
fn refused(answer: &bridge::Answer, reason: &str) {
    assert_eq!(error_type(answer), "BRIDGE_UNREACHABLE");
    let failure = logged(answer)["failure"].as_str().unwrap_or_default().to_owned();
    assert!(failure.contains(reason), "{failure}");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_and_the_reason_told() {
    let server = https_server(&self_signed(|_| ()), None).await;
    refused(&ask(server, &[]).await, "is not accepted: its issuer is not trusted; set CA_CERTIFICATES");
    let authority = self_signed(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    let server = https_server(&authority, None).await;
    refused(&ask(server, &[]).await, "it is self-signed, an authority's own; set PINNED_CERTIFICATE");
}

#[tokio::test]
async fn no_verify_ssl_accepts_it() {
    let server = https_server(&self_signed(|_| ()), None).await;
    accepted(&ask(server, &[("NO_VERIFY_SSL", "true")]).await);
}

#[tokio::test]
async fn a_private_authority_vouches_for_the_name_though_the_address_was_dialled() {
    let (authority, other) = (Authority::new("house"), Authority::new("other"));
    let trusted = [("CA_CERTIFICATES", authority.pem.as_str())];
    let good = https_server(&authority.sign("home.example", |_| ()), None).await;
    accepted(&ask(good, &trusted).await);
    let both = other.pem.clone() + &authority.pem;
    accepted(&ask(good, &[("CA_CERTIFICATES", &both)]).await);
    refused(&ask(good, &[("CA_CERTIFICATES", &other.pem)]).await, "its issuer is not trusted");
    let remade = Authority::new("house");
    refused(&ask(good, &[("CA_CERTIFICATES", &remade.pem)]).await, "another authority of the same name");

    for name in ["other.example", "100.64.0.1"] {
        let wrong_name = https_server(&authority.sign(name, |_| ()), None).await;
        let answer = ask(wrong_name, &trusted).await;
        refused(&answer, "it is not for `home.example` but for ");
        refused(&answer, name);
    }
}

#[tokio::test]
async fn a_certificate_is_good_in_its_time_only() {
    let authority = Authority::new("house");
    let trusted = [("CA_CERTIFICATES", authority.pem.as_str())];
    let expired = authority.sign("home.example", |params| params.not_after = date_time_ymd(2020, 1, 1));
    let server = https_server(&expired, None).await;
    refused(&ask(server, &trusted).await, "it expired ");
    let early = authority.sign("home.example", |params| params.not_before = date_time_ymd(3000, 1, 1));
    let server = https_server(&early, None).await;
    refused(&ask(server, &trusted).await, "it is valid only in ");
}

#[tokio::test]
async fn a_pinned_certificate_is_accepted_whatever_else_it_is_and_no_other() {
    let old = self_signed(|params| {
        params.not_after = date_time_ymd(2020, 1, 1);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let server = https_server(&old, None).await;
    let pin = fingerprint(&old);
    for pin in [pin.clone(), pin.replace(':', "").to_lowercase()] {
        accepted(&ask(server, &[("PINNED_CERTIFICATE", &pin)]).await);
    }
    let other = self_signed(|_| ());
    let server = https_server(&other, None).await;
    let found = format!("it is not the pinned one, its fingerprint is {}", fingerprint(&other));
    refused(&ask(server, &[("PINNED_CERTIFICATE", &pin)]).await, &found);
}

#[tokio::test]
async fn a_pin_is_no_proof_without_the_key_to_the_certificate() {
    // What whoever gets between can do: show the certificate, which is public, and sign with another key.
    let pinned = self_signed(|_| ());
    let thief = Certified { der: pinned.der.clone(), pem: pinned.pem.clone(), key: self_signed(|_| ()).key };
    let signing = rustls::crypto::ring::sign::any_ecdsa_type(
        &PrivatePkcs8KeyDer::from(thief.key.serialize_der()).into(),
    );
    let shown = rustls::sign::CertifiedKey::new(vec![thief.der], signing.expect("a key"));
    let resolver = rustls::sign::SingleCertAndKey::from(shown);
    let config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(Arc::new(resolver));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    for variable in [("PINNED_CERTIFICATE", fingerprint(&pinned).as_str()), ("NO_VERIFY_SSL", "true")] {
        refused(&ask(port, &[variable]).await, "is not accepted");
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_whom_asks_for_one() {
    let (authority, clients) = (Authority::new("house"), Authority::new("clients"));
    let server = https_server(&authority.sign("home.example", |_| ()), Some(&clients)).await;
    let for_clients = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    let with = async |client: Option<&Certified>| {
        let key = client.map(|client| client.key.serialize_pem()).unwrap_or_default();
        let mut variables = vec![("CA_CERTIFICATES", authority.pem.as_str())];
        if let Some(client) = client {
            variables.extend([("CLIENT_CERTIFICATE", client.pem.as_str()), ("CLIENT_KEY", key.as_str())]);
        }
        ask(server, &variables).await
    };
    accepted(&with(Some(&clients.sign("bridge", for_clients))).await);
    refused(
        &with(None).await,
        "home assistant wants a client certificate; set CLIENT_CERTIFICATE and CLIENT_KEY",
    );
    let stranger = Authority::new("strange").sign("bridge", for_clients);
    refused(&with(Some(&stranger)).await, "home assistant does not accept the client certificate (");
}

#[tokio::test]
async fn a_server_that_ends_without_a_word_may_have_missed_a_certificate() {
    // As Home Assistant itself does, whose TLS is Python's.
    let certified = self_signed(|_| ());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certified.der.clone()], key).expect("a good certificate");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 8192]).await;
                let (tcp, _) = stream.into_inner();
                drop(tcp);
            }
        }
    });
    let answer = ask(port, &[("NO_VERIFY_SSL", "true")]).await;
    refused(
        &answer,
        "broke before its reply was complete: it ended without a word of TLS; if home assistant asks",
    );
}

#[tokio::test]
async fn a_client_key_of_another_certificate_is_told() {
    let (client, other) = (self_signed(|_| ()), self_signed(|_| ()).key.serialize_pem());
    let server = https_server(&client, None).await;
    let answer = ask(server, &[("CLIENT_CERTIFICATE", &client.pem), ("CLIENT_KEY", &other)]).await;
    assert_eq!(error_type(&answer), "INTERNAL_ERROR");
    assert!(logged(&answer).to_string().contains("does not belong to the client certificate"));
}

#[tokio::test]
async fn a_server_without_tls_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 8192]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    refused(&ask(port, &[]).await, "does not speak TLS; is it http:// there?");
}

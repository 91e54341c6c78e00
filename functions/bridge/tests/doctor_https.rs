//! What the doctor finds of a Home Assistant that speaks https.

mod house;
mod https_server;

use std::time::{Duration, Instant, SystemTime};

use bridge::doctor::{Hop, Outcome};
use house::{Behaviour, House};
use https_server::{Authority, fingerprint, https_server, self_signed};
use rcgen::{CertificateParams, DnType, date_time_ymd};

/// What the doctor finds of `server` at the hop `hop`, with these variables.
async fn examined(server: u16, variables: &[(&str, &str)], hop: Hop) -> (Outcome, String, String) {
    let base_url = format!("https://home.example:{server}");
    let variables = [&[("BASE_URL", base_url.as_str())], variables].concat();
    let house = House::with_settings(Behaviour::Silence, &variables).await;
    let until = Instant::now() + Duration::from_secs(5);
    let report = house.bridge.examine(None, SystemTime::now(), until).await.report;
    let finding = report.hops.into_iter().find(|finding| finding.hop == hop).expect("every hop is there");
    (finding.outcome, finding.found, finding.advice.unwrap_or_default())
}

#[tokio::test]
async fn the_doctor_tells_whose_certificate_it_is_and_how_long_it_is_good() {
    let authority = Authority::new("house");
    let trusted = [("CA_CERTIFICATES", authority.pem.as_str())];
    let certified = authority.sign("home.example", |params| {
        params.distinguished_name.push(DnType::CommonName, "home");
        params.not_after = date_time_ymd(4000, 1, 1);
    });
    let server = https_server(&certified, None).await;
    let (outcome, found, advice) = examined(server, &trusted, Hop::Tls).await;
    assert_eq!((outcome, advice.as_str()), (Outcome::Passed, ""), "{found}");
    assert!(found.starts_with("CN=home from CN=house, good until 4000-01-01 ("), "{found}");
    assert!(found.ends_with(&format!(" days), SHA-256 {}", fingerprint(&certified))), "{found}");

    let soon = SystemTime::now() + Duration::from_secs(5 * 86_400 + 3_600);
    let ending = |params: &mut CertificateParams| params.not_after = soon.into();
    let server = https_server(&authority.sign("home.example", ending), None).await;
    let (outcome, _, advice) = examined(server, &trusted, Hop::Tls).await;
    assert_eq!(outcome, Outcome::Passed);
    assert_eq!(advice, "Home Assistant's certificate ends in 5 days: renew it before.");
    // Whoever pins a certificate has said that its time is of no matter.
    let pinned = self_signed(ending);
    let server = https_server(&pinned, None).await;
    let pin = fingerprint(&pinned);
    let (outcome, _, advice) = examined(server, &[("PINNED_CERTIFICATE", pin.as_str())], Hop::Tls).await;
    assert_eq!((outcome, advice.as_str()), (Outcome::Passed, ""));
}

#[tokio::test]
async fn the_doctor_tells_how_to_accept_a_certificate_that_is_refused() {
    let authority = Authority::new("house");
    let trusted = [("CA_CERTIFICATES", authority.pem.as_str())];
    let good = authority.sign("home.example", |_| ());
    let other_name = authority.sign("other.example", |_| ());
    let expired = authority.sign("home.example", |params| params.not_after = date_time_ymd(2020, 1, 1));
    let (pin, other_pin) = (fingerprint(&good), fingerprint(&expired));
    let pinned = [("PINNED_CERTIFICATE", other_pin.as_str())];
    for (certified, variables, reason, advised) in [
        (&good, &[][..], "its issuer is not trusted", "porch:bridge.caCertificates"),
        (&good, &pinned[..], "it is not the pinned one", "somebody else answers"),
        (
            &other_name,
            &trusted[..],
            "it is not for `home.example`",
            "porch:bridge.baseUrl (`https://home.example:",
        ),
        (&expired, &trusted[..], "it expired", "Renew"),
    ] {
        let server = https_server(certified, None).await;
        let (outcome, found, advice) = examined(server, variables, Hop::Tls).await;
        assert_eq!(outcome, Outcome::Failed, "{found}");
        assert!(found.contains(reason) && found.contains(&fingerprint(certified)), "{found}");
        assert!(advice.contains(advised), "{advice}");
        assert_eq!(advice.contains(&pin), reason != "it expired" && certified.der == good.der, "{advice}");
    }
}

#[tokio::test]
async fn the_doctor_tells_of_a_client_certificate_that_is_wanted() {
    let (authority, clients) = (Authority::new("house"), Authority::new("clients"));
    let server = https_server(&authority.sign("home.example", |_| ()), Some(&clients)).await;
    // With TLS 1.3 the server says so only once the handshake is over for the client.
    let trusted = [("CA_CERTIFICATES", authority.pem.as_str())];
    let (outcome, found, advice) = examined(server, &trusted, Hop::Http).await;
    assert_eq!(outcome, Outcome::Failed);
    assert!(found.contains("wants a client certificate"), "{found}");
    assert!(advice.contains("porch:bridge.clientCertificate and the secret porch:clientKey"), "{advice}");
}

//! A manifest from its signing to its opening, and everything that does not count as one.

use package::{
    Architecture, Manifest, NotThePackage, Place, Prefix, PublicKey, Refused, Sha256, SigningKey, Version,
};
use secrecy::{ExposeSecret, SecretString};
use time::macros::datetime;

/// A pair that is used nowhere else.
const PRIVATE: &str = "MFECAQEwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fgSEAA6EHv/POEL4dcN0Y50vA\
                       mWfk1jCbpQ1fHdyGZBJVMbg=";
const PACKAGE: &[u8] = b"a package";

fn key() -> SigningKey {
    SigningKey::parse(&PRIVATE.into()).expect("a key")
}

fn manifest() -> Manifest {
    let version = Version::new("0.1.0", datetime!(2026-03-01 08:15:30 UTC), "1a9b03d2c4").expect("a version");
    let prefix = Prefix::parse("device").expect("a prefix");
    let place = Place { prefix, architecture: Architecture::Arm64 };
    Manifest {
        key: place.package_key(&version),
        version,
        architecture: Architecture::Arm64,
        sha256: Sha256::of(PACKAGE),
        size: PACKAGE.len(),
        published_at: datetime!(2026-03-01 08:15:30 UTC),
    }
}

fn open(published: &str) -> Result<Manifest, Refused> {
    key().public_key().open(published.as_bytes(), Architecture::Arm64)
}

#[test]
fn what_was_signed_is_opened() {
    let published = key().sign(&manifest()).expect("a signature");
    assert_eq!(published, include_str!("fixtures/latest.json"), "devices read it so");
    assert_eq!(open(&published).expect("the manifest"), manifest());
}

#[test]
fn what_was_not_signed_so_does_not_count() {
    let published = key().sign(&manifest()).expect("a signature");
    let long = format!("{published}{}", " ".repeat(package::MANIFEST_LIMIT));
    let (wrong_signature, not_signed) = (Refused::WrongSignature.to_string(), Refused::NotSigned.to_string());
    let other_hash = published.replace(&manifest().sha256.to_string(), &"0".repeat(64));
    let cases = [
        ("another version", published.replace("0.1.0+", "0.2.0+"), &wrong_signature),
        ("another hash", other_hash, &wrong_signature),
        ("a stranger's field", published.replace("{\"manifest\"", "{\"x\":1,\"manifest\""), &not_signed),
        ("cut off", published[..published.len() / 2].to_owned(), &not_signed),
        ("nothing", String::new(), &not_signed),
        ("too long", long, &not_signed),
    ];
    for (name, published, wanted) in cases {
        assert_eq!(&open(&published).expect_err(name).to_string(), wanted, "{name}");
    }
}

#[test]
fn another_s_key_does_not_sign_for_this_one() {
    let random = ring::rand::SystemRandom::new();
    let others = SigningKey::parse(&SigningKey::generate(&random).expect("a key")).expect("a key");
    let published = others.sign(&manifest()).expect("a signature");
    assert!(matches!(open(&published), Err(Refused::WrongSignature)));
    assert!(others.public_key().open(published.as_bytes(), Architecture::Arm64).is_ok());
}

#[test]
fn a_manifest_in_the_place_of_another_architecture_s_does_not_count() {
    let published = key().sign(&manifest()).expect("a signature");
    let error = key().public_key().open(published.as_bytes(), Architecture::Armhf).expect_err("of arm64");
    assert_eq!(error.to_string(), "it is of a package for arm64, and not for armhf");
}

#[test]
fn only_the_package_that_is_meant_is_the_package() {
    let manifest = manifest();
    manifest.check(PACKAGE).expect("the package");
    assert!(matches!(manifest.check(b"a packagE"), Err(NotThePackage::Hash { .. })));
    assert!(matches!(manifest.check(b"a packag"), Err(NotThePackage::Size { found: 8, wanted: 9 })));
}

#[test]
fn keys_are_read_strictly() {
    for bad in ["", "planted", "AAECAwQF", &PRIVATE[1..]] {
        let error = SigningKey::parse(&bad.into()).expect_err(bad);
        assert!(!error.to_string().contains("planted"), "{error}");
        assert!(PublicKey::parse(bad).is_err(), "{bad}");
    }
    let public = key().public_key();
    assert_eq!(PublicKey::parse(&public.to_string()).expect("its own text"), public);
}

#[test]
fn a_private_key_is_not_shown() {
    let secret: SecretString = PRIVATE.into();
    let shown = format!("{:?} {secret:?}", key());
    assert!(!shown.contains(&secret.expose_secret()[..20]) && shown.contains("PublicKey"), "{shown}");
}

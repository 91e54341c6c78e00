//! What the user is told about wrong settings of https.

use serde_json::json;

use crate::settings::check;
use crate::stack::{CERTIFICATE, Stack};

#[test]
fn certificates_are_pem_and_a_pin_is_a_fingerprint() {
    let (cut, key) = (&CERTIFICATE[..300], CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY"));
    check(
        "caCertificates",
        &[
            (json!(CERTIFICATE), &[]),
            (json!(CERTIFICATE.repeat(3)), &[]),
            (json!(CERTIFICATE.repeat(10)), &["at most 4096 bytes", "leave out"]),
            (json!("ca.pem"), &["found `ca.pem`", "PEM", "--path porch:bridge.caCertificates < ca.pem"]),
            (json!(cut), &["the end is missing"]),
            (json!(key), &["found a private key", "must not be in here"]),
            (json!(""), &["begins with -----BEGIN"]),
        ],
    );
    let expected = &["64 hexadecimal digits"][..];
    check(
        "pinnedCertificate",
        &[
            (json!("AB:".repeat(31) + "cd"), &[]),
            (json!("ab".repeat(32)), &[]),
            (json!("ab".repeat(20)), expected),
            (json!(CERTIFICATE), expected),
        ],
    );
}

#[test]
fn settings_of_https_that_do_not_go_together_are_reported() {
    let stack = Stack::minimal()
        .bridge("caCertificates", json!(CERTIFICATE))
        .bridge("pinnedCertificate", json!("ab".repeat(32)))
        .bridge("noVerifySsl", json!(true))
        .bridge("clientCertificate", json!(CERTIFICATE));
    insta::assert_snapshot!(stack.complaint(), @r"
    3 settings of stack `prod` are wrong

      porch:bridge.caCertificates: found a value
        expected  no authorities beside porch:bridge.pinnedCertificate, which asks for none
        way out   pulumi config rm --path porch:bridge.caCertificates

      porch:bridge.noVerifySsl: found `true`
        expected  false, or neither porch:bridge.caCertificates nor porch:bridge.pinnedCertificate
        way out   pulumi config rm --path porch:bridge.noVerifySsl

      porch:clientKey: not set
        expected  PEM of the client certificate's private key, kept as a secret
        way out   pulumi config set --secret porch:clientKey < client.key
    ");
    let stack = Stack::minimal().bridge("baseUrl", json!("http://ha")).set("porch:clientKey", "made-up");
    let stack = stack.bridge("pinnedCertificate", json!("ab".repeat(32)));
    insta::assert_snapshot!(stack.complaint(), @r"
    2 settings of stack `prod` are wrong

      porch:bridge.pinnedCertificate: found a value
        expected  an https:// address in porch:bridge.baseUrl, or no certificates
        way out   pulumi config rm --path porch:bridge.pinnedCertificate

      porch:bridge.clientCertificate: not set
        expected  the certificate that the secret porch:clientKey belongs to
        way out   pulumi config set --path porch:bridge.clientCertificate < client.pem
                  or pulumi config rm porch:clientKey
    ");
}

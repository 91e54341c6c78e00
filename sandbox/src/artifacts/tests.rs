//! Bills of materials, from what the tools print.

use super::*;

const TREE: &str = "\
0 bridge v0.1.0 (/home/me/porch/functions/bridge) | MIT OR Apache-2.0
1 tokio v1.54.1 | MIT
2 bytes v1.12.2 | MIT/Apache-2.0
2 libc v0.2.191 |
1 url v2.5.0 (/home/me/porch/crates/url) | MIT
2 bytes v1.12.2 | MIT/Apache-2.0
1 tokio v1.54.1 | MIT (*)
";

const LOCK: &str = r#"
version = 4

[[package]]
name = "bridge"
version = "0.1.0"

[[package]]
name = "bytes"
version = "1.12.2"
checksum = "b0"

[[package]]
name = "tokio"
version = "1.54.1"
checksum = "70"
"#;

const MODULES: &str = "\
/cache/tailscaled: go1.26.8
\tpath\ttailscale.com/cmd/tailscaled
\tmod\ttailscale.com\tv1.102.5\th1:2jK9=
\tdep\tgo4.org/mem\tv0.0.0-2024\th1:Tl++=
\tdep\tgolang.org/x/sys\tv0.47.0\th1:o7XG=
\t=>\texample.org/sys\tv0.48.0\th1:abcd=
\tbuild\t-buildmode=exe
\tbuild\tCGO_ENABLED=0
";

fn component(name: &str) -> Component {
    Component {
        kind: "container",
        name: name.into(),
        version: "1".into(),
        reference: format!("pkg:oci/{name}@1"),
        licence: None,
        sha256: Some("aa".into()),
        go_sum: None,
    }
}

#[test]
fn every_crate_is_told_with_who_needs_it() {
    let Crates { components, dependencies } = cargo_tree::read(TREE, LOCK).unwrap();
    insta::assert_snapshot!(sbom::document(&component("porch-bridge"), &components, &dependencies));
}

#[test]
fn what_cargo_does_not_say_so_is_refused() {
    for wrong in ["", "bridge v0.1.0 | MIT", "0 bridge | MIT", "0 bridge 0.1.0 | MIT", "0 bridge v0.1.0"] {
        assert!(cargo_tree::read(wrong, LOCK).is_err(), "{wrong}");
    }
    assert!(cargo_tree::read(TREE, "no lock file").is_err());
}

#[test]
fn every_go_module_is_told_and_in_the_place_of_one_what_replaces_it() {
    let modules = go_modules::read(MODULES);
    let told: Vec<_> =
        modules.iter().map(|module| (module.reference.as_str(), module.go_sum.as_deref())).collect();
    let wanted = [
        ("pkg:golang/std@1.26.8", None),
        ("pkg:golang/tailscale.com@v1.102.5", Some("h1:2jK9=")),
        ("pkg:golang/go4.org/mem@v0.0.0-2024", Some("h1:Tl++=")),
        ("pkg:golang/example.org/sys@v0.48.0", Some("h1:abcd=")),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_sum_is_what_sha256sum_reads() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(sum("a.deb", b""), format!("{empty}  a.deb\n"));
}

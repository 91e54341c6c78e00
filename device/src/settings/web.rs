//! `[web]`.

use toml::Table;

use super::secrets::Secrets;
use super::section::Section;
use super::values;
use super::wrong::{Found, WrongSettings};
use crate::password::Hash;
use crate::web::{Place, WebSettings};

pub(super) fn read(table: &Table, secrets: &mut Secrets, wrong: &mut WrongSettings) -> WebSettings {
    let mut section = Section::new("web.", table, wrong);
    let listen = section.list("listen", &values::PLACE);
    let listen = listen.unwrap_or_else(|| vec![Place::Loopback, Place::Tailnet]);
    let port = section.number("port", 0..=65_535).and_then(|port| u16::try_from(port).ok());
    let names = section.list("names", &values::HOST).unwrap_or_default();
    let hash = secrets.of("web").take("password_hash");
    let password = hash.as_ref().and_then(Hash::parse_secret);
    if hash.is_some() && password.is_none() {
        let found = Found::Described("in the secrets something, which is not shown".into());
        section.report("password_hash", found, "what `porch-doorbell password` prints");
    }
    let is_every = |place: &Place| matches!(place, Place::Address(address) if address.is_unspecified());
    if listen.len() > 1 && listen.iter().any(is_every) {
        let found = Found::Described("all addresses and others".into());
        section.report("listen", found, "nothing beside an address that stands for all");
    }
    if hash.is_none() && listen.iter().any(|place| place.needs_password()) {
        let expected = "in the secrets, under [web], what `porch-doorbell password` prints: \
                        the page is to be open to others than this machine and the tailnet";
        section.report("password_hash", Found::Nothing, expected);
    }
    section.finish();
    WebSettings { listen, port: port.unwrap_or(8080), names, password }
}

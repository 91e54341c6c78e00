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
    let is_every = |place: &Place| matches!(place, Place::Address(address) if address.is_unspecified());
    if listen.len() > 1 && listen.iter().any(is_every) {
        let found = Found::Described("all addresses and others".into());
        section.report("listen", found, "nothing beside an address that stands for all");
    }
    section.finish();
    let password = read_password(&listen, secrets, wrong);
    WebSettings { listen, port: port.unwrap_or(8080), names, password }
}

fn read_password(listen: &[Place], secrets: &mut Secrets, wrong: &mut WrongSettings) -> Option<Hash> {
    const NAME: &str = "secrets web.password_hash";
    match secrets.of("web").take("password_hash") {
        Some(text) => {
            let hash = Hash::parse_secret(&text);
            if hash.is_none() {
                let found = Found::Described("a text, which is not shown".into());
                wrong.report(NAME, found, "what `porch-doorbell password` prints");
            }
            hash
        }
        None => {
            if listen.iter().any(|place| place.needs_password()) {
                let expected = "what `porch-doorbell password` prints, because web.listen is about more than this \
                                machine and the tailnet";
                wrong.report(NAME, Found::Nothing, expected);
            }
            None
        }
    }
}

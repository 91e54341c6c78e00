//! `[mqtt]`.

use std::fs;
use std::io::Read;
use std::path::Path;

use certificates::sections;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::Bells;
use crate::integration::IntegrationKind;
use crate::integration::mqtt::{Broker, Login, MqttSettings, Trust};
use crate::settings::secrets::SecretsOf;
use crate::settings::section::Section;
use crate::settings::values;
use crate::settings::wrong::Found;

/// Longest file of certificates that is read.
const LONGEST: u64 = 64 * 1024;

/// The ports that are a broker's if nothing is said (IANA), without and with TLS.
const PORTS: [u16; 2] = [1883, 8883];

pub(super) fn read(
    section: &mut Section<'_>,
    secrets: &mut SecretsOf<'_>,
    bells: &Bells,
) -> Option<IntegrationKind> {
    let url = section.required("url", &values::BROKER);
    let ca = section.optional("ca", &values::PATH).map(|path| authorities(&path));
    if let Some(Err(found)) = &ca {
        let expected = "a file that this user can read, with nothing but certificates of authorities as PEM";
        section.report("ca", Found::Described(found.clone()), expected);
    }
    if ca.is_some() && url.as_ref().is_some_and(|(.., is_encrypted)| !is_encrypted) {
        let found = Found::Described("a file".to_owned());
        section.report("ca", found, "nothing, unless url begins with mqtts:");
    }
    let user = section.optional("user", &values::USER);
    let password = secrets.take("password");
    if password.is_some() && section.value("user").is_none() {
        section.report("user", Found::Nothing, "the user whose password is in the secrets");
    }
    let discovery_prefix = section.optional("discovery_prefix", &values::TOPIC);
    let prefix = section.optional("prefix", &values::TOPIC);
    let device_name = section.optional("device_name", &values::DEVICE);

    let (host, port, is_encrypted) = url?;
    let trust = match ca {
        None => is_encrypted.then_some(Trust::System),
        Some(authorities) => Some(Trust::Authorities(authorities.ok()?)),
    };
    let port = port.unwrap_or(PORTS[usize::from(is_encrypted)]);
    Some(IntegrationKind::Mqtt(MqttSettings {
        broker: Broker { host, port, trust },
        login: user.map(|user| Login { user, password }),
        discovery_prefix: discovery_prefix.unwrap_or_else(|| "homeassistant".to_owned()),
        prefix: prefix.unwrap_or_else(|| "porch".to_owned()),
        device_name: device_name.unwrap_or_else(|| "Doorbell".to_owned()),
        bells: bells.clone(),
    }))
}

/// The certificates in the file at `path`, or what was found there instead.
fn authorities(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let found = |what: &str| format!("`{}`, {what}", path.display());
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
    read.map_err(|error| found(&error.to_string()))?;
    let sections = sections(&text).map_err(|expected| found(&format!("which is not {expected}")))?;
    let mut authorities = RootCertStore::empty();
    let certificate = |der: &Vec<u8>| authorities.add(CertificateDer::from(der.clone())).is_ok();
    let ders: Vec<Vec<u8>> = sections
        .into_iter()
        .map(|section| (section.label == "CERTIFICATE").then_some(section.der))
        .collect::<Option<_>>()
        .ok_or_else(|| found("which has more in it than certificates"))?;
    if ders.iter().all(certificate) { Ok(ders) } else { Err(found("in which something is no certificate")) }
}

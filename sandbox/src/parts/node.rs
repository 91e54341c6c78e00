//! A node of the tailnet: a tailscaled in userspace mode, its state in a folder, its LocalAPI on `ts.sock` in there.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{Kind, Part, environment};
use crate::certificates::Certificates;
use crate::error::{Error, Result};
use crate::http;
use crate::layout::{Layout, ShortPath, make_folder, write_if_changed};
use crate::process::Program;
use crate::settings::Settings;

/// The LocalAPI's socket, inside the node's folder.
pub const SOCKET: &str = "ts.sock";
const CONFIG: &str = "config.json";
const STATE: &str = "tailscaled.state";

/// A node that remembers who it is.
pub(super) struct Node<'a> {
    /// Which part it is.
    pub(super) kind: Kind,
    /// Its name in the tailnet.
    pub(super) hostname: &'a str,
    /// The tailnet's control server.
    pub(super) control_url: &'a str,
    /// Lets it in, the first time.
    pub(super) key: &'a SecretString,
    /// What runs.
    pub(super) tailscaled: &'a Path,
    /// Its own arguments, besides those of every node.
    pub(super) args: &'a [String],
}

impl Node<'_> {
    /// The part.
    ///
    /// # Errors
    /// When its configuration cannot be written.
    pub(super) fn part(
        self,
        settings: &Settings,
        layout: &Layout,
        certificates: &Certificates,
    ) -> Result<Part> {
        let folder = layout.part(self.kind.slug);
        make_folder(&folder)?;
        let config = serde_json::json!({
            "version": "alpha0",
            "AuthKey": self.key.expose_secret(),
            "ServerURL": self.control_url,
            "Hostname": self.hostname,
            "acceptDNS": false,
            "acceptRoutes": false,
            "Locked": false,
        });
        write_if_changed(&folder.join(CONFIG), config.to_string())?;
        let mut args: Vec<OsString> =
            ["--tun=userspace-networking", "--no-logs-no-support", "--port=0", "--statedir=."]
                .map(Into::into)
                .into();
        args.push(format!("--socket={SOCKET}").into());
        args.extend([format!("--state={STATE}").into(), format!("--config={CONFIG}").into()]);
        args.extend(self.args.iter().map(OsString::from));
        Ok(Part {
            kind: self.kind,
            program: Program {
                executable: self.tailscaled.to_path_buf(),
                args,
                env: environment(settings, &[("SSL_CERT_FILE", certificates.ca.clone().into())]),
                folder: folder.clone(),
            },
            inputs: vec![folder.join(CONFIG), certificates.ca.clone()],
            estimate: Duration::from_secs(1),
            limit: Duration::from_secs(60),
        })
    }
}

/// Whether the node with this folder was in the tailnet before and will be the same node again.
pub(super) fn is_known(folder: &Path) -> bool {
    folder.join(STATE).exists()
}

/// Addresses of the running node with this folder in its tailnet: IPv4, then IPv6.
///
/// # Errors
/// When it does not tell.
pub async fn addresses(folder: &Path) -> Result<Vec<IpAddr>> {
    let status = status(folder, Duration::from_secs(5)).await.map_err(Error::Answer)?;
    let addresses = serde_json::from_value(status["TailscaleIPs"].clone());
    addresses.map_err(|_| Error::Answer(format!("the node in {} has no addresses", folder.display())))
}

/// What the node with this folder says of itself by LocalAPI.
///
/// # Errors
/// Why it does not, as the end of a sentence.
pub(crate) async fn status(folder: &Path, limit: Duration) -> Result<Value, String> {
    let socket = ShortPath::new(folder, SOCKET).map_err(|error| format!("{}: {error}", folder.display()))?;
    let client = http::unix_client(socket.path(), limit).map_err(|error| error.to_string())?;
    let url = "http://local-tailscaled.sock/localapi/v0/status?peers=false";
    let response = client.get(url).send().await.map_err(|error| http::reason(&error))?;
    response.json().await.map_err(|error| http::reason(&error))
}

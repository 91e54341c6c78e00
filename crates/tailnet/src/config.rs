//! The configuration file that `tailscaled` reads when it starts. No secret is in it.

use serde::Serialize;

use crate::sidecar::Options;

/// Where `tailscaled` looks for the auth key: its own standard input.
///
/// It is read when the node logs in, after the WireGuard engine has been set up, so that neither has to wait for the
/// one who fetches the key (`LocalBackend.startLocked` in tailscale's ipn/ipnlocal). `/dev/stdin` would be the same
/// file, but not every container has it.
const AUTH_KEY_SOURCE: &str = "file:/proc/self/fd/0";

/// Renders the file's text for a node with these options.
///
/// Format `alpha0` (tailscale's ipn/conf.go); unknown fields are refused by `tailscaled`.
pub(crate) fn render(options: &Options) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&ConfigFile {
        version: "alpha0",
        auth_key: AUTH_KEY_SOURCE,
        server_url: options.control_url.as_ref().map(|url| url.as_str().trim_end_matches('/')),
        hostname: &options.hostname,
        accept_dns: true,
        accept_routes: true,
        locked: false,
    })
}

#[derive(Serialize)]
struct ConfigFile<'a> {
    version: &'static str,
    #[serde(rename = "AuthKey")]
    auth_key: &'static str,
    /// Absent means Tailscale's own control server.
    #[serde(rename = "ServerURL", skip_serializing_if = "Option::is_none")]
    server_url: Option<&'a str>,
    #[serde(rename = "Hostname")]
    hostname: &'a str,
    /// Without it names of the tailnet are not resolved.
    #[serde(rename = "acceptDNS")]
    accept_dns: bool,
    /// Home Assistant may be behind a subnet router.
    #[serde(rename = "acceptRoutes")]
    accept_routes: bool,
    /// A locked node refuses that its preferences are changed, and recovery changes `WantRunning`.
    #[serde(rename = "Locked")]
    locked: bool,
}

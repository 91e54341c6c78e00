//! What the plugin is told from outside: the engine's address, the project's folder and a few variables.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use http::Uri;
use smapi::{Clock, SystemClock};
use url::Url;

use crate::access::{Access, is_loopback};
use crate::alexa::Hosts;
use crate::function::Profile;
use crate::tools::Environment;

/// The plugin's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the engine listens, `HOST:PORT`: the first argument. Without one the plugin is run by hand.
    pub engine: Option<String>,
    /// The project's folder, which is the current one.
    pub project: PathBuf,
    /// The log file (`PORCH_PROVIDER_LOG`), default `target/porch/provider.log` in the project.
    pub log: PathBuf,
    /// Where built tools are kept (`PORCH_CACHE`), default `porch` in `XDG_CACHE_HOME` or `HOME/.cache`.
    pub cache: PathBuf,
    /// How functions are built (`PORCH_FUNCTION_PROFILE`), default `release`. It is a part of what an image is made from, so
    /// that another one is another image.
    pub profile: Profile,
    /// What tools may see of the environment.
    pub environment: Environment,
    /// How AWS is reached (`AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`).
    pub access: Access,
    /// Where Amazon has skills, and logs developers in.
    pub alexa: Hosts,
    /// The wall clock: it dates what is published.
    pub clock: fn() -> SystemTime,
    /// What Amazon is waited for by.
    pub pace: Arc<dyn Clock>,
}

/// Everything that is wrong with the settings, one line for each.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongSettings(Vec<String>);

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "porch-provider: {} wrong in its environment", self.0.len())?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for WrongSettings {}

impl Settings {
    /// Reads the arguments after the program's name, and the variables through `lookup`.
    ///
    /// # Errors
    ///
    /// All variables that are wrong, at once.
    pub fn read(
        arguments: impl IntoIterator<Item = String>,
        project: PathBuf,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, WrongSettings> {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let mut wrong = Vec::new();
        let cache = match (set("PORCH_CACHE"), set("XDG_CACHE_HOME"), set("HOME")) {
            (Some(cache), _, _) => PathBuf::from(cache),
            (None, Some(caches), _) => PathBuf::from(caches).join("porch"),
            (None, None, Some(home)) => PathBuf::from(home).join(".cache/porch"),
            (None, None, None) => {
                wrong.push(String::from(
                    "HOME is not set, expected it, or PORCH_CACHE with a folder for built tools",
                ));
                PathBuf::new()
            }
        };
        let profile = set("PORCH_FUNCTION_PROFILE").map(|text| text.to_string_lossy().into_owned());
        let profile = match profile.as_deref().map(Profile::parse) {
            None => Profile::default(),
            Some(Some(profile)) => profile,
            Some(None) => {
                let found = profile.unwrap_or_default();
                wrong.push(format!("PORCH_FUNCTION_PROFILE is `{found}`, expected release or quick"));
                Profile::default()
            }
        };
        let mut url = |name: &str| {
            let text = set(name)?.to_string_lossy().into_owned();
            match Url::parse(&text) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => Some(url),
                Ok(_) | Err(_) => {
                    wrong.push(format!("{name} is `{text}`, expected a URL, like http://127.0.0.1:4566"));
                    None
                }
            }
        };
        let everywhere = url("AWS_ENDPOINT_URL");
        let access = Access {
            ecr_endpoint: url("AWS_ENDPOINT_URL_ECR").or_else(|| everywhere.clone()),
            s3_endpoint: url("AWS_ENDPOINT_URL_S3").or(everywhere),
            credentials: None,
        };
        let mut host = |name: &str, default: Uri| match set(name).map(|text| read_host(name, &text)) {
            Some(Ok(host)) => host,
            Some(Err(reason)) => {
                wrong.push(reason);
                default
            }
            None => default,
        };
        let Hosts { api, lwa } = Hosts::default();
        let alexa =
            Hosts { api: host("ASK_SMAPI_SERVER_BASE_URL", api), lwa: host("ASK_LWA_TOKEN_HOST", lwa) };
        if !wrong.is_empty() {
            return Err(WrongSettings(wrong));
        }
        let log = set("PORCH_PROVIDER_LOG");
        Ok(Self {
            // The engine puts its address first, flags of its own (`--tracing`, `-v`) anywhere.
            engine: arguments.into_iter().find(|argument| !argument.starts_with('-')),
            log: log.map_or_else(|| project.join("target/porch/provider.log"), PathBuf::from),
            project,
            cache,
            profile,
            environment: Environment::read(&lookup),
            access,
            alexa,
            clock: SystemTime::now,
            pace: Arc::new(SystemClock),
        })
    }
}

/// Where a developer's secrets are sent to: over https, or to this machine.
fn read_host(name: &str, text: &OsString) -> Result<Uri, String> {
    let text = text.to_string_lossy();
    let uri = Url::parse(&text).ok().filter(|url| url.scheme() == "https" || is_loopback(url));
    uri.and_then(|_| text.parse().ok()).ok_or_else(|| {
        format!("{name} is `{text}`, expected an https URL, or an http one of this machine, like http://127.0.0.1:9410")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, WrongSettings> {
        let lookup = |wanted: &str| {
            variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| OsString::from(value))
        };
        Settings::read([String::from("127.0.0.1:4000")], PathBuf::from("/project"), lookup)
    }

    #[test]
    fn defaults_are_below_the_project_and_the_home() {
        let settings = read(&[("HOME", "/home/me")]).unwrap();
        assert_eq!(settings.engine.as_deref(), Some("127.0.0.1:4000"));
        assert_eq!(settings.log, PathBuf::from("/project/target/porch/provider.log"));
        assert_eq!(settings.cache, PathBuf::from("/home/me/.cache/porch"));
        assert!(settings.access.ecr_endpoint.is_none() && settings.access.s3_endpoint.is_none());
    }

    #[test]
    fn the_more_special_variable_wins() {
        let settings = read(&[
            ("HOME", "/home/me"),
            ("XDG_CACHE_HOME", "/caches"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_ECR", "http://127.0.0.1:2"),
            ("PORCH_PROVIDER_LOG", "/logs/provider.log"),
        ])
        .unwrap();
        assert_eq!(settings.cache, PathBuf::from("/caches/porch"));
        assert_eq!(settings.access.ecr_endpoint.unwrap().as_str(), "http://127.0.0.1:2/");
        assert_eq!(settings.access.s3_endpoint.unwrap().as_str(), "http://127.0.0.1:1/");
        assert_eq!(settings.log, PathBuf::from("/logs/provider.log"));
    }

    #[test]
    fn a_developer_s_secrets_are_sent_over_https_or_to_this_machine() {
        for (name, text, is_good) in [
            ("ASK_SMAPI_SERVER_BASE_URL", "http://127.0.0.1:9411", true),
            ("ASK_SMAPI_SERVER_BASE_URL", "https://api.eu.amazonalexa.com", true),
            ("ASK_SMAPI_SERVER_BASE_URL", "http://api.amazonalexa.com", false),
            ("ASK_LWA_TOKEN_HOST", "http://localhost:9410", true),
            ("ASK_LWA_TOKEN_HOST", "http://10.0.0.1:9410", false),
            ("ASK_LWA_TOKEN_HOST", "api.amazon.com", false),
        ] {
            let settings = read(&[("HOME", "/home/me"), (name, text)]);
            assert_eq!(settings.is_ok(), is_good, "{name} {text}");
        }
        let settings = read(&[("HOME", "/home/me")]).unwrap();
        assert_eq!(settings.alexa.api, "https://api.amazonalexa.com");
        assert_eq!(settings.alexa.lwa, "https://api.amazon.com");
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        let wrong =
            read(&[("AWS_ENDPOINT_URL", "127.0.0.1:4566"), ("PORCH_FUNCTION_PROFILE", "fast")]).unwrap_err();
        insta::assert_snapshot!(wrong, @r"
        porch-provider: 3 wrong in its environment
          HOME is not set, expected it, or PORCH_CACHE with a folder for built tools
          PORCH_FUNCTION_PROFILE is `fast`, expected release or quick
          AWS_ENDPOINT_URL is `127.0.0.1:4566`, expected a URL, like http://127.0.0.1:4566
        ");
    }
}

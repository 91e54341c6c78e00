//! The hops of Home Assistant itself.
//!
//! | asked | with the token | tells |
//! |---|---|---|
//! | `GET /manifest.json` | no | that HTTP is spoken, and by Home Assistant: the page is open to everybody |
//! | `GET /api/config` | yes, if there is one | the version, and whether the token is accepted |
//! | `GET /api/alexa/smart_home` | no | 405 where the integration is on, which takes POST alone; 404 where it is off |
//! | `POST /api/alexa/smart_home`, a Discovery | yes, once it was accepted | how many devices Alexa would find |
//!
//! None of those without a token is answered 401, which Home Assistant would count as a failed login
//! (homeassistant/components/http/ban.py).

use alexa::BearerToken;
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use http_client::{Client, exchange};
use rustls::ClientConfig;
use serde_json::{Value, json};

use super::report::Hop;
use super::tls::CLIENT_CERTIFICATE;
use super::walk::{Passed, Stopped, Trouble, Walk};
use crate::failure::Failure;
use crate::home_assistant::HomeAssistant;
use crate::settings::BaseUrl;
use crate::tls::TlsConnector;

/// Most bytes taken of an answer: a Discovery tells some hundred bytes of each device.
const ANSWER_LIMIT: usize = 5 * 1024 * 1024;

type Answer = (StatusCode, Bytes);

/// A Home Assistant that is asked about itself.
pub(super) struct Asked<'a> {
    client: Client<TlsConnector>,
    url: &'a BaseUrl,
    token: Option<BearerToken>,
}

/// What `/api/config` said about the token.
enum Login {
    NoToken,
    Accepted,
    Refused,
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        home_assistant: &HomeAssistant,
        tls: &ClientConfig,
        url: &'a BaseUrl,
        token: Option<BearerToken>,
    ) -> Self {
        Self { client: home_assistant.new_client(tls), url, token }
    }

    pub(super) async fn walk(self, walk: &mut Walk) -> Result<(), Stopped> {
        let manifest = walk.hop(Hop::Http, async |_| self.http().await).await?;
        let login = walk.hop(Hop::HomeAssistant, async |_| self.version(&manifest).await).await?;
        walk.hop(Hop::Alexa, async |_| self.alexa().await).await?;
        match login {
            Login::NoToken => {
                let advice = "Alexa sends a token with each directive. To try one here, put it into the event: \
                              {\"porch\":\"doctor\",\"token\":\"…\"}.";
                walk.skip(Hop::Token, "there is none to try", Some(advice.into()));
                Ok(())
            }
            Login::Accepted => walk.hop(Hop::Token, async |_| self.discover().await).await,
            Login::Refused => walk.hop(Hop::Token, async |_| Err(refused_token())).await,
        }
    }

    async fn http(&self) -> Result<Passed<Answer>, Trouble> {
        let url = self.url;
        let answer = self.get(&url.manifest, None).await?;
        let status = answer.0;
        let advice = match status {
            StatusCode::FORBIDDEN => {
                "Home Assistant has banned the address that the function comes from, after failed logins. Take it out \
                 of ip_bans.yaml and restart Home Assistant."
                    .into()
            }
            StatusCode::BAD_REQUEST => {
                "Home Assistant takes no requests from that proxy: put its address under http: trusted_proxies: in \
                 configuration.yaml."
                    .into()
            }
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                "Home Assistant is starting or stopping, or does not run behind its proxy. Look at its own log if \
                 that lasts."
                    .into()
            }
            status if status.is_redirection() => format!(
                "Redirects are not followed: set porch:bridge.baseUrl (`{url}`) to the address that a browser ends at."
            ),
            status if status.is_server_error() => "Home Assistant's own log has the reason.".into(),
            _ => return Ok(Passed::new(answer, format!("answers HTTP {}", status.as_u16()))),
        };
        Err(Trouble::new(format!("answers HTTP {status}"), advice))
    }

    async fn version(&self, manifest: &Answer) -> Result<Passed<Login>, Trouble> {
        let Some(token) = &self.token else {
            let found = self.identity(manifest)?;
            return Ok(Passed::new(
                Login::NoToken,
                format!("{found}, which tells its version only with a token"),
            ));
        };
        match self.get(&self.url.config, Some(token)).await? {
            (StatusCode::OK, body) => match serde_json::from_slice::<Value>(&body) {
                Ok(config) if config["version"].is_string() => {
                    let version = config["version"].as_str().unwrap_or_default();
                    Ok(Passed::new(Login::Accepted, format!("Home Assistant {}", shortened(version))))
                }
                Ok(_) | Err(_) => Err(self.somebody_else("something that is not its configuration")),
            },
            (StatusCode::UNAUTHORIZED, _) => {
                let found = self.identity(manifest)?;
                Ok(Passed::new(
                    Login::Refused,
                    format!("{found}, which tells its version only with a good token"),
                ))
            }
            (status, _) => Err(self.somebody_else(&format!("HTTP {status}"))),
        }
    }

    /// Whether it is Home Assistant, as far as the page says that is open to everybody.
    fn identity(&self, (status, body): &Answer) -> Result<&'static str, Trouble> {
        if *status != StatusCode::OK {
            return Ok("a server without Home Assistant's frontend");
        }
        let manifest: Value = serde_json::from_slice(body).unwrap_or_default();
        if manifest["name"] == "Home Assistant" {
            Ok("Home Assistant")
        } else {
            Err(self.somebody_else("something that is not its manifest"))
        }
    }

    async fn alexa(&self) -> Result<Passed<()>, Trouble> {
        match self.get(&self.url.smart_home, None).await?.0 {
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::UNAUTHORIZED => Ok(Passed::new((), "on")),
            StatusCode::NOT_FOUND => Err(Trouble::new(
                "off: /api/alexa/smart_home is not there",
                "Put these two lines into Home Assistant's configuration.yaml and restart it: `alexa:` and, two blanks \
                 further in, `smart_home:`.",
            )),
            status => Err(self.somebody_else(&format!("HTTP {status}"))),
        }
    }

    async fn discover(&self) -> Result<Passed<()>, Trouble> {
        let Some(token) = &self.token else { return Err(refused_token()) };
        let header = json!({
            "namespace": "Alexa.Discovery", "name": "Discover", "payloadVersion": "3", "messageId": "porch-doctor",
        });
        // Home Assistant looks at the token in the header alone.
        let scope = json!({"type": "BearerToken", "token": ""});
        let discovery = json!({"directive": {"header": header, "payload": {"scope": scope}}}).to_string();
        let (status, body) = self.send(Method::POST, &self.url.smart_home, Some(token), discovery).await?;
        let event: Value = serde_json::from_slice(&body).unwrap_or_default();
        let Some(endpoints) = event["event"]["payload"]["endpoints"].as_array() else {
            let found = format!("accepted, but a Discovery is answered HTTP {status}");
            return Err(Trouble::new(found, "Home Assistant's own log has the reason."));
        };
        let mut passed =
            Passed::new((), format!("accepted; Alexa would discover {} devices", endpoints.len()));
        if endpoints.is_empty() {
            passed.advice =
                Some("Home Assistant shows Alexa nothing: look at `filter:` under `smart_home:`.".into());
        }
        Ok(passed)
    }

    async fn get(&self, uri: &Uri, token: Option<&BearerToken>) -> Result<Answer, Trouble> {
        self.send(Method::GET, uri, token, String::new()).await
    }

    async fn send(
        &self,
        method: Method,
        uri: &Uri,
        token: Option<&BearerToken>,
        body: String,
    ) -> Result<Answer, Trouble> {
        let mut request = Request::builder()
            .method(method)
            .uri(uri.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("porch-doctor/", env!("CARGO_PKG_VERSION")));
        if let Some(token) = token {
            request =
                request.header(header::AUTHORIZATION, token.authorization().ok_or_else(unusable_token)?);
        }
        let request = request.body(Full::from(body)).map_err(|_| unusable_token())?;
        exchange(&self.client, request, ANSWER_LIMIT)
            .await
            .map_err(|error| self.broken(&Failure::from(error)))
    }

    fn broken(&self, failure: &Failure) -> Trouble {
        let url = self.url;
        let advice = if let Failure::Handshake(_) = failure {
            CLIENT_CERTIFICATE.into()
        } else if url.is_https() {
            "Home Assistant's own log, or its proxy's, has the reason. If one of them asks for client certificates, \
             set porch:bridge.clientCertificate and the secret porch:clientKey to one that it accepts."
                .into()
        } else {
            format!(
                "What listens there speaks no HTTP. If it is https, make porch:bridge.baseUrl (`{url}`) begin with \
                 https://."
            )
        };
        Trouble::new(failure.told(), advice)
    }

    fn somebody_else(&self, answered: &str) -> Trouble {
        let advice = format!(
            "Set porch:bridge.baseUrl (`{}`) to Home Assistant itself: another server, or a path of a proxy, answers \
             there.",
            self.url
        );
        Trouble::new(format!("answers {answered}"), advice)
    }
}

fn refused_token() -> Trouble {
    let advice = "Link the skill again in the Alexa app; where porch:bridge.longLivedAccessToken is true, make a new \
                  token on the profile page of Home Assistant, `pulumi config set --secret porch:longLivedAccessToken` and \
                  `pulumi up`. A user who may log in only locally is refused as well.";
    Trouble::new("Home Assistant does not accept it (counted there as one failed login)", advice)
}

fn unusable_token() -> Trouble {
    Trouble::new(
        "the token has characters that no token of Home Assistant has",
        "Copy it again, without line ends or quotes.",
    )
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

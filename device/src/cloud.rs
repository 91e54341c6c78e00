//! The calls to AWS and Amazon, each as a function from what is wanted to the event that tells what came of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use alexa::Region;
use alexa::gateway::{Class, EventGateway};
use alexa::grant::{Ended, Fresh, Grant, GrantStore, RefreshError, Refresher};
use alexa::heartbeat::{Heartbeat, HeartbeatStore};
use alexa::lwa::{self, ClientSecret, Lwa};
use aws::dynamodb::{Table, TableName};
use aws::ssm;
use http::Uri;
use http_client::{Internet, Kept, told};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::announce::{Failure, Read, Refreshed};
use crate::clock::Monotonic;
use crate::event::{Event, Renewal, Try};
use crate::settings::Settings;
use crate::update;

/// How long a connection that is not used is kept. It saves a heartbeat or a second press the handshakes; longer, and
/// the other side, or a Wi-Fi that went and came, would have ended it unseen.
const KEPT: Duration = Duration::from_secs(50);

/// Longest time for seeing to a grant: two exchanges with Login with Amazon, and what the table has to be asked.
const REFRESH: Duration = Duration::from_secs(15);

/// Longest time for any other call, with that for the parameters before it.
const CALL: Duration = Duration::from_secs(8);

/// What is called.
#[derive(Debug)]
pub(crate) struct Cloud {
    aws: aws::Client,
    internet: Internet,
    gateway: EventGateway,
    login: Uri,
    settings: Settings,
    stack: Mutex<Option<Arc<Stack>>>,
}

/// What the parameters of the stack lead to.
#[derive(Debug)]
struct Stack {
    grants: GrantStore,
    refresher: Refresher,
    heartbeats: HeartbeatStore,
}

/// Why there is nothing to call.
#[derive(Debug, thiserror::Error)]
enum StackError {
    #[error(transparent)]
    Call(#[from] aws::CallError),
    #[error("the parameter {0} holds something else than the stack puts there")]
    Wrong(String),
}

impl Cloud {
    /// What `settings` lead to; nothing is called yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new(settings: &Settings) -> Result<Self, rustls::Error> {
        let aws = aws::Client::new(settings.aws.access.clone(), Kept::For(KEPT), SystemTime::now)?;
        let login = settings.alexa.login.clone().unwrap_or_else(|| Uri::from_static(Lwa::URL));
        let elsewhere: HashMap<Region, Uri> = match &settings.alexa.gateway {
            Some(gateway) => Region::ALL.map(|region| (region, gateway.clone())).into(),
            None => HashMap::new(),
        };
        let schemes = [Some(&login), settings.alexa.gateway.as_ref()];
        let schemes = schemes.map(|url| url.and_then(Uri::scheme_str).unwrap_or("https"));
        let internet = Internet::new(schemes, Kept::For(KEPT))?;
        let gateway = EventGateway::new(internet.clone(), elsewhere);
        let settings = settings.clone();
        Ok(Self { aws, internet, gateway, login, settings, stack: Mutex::default() })
    }

    /// Reads the grants.
    pub(crate) async fn read_grants(&self) -> Event {
        Event::Read(self.grants().await)
    }

    /// The grants, or why they cannot be read.
    pub(crate) async fn grants(&self) -> Read {
        let read = async {
            let rows = self.stack().await?.grants.all().await?;
            // A row that is not understood is nobody's who can be told; the others are.
            Ok::<_, StackError>(rows.into_iter().filter_map(Result::ok).collect())
        };
        in_time(CALL, read).await
    }

    /// Sees to the access token of a grant.
    pub(crate) async fn refresh(&self, grant: Grant, renewal: Renewal) -> Event {
        Event::Refreshed(grant.user.clone(), self.refreshed(grant, renewal).await)
    }

    /// What comes of seeing to the access token of a grant.
    pub(crate) async fn refreshed(&self, grant: Grant, renewal: Renewal) -> Refreshed {
        let late = |_| Refreshed::Failed("it took too long".to_owned());
        timeout(REFRESH, self.renew(grant, renewal)).await.unwrap_or_else(late)
    }

    async fn renew(&self, grant: Grant, renewal: Renewal) -> Refreshed {
        let stack = match self.stack().await {
            Ok(stack) => stack,
            Err(error) => return Refreshed::Failed(told(&error)),
        };
        let now = SystemTime::now();
        let fresh = match renewal {
            Renewal::IfDue => stack.refresher.fresh(grant, now).await,
            Renewal::Anyway => stack.refresher.renewed(grant, now).await,
            Renewal::Save => stack.refresher.save(grant).await,
        };
        match fresh {
            Ok(Fresh { grant, unsaved }) => {
                Refreshed::Fresh(Box::new(grant), unsaved.map(|error| told(&error)))
            }
            Err(error @ (RefreshError::Ended(_) | RefreshError::Gone)) => Refreshed::Over(told(&error)),
            Err(error) => {
                if matches!(&error, RefreshError::Lwa(error) if error.class() == lwa::Class::Client) {
                    // The stack may have got another secret meanwhile.
                    *self.known() = None;
                }
                Refreshed::Failed(told(&error))
            }
        }
    }

    /// Marks a grant as over. If that fails, the gateway will say so again.
    pub(crate) async fn end_grant(&self, grant: Grant, why: Ended) {
        let end = async {
            self.stack().await?.grants.end(&grant, why).await?;
            Ok::<_, StackError>(())
        };
        let _ = in_time(CALL, end).await;
    }

    /// Tells a user of a press.
    pub(crate) async fn send(&self, attempt: Try) -> Event {
        let Try { press, user, region, event, access_token, deadline } = attempt;
        let time = deadline.since(Monotonic::now());
        let answer = match timeout(time, self.gateway.send(region, &event, &access_token)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure { class: error.class(), told: told(&error) }),
            Err(_) => Err(Failure { class: Class::Unknown, told: "there was no answer in time".to_owned() }),
        };
        Event::Answered(press, user, answer)
    }

    /// Whether the gateway of a region answers.
    pub(crate) async fn reach(&self, region: Region) -> Result<(), String> {
        self.gateway.reach(region).await.map_err(|error| told(&error))
    }

    /// Writes a sign of life.
    pub(crate) async fn beat(&self, heartbeat: Heartbeat) -> Event {
        let write = async { Ok::<_, StackError>(self.stack().await?.heartbeats.write(&heartbeat).await?) };
        let result = in_time(CALL, write).await;
        Event::Beaten(heartbeat.endpoint_id, result)
    }

    /// Looks for a newer package.
    pub(crate) async fn look_for_update(&self) -> Event {
        Event::Looked(update::look(&self.settings).await.map_err(|error| told(&error)))
    }

    async fn stack(&self) -> Result<Arc<Stack>, StackError> {
        if let Some(stack) = &*self.known() {
            return Ok(Arc::clone(stack));
        }
        let stack = Arc::new(self.read_stack().await?);
        *self.known() = Some(Arc::clone(&stack));
        Ok(stack)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<Arc<Stack>>> {
        self.stack.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the parameters, which are those of the doorbell's function as well.
    async fn read_stack(&self) -> Result<Stack, StackError> {
        let names = ["table", "table-region", "lwa-client-id", "lwa-client-secret"];
        let path = &self.settings.aws.parameters;
        let names = names.map(|name| format!("{path}/{name}"));
        let values = ssm::get_parameters(&self.aws, &names.each_ref().map(String::as_str)).await?;
        let [table, region, client_id, client_secret] =
            <[_; 4]>::try_from(values).map_err(|_| StackError::Wrong(path.clone()))?;
        let [table_name, region_name, ..] = names;
        let table = TableName::parse(table.expose_secret()).ok_or(StackError::Wrong(table_name))?;
        let region = aws::Region::parse(region.expose_secret()).ok_or(StackError::Wrong(region_name))?;
        let table = Table::new(self.aws.in_region(region), table);
        let grants = GrantStore::new(table.clone());
        let (id, secret) = (client_id.expose_secret().to_owned(), ClientSecret::new(client_secret));
        let login = Lwa::new(self.internet.clone(), self.login.clone(), id, secret);
        let refresher = Refresher::new(login, grants.clone());
        Ok(Stack { grants, refresher, heartbeats: HeartbeatStore::new(table) })
    }
}

/// What comes of `call` within `time`, or for people why nothing does.
async fn in_time<T>(time: Duration, call: impl Future<Output = Result<T, StackError>>) -> Result<T, String> {
    match timeout(time, call).await {
        Ok(result) => result.map_err(|error| told(&error)),
        Err(_) => Err(format!("there was no answer within {} s", time.as_secs())),
    }
}

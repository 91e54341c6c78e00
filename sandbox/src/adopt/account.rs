//! The account, asked for what is there.

use aws::dynamodb::{self, TableName};
use aws::{CallError, Class, Client, ecr, iam, lambda, logs, scheduler, ssm};
use http_client::told;

use super::fit::{self, Found};
use super::policy;
use super::thing::{Permission, Thing};
use crate::error::{Error, Result};
use crate::pulumi::{Place, aws as account};

/// One account in one region.
pub(super) struct Account {
    client: Client,
    number: String,
}

impl Account {
    /// That of a stack at `place`.
    pub(super) async fn of(place: Place, region: &str) -> Result<Self> {
        let client = account::client(place, region).await?;
        let caller = aws::sts::get_caller_identity(&client).await;
        let caller = caller.map_err(|error| Error::Answer(format!("who calls AWS: {}", told(&error))))?;
        Ok(Self::new(client, caller.account))
    }

    /// The account `number`, asked through `client`.
    pub(super) fn new(client: Client, number: impl Into<String>) -> Self {
        Self { client, number: number.into() }
    }

    /// Its number.
    pub(super) fn number(&self) -> &str {
        &self.number
    }

    /// What there is of a thing.
    pub(super) async fn look(&self, thing: &Thing) -> Result<Found> {
        let client = &self.client;
        let there = |()| Found::Fits(None);
        let found = match thing {
            Thing::Repository(name) => ecr::repository(client, name).await.map(there),
            Thing::Role(name) => iam::role(client, name).await.map(|role| fit::role(&role.path)),
            Thing::User(name) => iam::user(client, name).await.map(there),
            Thing::ManagedPolicy(arn) => iam::policy(client, arn).await.map(there),
            Thing::OidcProvider(arn) => iam::oidc_provider(client, arn).await.map(|()| fit::shared()),
            Thing::Function(name) => {
                lambda::configuration(client, name).await.map(|about| fit::function(&about.package_type))
            }
            Thing::Url(function) => lambda::url(client, function).await.map(there),
            Thing::Permission(permission) => self.permission(permission).await,
            Thing::LogGroup(name) => logs::has_group(client, name).await.map(found),
            Thing::Table(name) => self.table(name).await,
            Thing::Parameter(name) => {
                ssm::existing(client, &[name]).await.map(|names| found(!names.is_empty()))
            }
            Thing::Schedule(name) => scheduler::schedule(client, name).await.map(there),
            // Whoever names it says that it is there; the provider looks.
            Thing::Skill(_) => Ok(Found::Fits(None)),
            Thing::AnySkill => Ok(Found::Nothing),
        };
        match found {
            Err(error) if error.class() == Class::Absent => Ok(Found::Nothing),
            found => found.map_err(|error| Error::Answer(format!("{}: {}", thing.told(), told(&error)))),
        }
    }

    async fn permission(&self, permission: &Permission) -> Result<Found, CallError> {
        match lambda::policy(&self.client, &permission.function, None).await {
            // A function that nobody may call has no policy at all.
            Err(CallError::Absent(_)) => Ok(policy::find("", permission)),
            found => found.map(|text| policy::find(&text, permission)),
        }
    }

    async fn table(&self, name: &str) -> Result<Found, CallError> {
        let absent = || CallError::Absent(format!("table {name}"));
        let name = TableName::parse(name).ok_or_else(absent)?;
        dynamodb::describe(&self.client, &name).await.map(|table| fit::table(&table))
    }
}

fn found(is_there: bool) -> Found {
    if is_there { Found::Fits(None) } else { Found::Nothing }
}

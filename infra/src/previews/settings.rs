//! The group `porch:previews`.

use super::github::{Environment, GithubRepository, OidcProvider};
use super::state::{StateBucket, StateKey};
use crate::config::{PREVIEWS, StackConfig};
use crate::group::Group;
use crate::settings::TRUE_OR_FALSE;
use crate::wrong::Wrong;

/// What GitHub may do with the stack, and which repository there.
#[derive(Debug)]
pub struct PreviewsSettings {
    /// `repository`, required: whose pull requests are previewed, and who deploys.
    pub repository: GithubRepository,
    /// `environment` of the repository that a deploying run is in. Default `production`.
    pub environment: Environment,
    /// `oidcProviderArn`: the account's trust in GitHub, where it has that already. Default: it is made.
    pub oidc_provider: Option<OidcProvider>,
    /// `refresh`: let previews compare with what is in AWS, and so read all of the stack's parameters, secret ones too.
    /// Default false.
    pub refresh: bool,
    /// `stateBucket`: where Pulumi keeps the stack's state, if that is a bucket. Default: elsewhere.
    pub state_bucket: Option<StateBucket>,
    /// `stateKeyArn`: the key that encrypts the stack's secrets, if AWS has it. Default: elsewhere.
    pub state_key: Option<StateKey>,
}

impl PreviewsSettings {
    pub(crate) fn read(config: &StackConfig, wrong: &mut Vec<Wrong>) -> Option<Self> {
        let mut group = Group::open(config, PREVIEWS, wrong)?;
        let repository = group.required("repository", "OWNER/NAME", GithubRepository::parse);
        let environment = group.text("environment", "production", Environment::parse);
        let example = "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com";
        let oidc_provider = group.text("oidcProviderArn", example, OidcProvider::parse);
        let refresh = group.flag("refresh", TRUE_OR_FALSE);
        let state_bucket = group.text("stateBucket", "BUCKET", StateBucket::parse);
        let example = "arn:aws:kms:REGION:ACCOUNT:key/ID";
        let state_key = group.text("stateKeyArn", example, StateKey::parse);
        group.close();
        Some(Self {
            repository: repository?,
            environment: environment.unwrap_or_default(),
            oidc_provider,
            refresh: refresh.unwrap_or(false),
            state_bucket,
            state_key,
        })
    }
}

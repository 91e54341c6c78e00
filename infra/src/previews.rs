//! What GitHub may do with the stack: preview it for a pull request, and deploy it once somebody has approved that.
//!
//! No key of AWS is kept at GitHub. Each run shows a token that GitHub signed and that says which repository it is of and
//! what it runs for; AWS gives it the role whose trust names exactly that, for an hour at most (a role's default).

mod boundary;
mod deploy;
mod github;
mod settings;
mod stack_resources;
mod state;

use crate::aws::iam::{Policy, Role, RolePolicy, Statement};
use crate::aws::iam_account::OpenIdConnectProvider;
use crate::aws::iam_user::User;
use crate::names::Names;
use crate::template::{Handle, Json, Program, Text};
use crate::values::{Region, StackName};
use github::{AUDIENCE, ISSUER};
pub use github::{Environment, GithubRepository, OidcProvider};
pub use settings::PreviewsSettings;
use stack_resources::StackResources;
pub use state::{StateBucket, StateKey};

/// One of the two roles.
struct GithubRole {
    /// How its resources' names begin, like `preview`.
    resources: &'static str,
    description: &'static str,
    /// End of the token's subject: what the run is for.
    purpose: String,
}

/// Provider -> boundary, and every role of the stack within it -> role that previews -> role that deploys -> outputs.
///
/// `names` has those of the stack's resources that are not called after it.
pub fn declare(
    program: &mut Program,
    stack: &StackName,
    region: Region,
    settings: &PreviewsSettings,
    names: &[&Names],
) {
    let provider = declare_provider(program, settings);
    let resources = StackResources { stack, region, names };
    let boundary = boundary::declare(program, &resources);
    program.set_in_every::<Role>("permissionsBoundary", boundary.arn());
    program.set_in_every::<User>("permissionsBoundary", boundary.arn());

    let preview = GithubRole {
        resources: "preview",
        description: "What previews the stack for pull requests acts as",
        purpose: "pull_request".to_owned(),
    };
    let reads = settings.refresh.then(|| resources.reads());
    let may = reads.into_iter().flatten().chain(state::reads(stack, settings));
    let preview = preview.declare(program, stack, settings, &provider, may);

    let deploy = GithubRole {
        resources: "deploy",
        description: "What deploys the stack from GitHub acts as",
        purpose: format!("environment:{}", settings.environment.as_str()),
    };
    let may = deploy::statements(&resources, &boundary).into_iter();
    let may = may.chain(state::reads(stack, settings)).chain(state::writes(stack, settings));
    let deploy = deploy.declare(program, stack, settings, &provider, may);

    program.output("previewRoleArn", preview.arn());
    program.output("deployRoleArn", deploy.arn());
}

/// ARN of the account's trust in GitHub: its own, or made here.
fn declare_provider(program: &mut Program, settings: &PreviewsSettings) -> Text {
    if let Some(provider) = &settings.oidc_provider {
        return provider.as_str().into();
    }
    let provider = program.declare(
        "githubProvider",
        &OpenIdConnectProvider {
            url: format!("https://{ISSUER}").into(),
            client_id_lists: [AUDIENCE.into()],
        },
    );
    provider.arn().into()
}

impl GithubRole {
    /// Role -> what it may, unless that is nothing: a policy has a statement at least.
    fn declare(
        self,
        program: &mut Program,
        stack: &StackName,
        settings: &PreviewsSettings,
        provider: &Text,
        may: impl Iterator<Item = Statement>,
    ) -> Handle<Role> {
        let subject = format!("repo:{}:{}", settings.repository.as_str(), self.purpose);
        let trust = Statement::taken_by_known_to(provider.clone())
            .when("StringEquals", "token.actions.githubusercontent.com:aud", AUDIENCE)
            .when("StringEquals", "token.actions.githubusercontent.com:sub", subject);
        let role = program.declare(
            format!("{}Role", self.resources),
            &Role {
                name: stack.name(self.resources).into(),
                description: self.description.into(),
                assume_role_policy: Json(Policy::new([trust])),
                force_detach_policies: false,
            },
        );
        let mut may = may.peekable();
        if may.peek().is_some() {
            let policy = Json(Policy::new(may));
            program.declare(
                format!("{}Permissions", self.resources),
                &RolePolicy { name: self.resources.into(), role: role.name().into(), policy },
            );
        }
        role
    }
}

//! How the function gets into the tailnet: which key it has, and who makes it.

use crate::group::Group;
use crate::settings::Secret;
use crate::values::{ClientId, Expected, Tag};

const WAY: &str = "tailscaleAuth";
const CLIENT_ID: &str = "tailscaleOauthClientId";
const TAGS: &str = "tailnetTags";

/// `tailscaleAuth`. Default `authKey`.
#[derive(Debug)]
pub enum TailscaleAuth {
    /// `authKey`: the secret `porch:tailscaleAuthKey`, made by hand; Tailscale lets it end after 90 days.
    AuthKey,
    /// `oauthClient`: keys that porch makes and renews with an OAuth client, whose secret does not end.
    OauthClient(Client),
    /// `workloadIdentity`: keys that porch makes and renews by what AWS says about it; no secret at all.
    WorkloadIdentity(Client),
}

/// Who makes keys, and which.
#[derive(Debug)]
pub struct Client {
    /// `tailscaleOauthClientId`: of the OAuth client or the federated identity.
    pub id: ClientId,
    /// `tailnetTags`: what the function's nodes are tagged with; at least one, because Tailscale gives a client no keys
    /// without.
    pub tags: Vec<Tag>,
}

/// The word of the setting.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    AuthKey,
    OauthClient,
    WorkloadIdentity,
}

impl Way {
    /// Reads the field; `None` after something wrong, which is noted.
    pub(crate) fn read(group: &mut Group<'_>) -> Option<Self> {
        let absent = !group.is_set(WAY);
        group.text(WAY, "oauthClient", Self::parse).or(absent.then_some(Self::AuthKey))
    }

    /// Whether porch makes the keys, as a client of Tailscale's.
    pub(crate) fn has_client(self) -> bool {
        match self {
            Self::AuthKey => false,
            Self::OauthClient | Self::WorkloadIdentity => true,
        }
    }

    /// The secret that it takes.
    pub(crate) fn secret(self) -> Option<Secret> {
        match self {
            Self::AuthKey => Some(Secret::TailscaleAuthKey),
            Self::OauthClient => Some(Secret::TailscaleOauthSecret),
            Self::WorkloadIdentity => None,
        }
    }

    fn parse(text: &str) -> Result<Self, Expected> {
        match text {
            "authKey" => Ok(Self::AuthKey),
            "oauthClient" => Ok(Self::OauthClient),
            "workloadIdentity" => Ok(Self::WorkloadIdentity),
            _ => Err("authKey, oauthClient or workloadIdentity".to_owned()),
        }
    }
}

impl TailscaleAuth {
    /// Reads the fields that belong to `way`. `None` after something wrong, which is noted.
    pub(crate) fn read(group: &mut Group<'_>, way: Option<Way>) -> Option<Self> {
        let make: fn(Client) -> Self = match way {
            Some(Way::AuthKey) => return Self::read_auth_key(group),
            Some(Way::OauthClient) => Self::OauthClient,
            Some(Way::WorkloadIdentity) => Self::WorkloadIdentity,
            None => {
                // Nobody knows what is needed, but what is there is looked at.
                group.text(CLIENT_ID, "kABC123CNTRL", ClientId::parse);
                group.list(TAGS, "tag:porch", Tag::parse);
                return None;
            }
        };
        let id = group.required(CLIENT_ID, "kABC123CNTRL", ClientId::parse);
        let tags = group.required_list(TAGS, "tag:porch", Tag::parse);
        Some(make(Client { id: id?, tags: tags? }))
    }

    fn read_auth_key(group: &mut Group<'_>) -> Option<Self> {
        let expected = "nothing, unless tailscaleAuth is oauthClient or workloadIdentity";
        let unset = [CLIENT_ID, TAGS].map(|field| group.must_be_unset(field, expected));
        (unset == [true, true]).then_some(Self::AuthKey)
    }

    /// Who makes the keys; `None` when a person does.
    pub fn client(&self) -> Option<&Client> {
        match self {
            Self::AuthKey => None,
            Self::OauthClient(client) | Self::WorkloadIdentity(client) => Some(client),
        }
    }

    /// The secret that it takes.
    pub fn secret(&self) -> Option<Secret> {
        match self {
            Self::AuthKey => Way::AuthKey.secret(),
            Self::OauthClient(_) => Way::OauthClient.secret(),
            Self::WorkloadIdentity(_) => Way::WorkloadIdentity.secret(),
        }
    }
}

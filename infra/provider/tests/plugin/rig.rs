//! One plugin, served over gRPC in this process, with an engine, a registry and a project of its own.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws::fake::FakeAws;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use porch_provider::{Access, Hosts, Profile, Settings};
use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use rpc::resource_provider_client::ResourceProviderClient;
use serde_json::{Value, json};
use smapi::fake::{FakeSmapi, PlayedClock};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::Status;
use tonic::transport::Channel;

use crate::engine::{self, Said};
use crate::registry::Registry;
use crate::tools;
use crate::wire::{from_wire, to_wire};

pub(crate) const REPOSITORY: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com/porch";
pub(crate) const BUCKET: &str = "porch-dev-device";

/// What a test is about: its type, and its name in the program.
#[derive(Clone, Copy)]
pub(crate) struct Resource {
    pub(crate) token: &'static str,
    pub(crate) name: &'static str,
}

pub(crate) const IMAGE: Resource = Resource { token: "porch:build:FunctionImage", name: "bridge-image" };
pub(crate) const PACKAGE: Resource = Resource { token: "porch:build:DevicePackage", name: "device-package" };
pub(crate) const KEY: Resource = Resource { token: "porch:build:SigningKey", name: "signing-key" };
pub(crate) const SKILL: Resource = Resource { token: "porch:alexa:Skill", name: "doorbell-skill" };
pub(crate) const ENDPOINT: Resource =
    Resource { token: "porch:alexa:SkillEndpoint", name: "doorbell-endpoint" };

/// When everything happens: 2026-03-01, 08:15:30 UTC.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_352_930)
}

/// A project with one function, the daemon and a Go module.
const PROJECT: &[(&str, &str)] = &[
    ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['device', 'functions/echo']\n"),
    (
        "Cargo.lock",
        "version = 4\n[[package]]\nname = 'device'\nversion = '0.1.0'\n[[package]]\nname = 'echo'\nversion = '0.1.0'\n",
    ),
    (
        "device/Cargo.toml",
        "[package]\nname = 'device'\nversion = '0.1.0'\nedition = '2024'\n\
         [[bin]]\nname = 'porch-doorbell'\npath = 'src/main.rs'\n",
    ),
    ("device/src/main.rs", "fn main() {}\n"),
    (
        "device/package/control/control",
        "Package: porch-doorbell\nVersion: @VERSION@\nArchitecture: @ARCHITECTURE@\nInstalled-Size: @INSTALLED_SIZE@\n",
    ),
    ("device/package/control/postinst", "#!/bin/sh\n"),
    ("device/package/files/etc/porch/doorbell.toml", "log = \"info\"\n"),
    ("functions/echo/Cargo.toml", "[package]\nname = 'echo'\nversion = '0.1.0'\nedition = '2024'\n"),
    ("functions/echo/src/main.rs", "fn main() {}\n"),
    ("tailscaled/go.mod", "module tailscaled\n\ngo 1.21\n"),
    ("tailscaled/go.sum", "\n"),
];

pub(crate) struct Rig {
    pub(crate) resource: Resource,
    pub(crate) registry: Registry,
    /// S3, with the bucket [`BUCKET`].
    pub(crate) aws: FakeAws,
    /// Amazon, for a developer with skills.
    pub(crate) amazon: FakeSmapi,
    pub(crate) said: Said,
    pub(crate) project: TempDir,
    pub(crate) client: ResourceProviderClient<Channel>,
    tools: TempDir,
}

impl Rig {
    /// A rig for images.
    pub(crate) async fn new() -> Self {
        let credentials = Credentials::new("AKIDTEST", "planted-secret-key", None, None, "test");
        Self::about(IMAGE, credentials).await
    }

    /// A rig for packages and keys.
    pub(crate) async fn for_devices(resource: Resource) -> Self {
        let (id, secret) = (FakeAws::ACCESS_KEY_ID, FakeAws::SECRET_ACCESS_KEY);
        Self::about(resource, Credentials::new(id, secret, None, None, "test")).await
    }

    /// A rig for skills, configured with the developer's account.
    pub(crate) async fn for_skills(resource: Resource) -> Self {
        let mut rig = Self::for_devices(resource).await;
        rig.configure(&account()).await.unwrap();
        rig
    }

    async fn about(resource: Resource, credentials: Credentials) -> Self {
        // Another test may have been first.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let (project, tools) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (path, text) in PROJECT {
            write(project.path(), path, text);
        }
        tools::write(tools.path(), "cargo-lambda", tools::CARGO_LAMBDA);
        tools::write(tools.path(), "cargo-zigbuild", tools::CARGO_ZIGBUILD);
        tools::write(tools.path(), "go", tools::GO);
        let registry = Registry::start().await;
        let (engine, said) = engine::start().await;
        let aws = FakeAws::start(&[], "").await;
        aws.make_bucket(BUCKET);
        let pace = PlayedClock::default();
        let amazon = FakeSmapi::start(pace.clone()).await;
        let smapi::Access { api, lwa, .. } = amazon.access();
        let settings = Settings {
            engine: Some(engine),
            project: project.path().to_owned(),
            log: project.path().join("provider.log"),
            cache: project.path().join("cache"),
            profile: Profile::default(),
            environment: tools::environment(tools.path()),
            alexa: Hosts { api, lwa },
            clock: now,
            pace: Arc::new(pace),
            access: Access {
                ecr_endpoint: Some(registry.endpoint.parse().unwrap()),
                s3_endpoint: Some(aws.url.parse().unwrap()),
                credentials: Some(SharedCredentialsProvider::new(credentials)),
            },
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(porch_provider::serve(listener, settings));
        let client = ResourceProviderClient::connect(address).await.unwrap();
        Self { resource, registry, aws, amazon, said, project, client, tools }
    }

    /// Puts another script in the place of a tool.
    pub(crate) fn tool(&self, name: &str, script: &str) {
        tools::write(self.tools.path(), name, script);
    }

    pub(crate) fn remove_tool(&self, name: &str) {
        fs::remove_file(self.tools.path().join(name)).unwrap();
    }

    fn urn(&self) -> String {
        format!("urn:pulumi:dev::porch::{}::{}", self.resource.token, self.resource.name)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        write(self.project.path(), path, text);
    }

    /// Tells the provider its own properties.
    pub(crate) async fn configure(&mut self, account: &Value) -> Result<(), Status> {
        let request = rpc::ConfigureRequest { args: Some(to_wire(account)), ..Default::default() };
        self.client.configure(request).await.map(drop)
    }

    /// The skill's id if there is one, else the name in the program.
    fn id(&self, state: &Value) -> String {
        state["skillId"].as_str().unwrap_or(self.resource.name).to_owned()
    }

    /// Inputs, as `check` has to give them and as it answers: the inputs and the failures.
    pub(crate) async fn check(&mut self, inputs: &Value) -> Result<(Value, Vec<String>), Status> {
        let request = rpc::CheckRequest {
            urn: self.urn(),
            r#type: self.resource.token.to_owned(),
            news: Some(to_wire(inputs)),
            ..Default::default()
        };
        let answer = self.client.check(request).await?.into_inner();
        let failures =
            answer.failures.into_iter().map(|failure| format!("{}: {}", failure.property, failure.reason));
        Ok((from_wire(answer.inputs), failures.collect()))
    }

    pub(crate) async fn create(&mut self, inputs: &Value, preview: bool) -> Result<Value, Status> {
        let request = rpc::CreateRequest {
            urn: self.urn(),
            name: self.resource.name.to_owned(),
            r#type: self.resource.token.to_owned(),
            properties: Some(to_wire(inputs)),
            preview,
            ..Default::default()
        };
        Ok(from_wire(self.client.create(request).await?.into_inner().properties))
    }

    pub(crate) async fn update(&mut self, state: &Value, inputs: &Value) -> Result<Value, Status> {
        self.update_or_preview(state, inputs, false).await
    }

    pub(crate) async fn preview_update(&mut self, state: &Value, inputs: &Value) -> Value {
        self.update_or_preview(state, inputs, true).await.unwrap()
    }

    async fn update_or_preview(
        &mut self,
        state: &Value,
        inputs: &Value,
        preview: bool,
    ) -> Result<Value, Status> {
        let request = rpc::UpdateRequest {
            id: self.id(state),
            preview,
            urn: self.urn(),
            r#type: self.resource.token.to_owned(),
            olds: Some(to_wire(state)),
            news: Some(to_wire(inputs)),
            ..Default::default()
        };
        Ok(from_wire(self.client.update(request).await?.into_inner().properties))
    }

    pub(crate) async fn diff(&mut self, old: &Value, new: &Value) -> rpc::DiffResponse {
        let request = rpc::DiffRequest {
            urn: self.urn(),
            r#type: self.resource.token.to_owned(),
            old_inputs: Some(to_wire(old)),
            news: Some(to_wire(new)),
            ..Default::default()
        };
        self.client.diff(request).await.unwrap().into_inner()
    }

    /// Whether what is in a state is still there, as `pulumi refresh` asks.
    pub(crate) async fn is_there(&mut self, state: &Value) -> Result<bool, Status> {
        Ok(self.read(&self.id(state), &json!({}), state).await?.is_some())
    }

    /// Inputs and state as they are now, as `pulumi refresh` asks; none of either are known to `pulumi import`.
    pub(crate) async fn read(
        &mut self,
        id: &str,
        inputs: &Value,
        state: &Value,
    ) -> Result<Option<(Value, Value)>, Status> {
        let request = rpc::ReadRequest {
            id: id.to_owned(),
            urn: self.urn(),
            r#type: self.resource.token.to_owned(),
            properties: Some(to_wire(state)),
            inputs: Some(to_wire(inputs)),
            ..Default::default()
        };
        let found = self.client.read(request).await?.into_inner();
        let is_there = !found.id.is_empty();
        Ok(is_there.then(|| (from_wire(found.inputs), from_wire(found.properties))))
    }

    pub(crate) async fn delete(&mut self, state: &Value) -> Result<(), Status> {
        let request = rpc::DeleteRequest {
            id: self.id(state),
            urn: self.urn(),
            r#type: self.resource.token.to_owned(),
            properties: Some(to_wire(state)),
            ..Default::default()
        };
        self.client.delete(request).await.map(drop)
    }
}

/// The provider's properties: the developer's account.
pub(crate) fn account() -> Value {
    json!({
        "alexaClientId": FakeSmapi::CLIENT_ID,
        "alexaClientSecret": { "secret": FakeSmapi::CLIENT_SECRET },
        "alexaRefreshToken": { "secret": FakeSmapi::REFRESH_TOKEN },
    })
}

/// The inputs of an image of the project.
pub(crate) fn inputs() -> Value {
    json!({
        "function": "functions/echo",
        "architecture": "arm64",
        "repositoryUrl": REPOSITORY,
        "tailscaled": "tailscaled",
    })
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

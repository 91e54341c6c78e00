//! One plugin, served over gRPC in this process, with an engine, a registry and a project of its own.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use porch_provider::{Access, Settings};
use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use rpc::resource_provider_client::ResourceProviderClient;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::Status;
use tonic::transport::Channel;

use crate::engine::{self, Said};
use crate::registry::Registry;
use crate::tools;
use crate::wire::{from_wire, to_wire};

pub(crate) const REPOSITORY: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com/porch";
pub(crate) const FUNCTION_IMAGE: &str = "porch:build:FunctionImage";
const URN: &str = "urn:pulumi:dev::porch::porch:build:FunctionImage::bridge-image";

/// A project with one function, one crate it uses and a Go module.
const PROJECT: &[(&str, &str)] = &[
    ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['functions/echo']\n"),
    ("Cargo.lock", "version = 4\n[[package]]\nname = 'echo'\nversion = '0.1.0'\n"),
    ("functions/echo/Cargo.toml", "[package]\nname = 'echo'\nversion = '0.1.0'\nedition = '2024'\n"),
    ("functions/echo/src/main.rs", "fn main() {}\n"),
    ("tailscaled/go.mod", "module tailscaled\n\ngo 1.21\n"),
    ("tailscaled/go.sum", "\n"),
];

pub(crate) struct Rig {
    pub(crate) registry: Registry,
    pub(crate) said: Said,
    pub(crate) project: TempDir,
    pub(crate) client: ResourceProviderClient<Channel>,
    tools: TempDir,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        // Another test may have been first.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let (project, tools) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (path, text) in PROJECT {
            write(project.path(), path, text);
        }
        tools::write(tools.path(), "cargo-lambda", tools::CARGO_LAMBDA);
        tools::write(tools.path(), "go", tools::GO);
        let registry = Registry::start().await;
        let (engine, said) = engine::start().await;
        let credentials = Credentials::new("AKIDTEST", "planted-secret-key", None, None, "test");
        let settings = Settings {
            engine: Some(engine),
            project: project.path().to_owned(),
            log: project.path().join("provider.log"),
            cache: project.path().join("cache"),
            environment: tools::environment(tools.path()),
            clock: SystemTime::now,
            access: Access {
                ecr_endpoint: Some(registry.endpoint.parse().unwrap()),
                s3_endpoint: None,
                credentials: Some(SharedCredentialsProvider::new(credentials)),
            },
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(porch_provider::serve(listener, settings));
        let client = ResourceProviderClient::connect(address).await.unwrap();
        Self { registry, said, project, client, tools }
    }

    /// Puts another script in the place of a tool.
    pub(crate) fn tool(&self, name: &str, script: &str) {
        tools::write(self.tools.path(), name, script);
    }

    pub(crate) fn remove_tool(&self, name: &str) {
        fs::remove_file(self.tools.path().join(name)).unwrap();
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        write(self.project.path(), path, text);
    }

    /// Inputs, as `check` has to give them and as it answers: the inputs and the failures.
    pub(crate) async fn check(&mut self, inputs: &Value) -> Result<(Value, Vec<String>), Status> {
        let request = rpc::CheckRequest {
            urn: URN.to_owned(),
            r#type: FUNCTION_IMAGE.to_owned(),
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
            urn: URN.to_owned(),
            name: String::from("bridge-image"),
            r#type: FUNCTION_IMAGE.to_owned(),
            properties: Some(to_wire(inputs)),
            preview,
            ..Default::default()
        };
        Ok(from_wire(self.client.create(request).await?.into_inner().properties))
    }

    pub(crate) async fn update(&mut self, state: &Value, inputs: &Value) -> Result<Value, Status> {
        let request = rpc::UpdateRequest {
            urn: URN.to_owned(),
            r#type: FUNCTION_IMAGE.to_owned(),
            olds: Some(to_wire(state)),
            news: Some(to_wire(inputs)),
            ..Default::default()
        };
        Ok(from_wire(self.client.update(request).await?.into_inner().properties))
    }

    pub(crate) async fn diff(&mut self, old: &Value, new: &Value) -> rpc::DiffResponse {
        let request = rpc::DiffRequest {
            urn: URN.to_owned(),
            r#type: FUNCTION_IMAGE.to_owned(),
            old_inputs: Some(to_wire(old)),
            news: Some(to_wire(new)),
            ..Default::default()
        };
        self.client.diff(request).await.unwrap().into_inner()
    }

    /// Whether the image of a state is still there, as `pulumi refresh` asks.
    pub(crate) async fn is_there(&mut self, state: &Value) -> Result<bool, Status> {
        let request = rpc::ReadRequest {
            id: String::from("bridge-image"),
            urn: URN.to_owned(),
            r#type: FUNCTION_IMAGE.to_owned(),
            properties: Some(to_wire(state)),
            ..Default::default()
        };
        Ok(!self.client.read(request).await?.into_inner().id.is_empty())
    }

    pub(crate) async fn delete(&mut self, state: &Value) -> Result<(), Status> {
        let request = rpc::DeleteRequest {
            urn: URN.to_owned(),
            r#type: FUNCTION_IMAGE.to_owned(),
            properties: Some(to_wire(state)),
            ..Default::default()
        };
        self.client.delete(request).await.map(drop)
    }
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

//! Pulumi's provider protocol: each call handed to the resource it is about, each failure made an answer.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use prost::Message as _;
use prost_types::Struct;
use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use rpc::property_diff::Kind;
use rpc::resource_provider_server::ResourceProvider;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status};

use crate::alexa::Account;
use crate::diff::{Change, diff};
use crate::engine::Audience;
use crate::inputs::Wrong;
use crate::property::{into_wire, properties};
use crate::resource::{self, AnyResource, Existing, ResourceError, Resources};
use crate::schema::schema;
use crate::task::Task;

/// How long a cancelled call may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

type Answer<T> = Result<Response<T>, Status>;

/// The provider, as the engine sees it.
pub(crate) struct Service {
    resources: Resources,
    audience: Arc<dyn Audience>,
    cancel: CancellationToken,
}

impl Service {
    pub(crate) fn new(resources: Resources, audience: Arc<dyn Audience>, cancel: CancellationToken) -> Self {
        Self { resources, audience, cancel }
    }

    /// Runs one call about a resource: refuses a type that there is not, and makes every failure an answer that names
    /// the resource. Neither a panic nor a cancelled build may reach the engine as a broken connection.
    async fn about<T>(
        &self,
        call: &'static str,
        (urn, token): (&str, &str),
        work: impl AsyncFnOnce(AnyResource, Task) -> Result<T, ResourceError>,
    ) -> Answer<T> {
        let name = resource::name(urn);
        let Some(resource) = self.resources.find(token) else {
            return Err(Status::unimplemented(format!("{name}: porch has no resource of type {token}")));
        };
        if self.cancel.is_cancelled() {
            return Err(Status::cancelled(format!("{name}: {call} was cancelled before it began")));
        }
        let started = Instant::now();
        let task = {
            let (urn, audience) = (urn.to_owned(), self.audience.clone());
            Task::new(move |message| audience.tell(&urn, message), self.cancel.clone())
        };
        let overdue = async {
            self.cancel.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let ended = tokio::select! {
            ended = AssertUnwindSafe(work(resource, task)).catch_unwind() => ended,
            () = overdue => return Err(Status::cancelled(format!("{name}: {call} was cancelled"))),
        };
        self.audience.flush().await;
        let elapsed_ms = started.elapsed().as_millis();
        let status = match ended {
            Ok(Ok(answer)) => {
                tracing::info!(urn, elapsed_ms, "{call} done");
                return Ok(Response::new(answer));
            }
            Ok(Err(ResourceError::Unfinished(made, error))) => unfinished(name, *made, &error),
            Ok(Err(error)) if error.is_cancelled() => Status::cancelled(format!("{name}: {error}")),
            // Not `unknown` or `internal`: those make the engine doubt its state, and what is made is whole or absent.
            Ok(Err(error)) => Status::failed_precondition(format!("{name}: {error}")),
            Err(panic) => Status::aborted(format!(
                "{name}: the provider has a bug, {call} ended with: {}; its log has more",
                panic_text(&*panic)
            )),
        };
        tracing::error!(urn, elapsed_ms, "{call} failed: {}", status.message());
        Err(status)
    }
}

/// The answer about a resource that was made and is not what it should be yet: the engine takes it into its state, and
/// updates it the next time.
fn unfinished(name: &str, made: Existing, error: &ResourceError) -> Status {
    let failed = rpc::ErrorResourceInitFailed {
        id: made.id,
        properties: Some(into_wire(made.state)),
        reasons: vec![error.to_string()],
        inputs: Some(into_wire(made.inputs)),
        ..Default::default()
    };
    let detail = prost_types::Any {
        type_url: String::from("type.googleapis.com/pulumirpc.ErrorResourceInitFailed"),
        value: failed.encode_to_vec(),
    };
    let (code, message) = (Code::FailedPrecondition, format!("{name}: {error}"));
    let details = Details { code: code.into(), message: message.clone(), details: vec![detail] };
    Status::with_details(code, message, details.encode_to_vec().into())
}

/// `google.rpc.Status`, in which gRPC sends what belongs to an error.
#[derive(Clone, PartialEq, prost::Message)]
struct Details {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

/// What a panic said. The hook installed at start has logged where it was.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without words")
}

#[tonic::async_trait]
impl ResourceProvider for Service {
    async fn handshake(
        &self,
        _: Request<rpc::ProviderHandshakeRequest>,
    ) -> Answer<rpc::ProviderHandshakeResponse> {
        Ok(Response::new(rpc::ProviderHandshakeResponse { accept_secrets: true, ..Default::default() }))
    }

    async fn get_plugin_info(&self, _: Request<()>) -> Answer<rpc::PluginInfo> {
        Ok(Response::new(rpc::PluginInfo { version: env!("CARGO_PKG_VERSION").to_owned() }))
    }

    async fn get_schema(&self, _: Request<rpc::GetSchemaRequest>) -> Answer<rpc::GetSchemaResponse> {
        Ok(Response::new(rpc::GetSchemaResponse { schema: schema().to_string() }))
    }

    async fn check_config(&self, request: Request<rpc::CheckRequest>) -> Answer<rpc::CheckResponse> {
        let inputs = request.into_inner().news;
        let failures = Account::check(&properties(inputs.clone())).into_iter().map(failure).collect();
        Ok(Response::new(rpc::CheckResponse { inputs, failures }))
    }

    /// No change of the developer's account has a resource replaced.
    async fn diff_config(&self, request: Request<rpc::DiffRequest>) -> Answer<rpc::DiffResponse> {
        let request = request.into_inner();
        Ok(Response::new(differences(request.old_inputs.or(request.olds), request.news, &[])))
    }

    async fn configure(&self, request: Request<rpc::ConfigureRequest>) -> Answer<rpc::ConfigureResponse> {
        let given = properties(request.into_inner().args);
        if let Err(error) = self.resources.configure(&given) {
            return Err(Status::failed_precondition(error.to_string()));
        }
        Ok(Response::new(rpc::ConfigureResponse {
            accept_secrets: true,
            supports_preview: true,
            ..Default::default()
        }))
    }

    async fn check(&self, request: Request<rpc::CheckRequest>) -> Answer<rpc::CheckResponse> {
        let request = request.into_inner();
        self.about("check", (&request.urn, &request.r#type), async |resource, task| {
            let (inputs, wrong) = resource.check(properties(request.news), &task).await?;
            let failures = wrong.into_iter().map(failure).collect();
            Ok(rpc::CheckResponse { inputs: Some(into_wire(inputs)), failures })
        })
        .await
    }

    async fn diff(&self, request: Request<rpc::DiffRequest>) -> Answer<rpc::DiffResponse> {
        let request = request.into_inner();
        self.about("diff", (&request.urn, &request.r#type), async |resource, _| {
            Ok(differences(request.old_inputs, request.news, resource.replaces()))
        })
        .await
    }

    async fn create(&self, request: Request<rpc::CreateRequest>) -> Answer<rpc::CreateResponse> {
        let request = request.into_inner();
        self.about("create", (&request.urn, &request.r#type), async |resource, task| {
            let inputs = properties(request.properties);
            let (id, state) = if request.preview {
                (String::new(), resource.preview_create(inputs))
            } else {
                let made = resource.create(&request.urn, inputs, &task).await?;
                (made.id, made.state)
            };
            Ok(rpc::CreateResponse { id, properties: Some(into_wire(state)), ..Default::default() })
        })
        .await
    }

    async fn update(&self, request: Request<rpc::UpdateRequest>) -> Answer<rpc::UpdateResponse> {
        let request = request.into_inner();
        self.about("update", (&request.urn, &request.r#type), async |resource, task| {
            let old = existing(request.id, request.old_inputs, request.olds);
            let inputs = properties(request.news);
            let state = match request.preview {
                true => resource.preview_update(&old, inputs),
                false => resource.update(old, inputs, &task).await?,
            };
            Ok(rpc::UpdateResponse { properties: Some(into_wire(state)), ..Default::default() })
        })
        .await
    }

    /// What is gone is answered with no id at all, so that the next `up` makes it again.
    async fn read(&self, request: Request<rpc::ReadRequest>) -> Answer<rpc::ReadResponse> {
        let request = request.into_inner();
        self.about("read", (&request.urn, &request.r#type), async |resource, task| {
            let known = existing(request.id, request.inputs, request.properties);
            Ok(match resource.read(known, &task).await? {
                Some(found) => rpc::ReadResponse {
                    id: found.id,
                    properties: Some(into_wire(found.state)),
                    inputs: Some(into_wire(found.inputs)),
                    ..Default::default()
                },
                None => rpc::ReadResponse::default(),
            })
        })
        .await
    }

    async fn delete(&self, request: Request<rpc::DeleteRequest>) -> Answer<()> {
        let request = request.into_inner();
        self.about("delete", (&request.urn, &request.r#type), async |resource, task| {
            resource.delete(existing(request.id, request.old_inputs, request.properties), &task).await
        })
        .await
    }

    async fn cancel(&self, _: Request<()>) -> Answer<()> {
        // Sent at the end of every run too.
        tracing::debug!("the engine wants everything to end");
        self.cancel.cancel();
        Ok(Response::new(()))
    }

    async fn parameterize(&self, _: Request<rpc::ParameterizeRequest>) -> Answer<rpc::ParameterizeResponse> {
        Err(Status::unimplemented("porch takes no parameters"))
    }

    async fn invoke(&self, request: Request<rpc::InvokeRequest>) -> Answer<rpc::InvokeResponse> {
        Err(Status::unimplemented(format!("porch has no function {}", request.into_inner().tok)))
    }

    async fn call(&self, request: Request<rpc::CallRequest>) -> Answer<rpc::CallResponse> {
        Err(Status::unimplemented(format!("porch has no method {}", request.into_inner().tok)))
    }

    async fn construct(&self, request: Request<rpc::ConstructRequest>) -> Answer<rpc::ConstructResponse> {
        Err(Status::unimplemented(format!("porch has no component {}", request.into_inner().r#type)))
    }

    async fn attach(&self, _: Request<rpc::PluginAttach>) -> Answer<()> {
        Err(Status::unimplemented("start porch through its folder in Pulumi.yaml"))
    }

    async fn get_mapping(&self, _: Request<rpc::GetMappingRequest>) -> Answer<rpc::GetMappingResponse> {
        Ok(Response::new(rpc::GetMappingResponse::default()))
    }

    async fn get_mappings(&self, _: Request<rpc::GetMappingsRequest>) -> Answer<rpc::GetMappingsResponse> {
        Ok(Response::new(rpc::GetMappingsResponse::default()))
    }
}

fn existing(id: String, inputs: Option<Struct>, state: Option<Struct>) -> Existing {
    Existing { id, inputs: properties(inputs), state: properties(state) }
}

fn failure(wrong: Wrong) -> rpc::CheckFailure {
    rpc::CheckFailure { property: wrong.property, reason: wrong.reason }
}

fn differences(old: Option<Struct>, new: Option<Struct>, replaces: &[&str]) -> rpc::DiffResponse {
    let (old, new) = (properties(old), properties(new));
    let mut response = rpc::DiffResponse { has_detailed_diff: true, ..Default::default() };
    for (name, change) in diff(&old, &new, replaces) {
        let kind = match change {
            Change::Added => Kind::Add,
            Change::Removed => Kind::Delete,
            Change::Changed => Kind::Update,
            Change::Replaces => Kind::UpdateReplace,
        };
        if change == Change::Replaces {
            response.replaces.push(name.to_owned());
        }
        response.diffs.push(name.to_owned());
        response
            .detailed_diff
            .insert(name.to_owned(), rpc::PropertyDiff { kind: kind.into(), input_diff: true });
    }
    let changed = rpc::diff_response::DiffChanges::DiffSome;
    let same = rpc::diff_response::DiffChanges::DiffNone;
    response.changes = if response.diffs.is_empty() { same } else { changed }.into();
    response
}

#[cfg(test)]
mod tests;

//! An engine that only listens: it keeps what the plugin says, as Pulumi would show it.

use std::sync::{Arc, Mutex};

use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use rpc::engine_server::{Engine, EngineServer};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Everything said so far: whether it was only a status, and the text.
#[derive(Clone, Default)]
pub(crate) struct Said(Arc<Mutex<Vec<rpc::LogRequest>>>);

impl Said {
    /// The durable lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.texts(|request| !request.ephemeral)
    }

    /// What a person has to do.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.texts(|request| request.severity() == rpc::LogSeverity::Warning)
    }

    /// Everything, status messages too.
    pub(crate) fn everything(&self) -> Vec<String> {
        self.texts(|_| true)
    }

    fn texts(&self, wanted: impl Fn(&rpc::LogRequest) -> bool) -> Vec<String> {
        let said = self.0.lock().unwrap();
        said.iter().filter(|request| wanted(request)).map(|request| request.message.clone()).collect()
    }
}

/// Starts an engine and returns its address.
pub(crate) async fn start() -> (String, Said) {
    let said = Said::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = tonic::transport::Server::builder()
        .add_service(EngineServer::new(said.clone()))
        .serve_with_incoming(TcpListenerStream::new(listener));
    tokio::spawn(serving);
    (address, said)
}

#[tonic::async_trait]
impl Engine for Said {
    async fn log(&self, request: Request<rpc::LogRequest>) -> Answer<()> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(Response::new(()))
    }

    async fn get_root_resource(
        &self,
        _: Request<rpc::GetRootResourceRequest>,
    ) -> Answer<rpc::GetRootResourceResponse> {
        Err(Status::unimplemented("not asked by a provider"))
    }

    async fn set_root_resource(
        &self,
        _: Request<rpc::SetRootResourceRequest>,
    ) -> Answer<rpc::SetRootResourceResponse> {
        Err(Status::unimplemented("not asked by a provider"))
    }

    async fn start_debugging(&self, _: Request<rpc::StartDebuggingRequest>) -> Answer<()> {
        Err(Status::unimplemented("not asked by a provider"))
    }

    async fn require_pulumi_version(
        &self,
        _: Request<rpc::RequirePulumiVersionRequest>,
    ) -> Answer<rpc::RequirePulumiVersionResponse> {
        Err(Status::unimplemented("not asked by a provider"))
    }
}

//! A bug in the provider, as the engine sees it: an answer, and a provider that goes on.

use std::path::PathBuf;

use pulumi_gestalt_proto::pulumi::pulumirpc::resource_provider_client::ResourceProviderClient;
use tokio::net::TcpListener;
use tonic::Code;

use super::*;
use crate::schema::FUNCTION_IMAGE;
use crate::server::serve_until;
use crate::settings::Settings;
use crate::task::Message;

/// The only part that a test can put in, and so the one that breaks.
struct Broken;

#[tonic::async_trait]
impl Audience for Broken {
    fn tell(&self, _: &str, message: Message) {
        panic!("cannot say {message:?}");
    }

    async fn flush(&self) {}
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_next_call_is_served() {
    let settings = Settings::read([], PathBuf::new(), |name| (name == "HOME").then(|| "/".into())).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let cancel = CancellationToken::new();
    tokio::spawn(serve_until(
        std::future::pending(),
        listener,
        Resources::new(settings),
        Arc::new(Broken),
        cancel,
    ));
    let mut client = ResourceProviderClient::connect(address).await.unwrap();

    let text = |text: &str| Some(prost_types::value::Kind::StringValue(text.to_owned()));
    let state = [
        ("repositoryUrl", text("123456789012.dkr.ecr.us-east-1.amazonaws.com/porch")),
        ("digest", text("sha256:0")),
    ];
    let fields =
        state.into_iter().map(|(name, kind)| (name.to_owned(), prost_types::Value { kind })).collect();
    let request = rpc::DeleteRequest {
        urn: String::from("urn:pulumi:dev::porch::porch:build:FunctionImage::bridge-image"),
        r#type: FUNCTION_IMAGE.to_owned(),
        properties: Some(Struct { fields }),
        ..Default::default()
    };
    let status = client.delete(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    insta::assert_snapshot!(
        status.message(),
        @r#"bridge-image: the provider has a bug, delete ended with: cannot say Status("removing it from 123456789012.dkr.ecr.us-east-1.amazonaws.com/porch"); its log has more"#
    );
    client.get_plugin_info(()).await.unwrap();
}

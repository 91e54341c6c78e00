//! A function's URL, as Lambda serves it: the request becomes an event, the function's answer the response.

use std::net::SocketAddr;

use sandbox::lambda::Lambda;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::rig::reply;

/// A URL of a function, on this machine; it ends with this value.
pub(crate) struct FunctionUrl {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl FunctionUrl {
    /// Serves `function` to whom has no body to send, as a browser that follows a link.
    pub(crate) async fn serve(lambda: Lambda, function: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(respond(stream, lambda.clone(), function.clone()));
            }
        });
        Self { address, task }
    }

    /// The URL with this path and query.
    pub(crate) fn with(&self, path: &str, query: &str) -> String {
        format!("http://{}{path}?{query}", self.address)
    }
}

impl Drop for FunctionUrl {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn respond(stream: TcpStream, lambda: Lambda, function: String) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    // A browser opens connections in reserve, over which nothing ever comes.
    while !head.ends_with("\r\n\r\n") {
        if !matches!(stream.read_line(&mut head).await, Ok(read) if read > 0) {
            return;
        }
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let invocation = lambda.invoke(&function, event(method, path, query, "").into_bytes()).await.unwrap();
    let answer = reply(&invocation);
    let headers = answer["headers"].as_object().into_iter().flatten();
    let headers: String =
        headers.map(|(name, value)| format!("{name}: {}\r\n", value.as_str().unwrap())).collect();
    let body = answer["body"].as_str().unwrap_or_default();
    let status = answer["statusCode"].as_u64().unwrap();
    let response = format!(
        "HTTP/1.1 {status} \r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    // The browser may have been ended meanwhile.
    let _ = stream.write_all(response.as_bytes()).await;
}

/// An event of a function URL, as Lambda hands it over.
pub(crate) fn event(method: &str, path: &str, query: &str, body: &str) -> String {
    let event: Value = json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "requestContext": {"http": {"method": method, "path": path}},
        "body": body,
        "isBase64Encoded": false,
    });
    event.to_string()
}

//! LocalAPI's client against a server on a real Unix socket.

use tailnet::{LocalApi, LocalApiError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

/// What the client makes of `answer`, the bytes that a server sends after it has read the request; and the request.
async fn asked(answer: &'static str) -> (Result<Vec<u8>, LocalApiError>, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let socket = directory.path().join("tailscaled.sock");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = vec![0; 4096];
        let read = stream.read(&mut request).await.expect("a request");
        stream.write_all(answer.as_bytes()).await.expect("an answer");
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    let outcome = LocalApi::new(socket).dns_query("home.example", "A").await;
    (outcome, server.await.expect("a server"))
}

#[tokio::test]
async fn a_request_has_the_host_that_tailscaled_wants() {
    let (outcome, request) = asked("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"Bytes\":\"AAEC\"}").await;
    assert_eq!(outcome.expect("answered"), [0, 1, 2]);
    assert!(
        request.starts_with("GET /localapi/v0/dns-query?name=home.example&type=A HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("host: local-tailscaled.sock\r\n"), "{request}");
}

#[tokio::test]
async fn failures_are_told_apart() {
    let (refused, _) = asked("HTTP/1.1 403 Forbidden\r\nContent-Length: 14\r\n\r\naccess denied\n").await;
    assert_eq!(refused.expect_err("refused").to_string(), "tailscaled answered 403 Forbidden: access denied");
    let (malformed, _) = asked("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>").await;
    assert!(matches!(malformed, Err(LocalApiError::Malformed)));
    let (broken, _) = asked("HTTP/1.1 200").await;
    assert!(matches!(broken, Err(LocalApiError::Broken(_))));
    let nobody = LocalApi::new("/nonexistent.sock".into()).logout().await;
    assert!(matches!(nobody, Err(LocalApiError::Connect(_))));
}

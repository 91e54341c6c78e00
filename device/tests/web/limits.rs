//! What strangers and their web sites try.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::rig::{LONGEST, Rig};

#[tokio::test]
async fn the_page_is_asked_for_by_names_that_nobody_else_can_have() {
    let rig = Rig::start().await;
    let port = rig.address.port();
    for (host, wanted) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("door.tail1234.ts.net".to_owned(), 200),
        ("Door.Example.org".to_owned(), 200),
        ("evil.example.com".to_owned(), 421),
        (format!("evil.example.com:{port}"), 421),
        ("evil.ts.net.example.com".to_owned(), 421),
        ("127.0.0.1.example.com".to_owned(), 421),
        (String::new(), 421),
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(rig.ask(&request).await.status, wanted, "{host}");
    }
}

#[tokio::test]
async fn a_form_counts_only_from_a_page_of_ours_in_the_same_browser() {
    let rig = Rig::start().await;
    let here = rig.address;
    let page = rig.get("/quiet").await;
    let cookie = page.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie");
    let page = page.text();
    let token = page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let token = token.expect("a token");
    let other = "0".repeat(64);
    for (what, lines, token, wanted) in [
        ("ours", format!("Cookie: {cookie}\r\nOrigin: http://{here}\r\n"), token, 303),
        ("of a program", format!("Cookie: {cookie}\r\n"), token, 303),
        ("of another site", format!("Cookie: {cookie}\r\nOrigin: http://evil.example.com\r\n"), token, 403),
        ("of a sandboxed frame", format!("Cookie: {cookie}\r\nOrigin: null\r\n"), token, 403),
        ("without a token", format!("Cookie: {cookie}\r\nOrigin: http://{here}\r\n"), "", 403),
        ("with another token", format!("Cookie: {cookie}\r\nOrigin: http://{here}\r\n"), &other, 403),
        ("without a cookie", format!("Origin: http://{here}\r\n"), token, 403),
        (
            "of another browser",
            format!("Cookie: porch_browser={other}\r\nOrigin: http://{here}\r\n"),
            token,
            403,
        ),
    ] {
        let answer = rig.send("/quiet/remove", &format!("token={token}&id=1"), &lines).await;
        assert_eq!(answer.status, wanted, "{what}: {}", answer.text());
    }
    let request = format!("DELETE /visits/1 HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n");
    assert_eq!(rig.ask(&request).await.status, 405);
}

#[tokio::test]
async fn what_is_too_large_or_nonsense_is_refused() {
    let rig = Rig::start().await;
    let large = "x".repeat(20_000);
    assert_eq!(rig.send("/quiet", &large, "").await.status, 413);
    let head = format!("GET / HTTP/1.1\r\nHost: {}\r\nX-Long: {large}\r\n\r\n", rig.address);
    assert_eq!(rig.ask(&head).await.status, 431);
    let lines: String = (0..100).map(|number| format!("X-{number}: 1\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", rig.address);
    assert_eq!(rig.ask(&many).await.status, 431);
    assert_eq!(rig.ask("\x16\x03\x01 nonsense\r\n\r\n").await.status, 400);
    assert_eq!(rig.get("/").await.status, 200);
}

#[tokio::test]
async fn more_connections_than_there_may_be_are_let_go() {
    let rig = Rig::start().await;
    let mut held = Vec::new();
    for _ in 0..48 {
        let mut stream = rig.connect().await;
        stream.write_all(b"GET / HT").await.expect("it listens");
        held.push(stream);
    }
    let is_let_go = async || {
        let mut stream = rig.connect().await;
        timeout(Duration::from_millis(500), stream.read(&mut [0; 1])).await.is_ok()
    };
    timeout(LONGEST, async { while !is_let_go().await {} }).await.expect("the next is let go");
    held.clear();
    timeout(LONGEST, async { while is_let_go().await {} }).await.expect("there is room again");
    assert_eq!(rig.get("/").await.status, 200);
}

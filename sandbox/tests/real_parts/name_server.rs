//! A name server inside the tailnet: DNS over TCP (RFC 7766), with as many names as a test gives it.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sandbox::parts::headscale::{self, Headscale, Role};
use sandbox::parts::{name_server, node};
use sandbox::tools;
use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Packet, QTYPE, RCODE, ResourceRecord, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::rig::{Ended, Rig};

/// The name server of [`headscale::SPLIT_ZONE`], while it lives.
pub(crate) struct NameServer {
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
    _node: Ended,
}

impl NameServer {
    /// Serves `name` with `address` behind a node of its own, which the tailnet is told to ask.
    pub(crate) async fn start(rig: &'static Rig, name: String, address: Ipv4Addr) -> Self {
        let (settings, layout) = (&rig.sandbox.settings, &rig.sandbox.layout);
        let whole = tools::whole_tailscale(settings, layout, &rig.progress).await.unwrap();
        let key = Headscale::new(layout, &rig.tools).key(Role::Names).await.unwrap();
        let part = name_server::part(settings, layout, &whole, &rig.certificates(), &key).unwrap();
        part.ensure(layout, &rig.progress).await.unwrap();
        let node = Ended::at_last(rig, name_server::KIND);

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        name_server::serve(layout, &whole, port).await.unwrap();
        let addresses = node::addresses(&layout.part(name_server::KIND.slug)).await.unwrap();
        // By IPv6: the resolver also asks by UDP, outside of the tailnet, and there are networks that answer any question
        // sent to an IPv4 address of the range that tailnets share with carriers (seen: no such name, within a
        // millisecond).
        headscale::set_name_server(layout, addresses[1]).unwrap();
        // Started anew only if it was told of another address, or of none.
        let part = headscale::part(settings, layout, &rig.tools, &rig.certificates()).unwrap();
        part.ensure(layout, &rig.progress).await.unwrap();

        let asked = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(answer_all(listener, name, address, asked.clone()));
        Self { asked, task, _node: node }
    }

    /// How many questions it has answered.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer_all(listener: TcpListener, name: String, address: Ipv4Addr, asked: Arc<AtomicUsize>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        if let Ok(question) = read_message(&mut stream).await {
            let reply = answer(&question, &name, address);
            asked.fetch_add(1, Ordering::Relaxed);
            let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
            // Who asked may have gone; then nobody waits for the reply.
            let _ = stream.write_all(&[&length[..], &reply].concat()).await;
        }
    }
}

async fn read_message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

/// The address of `name` for who asks for IPv4, nothing for who asks for something else of it, and for any other name
/// that there is no such name.
fn answer(question: &[u8], name: &str, address: Ipv4Addr) -> Vec<u8> {
    let question = Packet::parse(question).unwrap();
    let asked = &question.questions[0];
    let mut reply = Packet::new_reply(question.id());
    reply.questions.push(asked.clone());
    if asked.qname.to_string() != name {
        *reply.rcode_mut() = RCODE::NameError;
    } else if asked.qtype == QTYPE::TYPE(TYPE::A) {
        let record = RData::A(A::from(address));
        reply.answers.push(ResourceRecord::new(asked.qname.clone(), CLASS::IN, 5, record));
    }
    reply.build_bytes_vec().unwrap()
}

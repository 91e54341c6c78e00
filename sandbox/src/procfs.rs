//! What the kernel tells about processes and ports, read from `/proc`.

use std::collections::HashSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// When the process `pid` was started, in clock ticks since boot; `None` when it does not run any more.
///
/// A zombie does not run any more: it only waits for its parent to read its exit status.
#[must_use]
pub fn start_time(pid: i32) -> Option<u64> {
    let stat = Stat::of(pid)?;
    (stat.state != 'Z').then_some(stat.start_time)
}

/// The processes of the session `leader`, itself among them.
#[must_use]
pub fn session(leader: i32) -> Vec<i32> {
    let of_session =
        |pid: &i32| Stat::of(*pid).is_some_and(|stat| stat.session == leader && stat.state != 'Z');
    pids().filter(of_session).collect()
}

/// The processes that `ancestor` started, those that these started, and so on.
#[must_use]
pub fn descendants(ancestor: i32) -> Vec<i32> {
    let parents: Vec<(i32, i32)> =
        pids().filter_map(|pid| Stat::of(pid).map(|stat| (pid, stat.parent))).collect();
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

/// The name of the file that a process runs, as the process itself sees it.
#[must_use]
pub fn program(pid: i32) -> Option<String> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    Some(path.file_name()?.to_string_lossy().into_owned())
}

/// How much of the machine's memory a process holds, in kB: its resident set.
#[must_use]
pub fn resident_kb(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
}

/// Which boot of the machine this is: process ids and start times mean nothing in another one.
#[must_use]
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_string()
}

/// The process's command line as one readable line, cut to 100 characters.
#[must_use]
pub fn command_line(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
    text.trim().chars().take(100).collect()
}

/// A socket protocol with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A listening TCP socket.
    Tcp,
    /// A bound UDP socket.
    Udp,
}

/// The processes that listen on `port`, so that a bind to 127.0.0.1 would be refused.
///
/// A socket of another user's process has no visible owner: then the list holds `None`.
#[must_use]
pub fn listeners(protocol: Protocol, port: u16) -> Vec<Option<i32>> {
    let files = match protocol {
        Protocol::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
        Protocol::Udp => ["/proc/net/udp", "/proc/net/udp6"],
    };
    let inodes: HashSet<String> = files
        .iter()
        .flat_map(|file| bound_inodes(&fs::read_to_string(file).unwrap_or_default(), protocol, port))
        .collect();
    if inodes.is_empty() {
        return Vec::new();
    }
    let owners: Vec<_> = pids().filter(|pid| owns(*pid, &inodes)).map(Some).collect();
    if owners.is_empty() { vec![None] } else { owners }
}

fn pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn owns(pid: i32, inodes: &HashSet<String>) -> bool {
    fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten().any(|file| {
        let Ok(target) = fs::read_link(file.path()) else { return false };
        let target = target.to_string_lossy();
        let inode = target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
        inode.is_some_and(|inode| inodes.contains(inode))
    })
}

/// Inodes of sockets in a table of `/proc/net` that stand in the way of 127.0.0.1:`port`.
fn bound_inodes(table: &str, protocol: Protocol, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let row = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (address, local_port) = fields.get(1)?.split_once(':')?;
        let listening = protocol == Protocol::Udp || *fields.get(3)? == LISTEN;
        let same_port = u16::from_str_radix(local_port, 16) == Ok(port);
        let in_the_way = address_of(address).is_some_and(|ip| match ip {
            IpAddr::V4(ip) => ip.is_unspecified() || ip.is_loopback(),
            IpAddr::V6(ip) => ip.is_unspecified() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
        });
        (listening && same_port && in_the_way).then(|| fields.get(9).map(ToString::to_string))?
    };
    table.lines().skip(1).filter_map(row).collect()
}

/// The kernel prints addresses as 32-bit words in the machine's byte order.
fn address_of(hex: &str) -> Option<IpAddr> {
    let words: Option<Vec<[u8; 4]>> = (0..hex.len() / 8)
        .map(|word| u32::from_str_radix(hex.get(word * 8..word * 8 + 8)?, 16).ok().map(u32::to_ne_bytes))
        .collect();
    let bytes = words?.concat();
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Some(Ipv4Addr::from(four).into());
    }
    <[u8; 16]>::try_from(bytes.as_slice()).ok().map(|sixteen| Ipv6Addr::from(sixteen).into())
}

struct Stat {
    state: char,
    parent: i32,
    session: i32,
    start_time: u64,
}

impl Stat {
    fn of(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Fields after the command name, which is in brackets and may itself hold blanks and brackets (proc(5)).
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.get(text.rfind(')')? + 1..)?.split_whitespace().collect();
        Some(Self {
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            start_time: fields.get(19)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn a_command_name_with_brackets_does_not_confuse_the_fields() {
        let text = "42 (a) b (c) S 1 42 41 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 100 200";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.state, stat.parent, stat.session, stat.start_time), ('S', 1, 41, 987_654));
    }

    #[test]
    fn what_a_process_started_is_found_with_its_memory() {
        let mut shell =
            std::process::Command::new("/bin/sh").args(["-c", "sleep 300 & wait"]).spawn().unwrap();
        let pid = i32::try_from(shell.id()).unwrap();
        let started = loop {
            let started = descendants(pid);
            if started.iter().any(|pid| program(*pid).is_some_and(|name| name != "sh" && name != "dash")) {
                break started;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        assert_eq!(started.len(), 1);
        assert!(descendants(std::process::id().try_into().unwrap()).contains(&started[0]));
        assert!(resident_kb(started[0]).is_some_and(|kb| kb > 0));
        shell.kill().unwrap();
        shell.wait().unwrap();
        let sleeper = rustix::process::Pid::from_raw(started[0]).unwrap();
        rustix::process::kill_process(sleeper, rustix::process::Signal::KILL).unwrap();
    }

    #[test]
    fn this_process_runs_and_process_zero_does_not() {
        assert!(start_time(std::process::id().try_into().unwrap()).is_some());
        assert_eq!(start_time(0), None);
    }

    #[test]
    fn the_holder_of_a_port_is_named() {
        let me = Some(i32::try_from(std::process::id()).unwrap());
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(listeners(Protocol::Tcp, tcp.local_addr().unwrap().port()), [me]);
        let udp = UdpSocket::bind("0.0.0.0:0").unwrap();
        assert_eq!(listeners(Protocol::Udp, udp.local_addr().unwrap().port()), [me]);
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert_eq!(listeners(Protocol::Tcp, free), []);
    }

    #[test]
    fn a_listener_on_another_address_is_not_in_the_way() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0A00000A:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1\n\
            1: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1\n\
            2: 0100007F:11D6 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 333 1\n";
        assert_eq!(bound_inodes(table, Protocol::Tcp, 4566), ["222"]);
    }
}

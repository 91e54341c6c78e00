//! Tells the service manager how it goes (sd_notify(3)): a datagram of a few words to a socket.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::clock::Monotonic;
use crate::event::Notice;

/// The way to the service manager, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Notifier(Option<UnixDatagram>);

impl Notifier {
    /// Goes to the socket that `NOTIFY_SOCKET` names.
    ///
    /// # Errors
    /// When there is no such socket.
    pub(crate) fn new(socket: Option<&OsStr>) -> io::Result<Self> {
        let Some(socket) = socket else { return Ok(Self(None)) };
        let address = match socket.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(socket)?,
        };
        let datagrams = UnixDatagram::unbound()?;
        datagrams.connect_addr(&address)?;
        datagrams.set_nonblocking(true)?;
        Ok(Self(Some(datagrams)))
    }

    /// Tells a notice.
    ///
    /// # Errors
    /// When nobody takes it.
    pub(crate) fn tell(&self, notice: &Notice) -> io::Result<()> {
        match notice {
            Notice::Ready(status) => self.send(&format!("READY=1\nSTATUS={status}")),
            Notice::Reloading => {
                let microseconds = Monotonic::now().as_nanos() / 1000;
                self.send(&format!("RELOADING=1\nMONOTONIC_USEC={microseconds}"))
            }
            Notice::Stopping => self.send("STOPPING=1"),
        }
    }

    /// Tells that all is well.
    ///
    /// # Errors
    /// When nobody takes it.
    pub(crate) fn tell_alive(&self) -> io::Result<()> {
        self.send("WATCHDOG=1")
    }

    fn send(&self, text: &str) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |socket| socket.send(text.as_bytes()).map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_manager_hears_of_everything() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).expect("a socket");
        let notifier = Notifier::new(Some(path.as_os_str())).expect("a way to it");
        let hear = || {
            let mut heard = [0; 200];
            let length = manager.recv(&mut heard).expect("a datagram");
            String::from_utf8(heard[..length].to_vec()).expect("text")
        };
        notifier.tell(&Notice::Ready("watching Front door".into())).expect("it is taken");
        assert_eq!(hear(), "READY=1\nSTATUS=watching Front door");
        notifier.tell(&Notice::Reloading).expect("it is taken");
        assert!(hear().starts_with("RELOADING=1\nMONOTONIC_USEC="));
        notifier.tell(&Notice::Stopping).expect("it is taken");
        assert_eq!(hear(), "STOPPING=1");
        notifier.tell_alive().expect("it is taken");
        assert_eq!(hear(), "WATCHDOG=1");
    }

    #[test]
    fn without_a_service_manager_there_is_nobody_to_tell() {
        let notifier = Notifier::new(None).expect("no socket is needed");
        notifier.tell(&Notice::Stopping).expect("nothing happens");
        assert!(Notifier::new(Some(OsStr::new("/nowhere/notify"))).is_err());
    }
}

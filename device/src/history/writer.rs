//! The thread that writes.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

use tokio::sync::watch;

use super::store::{Bounds, Store, aside, is_damage};
use super::{LARGEST, Listener, Order, State, size_of};
use crate::announce::Boot;
use crate::log::{Line, Priority};
use crate::quiet::Quiet;
use crate::record::Record;

/// How much is kept in memory where there is no file.
const IN_MEMORY: Bounds = Bounds { visits: 100, bytes: 0 };

/// Owns the database.
pub(super) struct Writer<L> {
    /// None if not even memory can be had.
    store: Option<Store>,
    boot: Boot,
    state: watch::Sender<State>,
    listener: L,
    /// The quiet hours, for a database that begins anew.
    quiet: Vec<Quiet>,
    /// Whether writing failed last time, which is told once.
    is_failing: bool,
    /// Why there is no file.
    no_file: Option<String>,
}

impl<L: Listener> Writer<L> {
    pub(super) fn open(
        file: &Path,
        bounds: Bounds,
        boot: Boot,
        state: watch::Sender<State>,
        mut listener: L,
    ) -> Self {
        let (store, no_file) = match Store::open(file, bounds) {
            Ok((store, None)) => (Some(store), None),
            Ok((store, Some(why))) => {
                listener.log(set_aside(file, &why));
                (Some(store), None)
            }
            Err(error) => {
                let why = format!("{}: {error}", file.display());
                let message = "the history cannot be opened, and is lost when this process ends";
                listener.log(Line::new(Priority::Error, message).field("why", &why));
                (Store::in_memory(IN_MEMORY).ok(), Some(why))
            }
        };
        let mut writer = Self { store, boot, state, listener, quiet: Vec::new(), is_failing: false, no_file };
        writer.tell_quiet();
        writer.publish();
        writer
    }

    /// Goes on until nobody is left who could order anything.
    pub(super) fn run(mut self, orders: &Receiver<Order>, waiting_bytes: &AtomicUsize, lost: &AtomicU64) {
        let mut next = orders.recv().ok();
        while let Some(order) = next.take() {
            match order {
                Order::Remember(record) => {
                    next = self.remember(record, orders, waiting_bytes);
                }
                Order::Question(question) => {
                    let asked = self.store.as_mut().map(question);
                    self.settle(asked.unwrap_or(Ok(())));
                }
                Order::Quiet(change, answer) => {
                    let changed = self.store.as_ref().map(|store| match &change {
                        Ok(quiet) => store.add_quiet(quiet),
                        Err(id) => store.remove_quiet(*id).map(|()| true),
                    });
                    match changed {
                        Some(Ok(changed)) => {
                            self.tell_quiet();
                            let _ = answer.send(Ok(changed));
                            self.settle(Ok(()));
                        }
                        Some(Err(error)) => self.settle(Err(error)),
                        None => {}
                    }
                    self.publish();
                }
                Order::End(done) => {
                    drop(self);
                    let _ = done.send(());
                    return;
                }
            }
            let lost = lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                let message =
                    "something is not in the history: there was too much of it, or it was too large";
                self.listener.log(Line::new(Priority::Warning, message).field("records", lost));
            }
            next = next.or_else(|| orders.recv().ok());
        }
    }

    /// Writes a record, and what else waits by now, in one commit. Gives back the order that followed.
    fn remember(
        &mut self,
        first: Record,
        orders: &Receiver<Order>,
        waiting_bytes: &AtomicUsize,
    ) -> Option<Order> {
        let mut size = size_of(&first);
        let mut records = vec![first];
        let mut next = None;
        while size < LARGEST {
            match orders.try_recv() {
                Ok(Order::Remember(record)) if size + size_of(&record) <= LARGEST => {
                    size += size_of(&record);
                    records.push(record);
                }
                other => {
                    next = other.ok();
                    break;
                }
            }
        }
        if let Some(store) = &mut self.store {
            let written = store.write(&self.boot, &records);
            self.settle(written);
        }
        waiting_bytes.fetch_sub(size, Ordering::Relaxed);
        self.publish();
        next
    }

    /// Sees to what went wrong, if anything did, and tells of it once.
    fn settle(&mut self, result: rusqlite::Result<()>) {
        let failed = match result {
            Ok(()) => None,
            Err(error) if is_damage(&error) => {
                self.begin_anew(&error);
                return;
            }
            Err(error) => Some(error),
        };
        if std::mem::replace(&mut self.is_failing, failed.is_some()) != failed.is_some() {
            self.listener.log(match &failed {
                None => Line::new(Priority::Info, "the history is written again"),
                Some(error) => {
                    Line::new(Priority::Error, "the history cannot be written").field("why", error)
                }
            });
        }
    }

    fn begin_anew(&mut self, why: &rusqlite::Error) {
        self.store = self.store.take().and_then(|store| store.begin_anew().ok());
        let line = Line::new(Priority::Error, "the history is damaged, and begins anew");
        self.listener.log(line.field("why", why));
        if let Some(store) = &self.store {
            for quiet in &self.quiet {
                let _ = store.add_quiet(quiet);
            }
        }
    }

    fn tell_quiet(&mut self) {
        let found = self.store.as_ref().map(Store::quiet);
        if let Some(Ok(found)) = found {
            self.quiet = found.into_iter().map(|(_, quiet)| quiet).collect();
            self.listener.quiet(self.quiet.clone());
        }
    }

    fn publish(&self) {
        let size = self.store.as_ref().and_then(|store| store.size().ok()).unwrap_or_default();
        let trouble = match (&self.no_file, &self.store) {
            (_, None) => Some("nothing is kept; the log says why".to_owned()),
            (Some(why), _) => Some(format!("nothing is kept beyond the end of this process: {why}")),
            (None, Some(_)) if self.is_failing => Some("it cannot be written; the log says why".to_owned()),
            (None, Some(_)) => None,
        };
        self.state.send_modify(|state| {
            let revision = state.revision + 1;
            *state =
                State { revision, visits: size.visits, pictures: size.pictures, bytes: size.bytes, trouble };
        });
    }
}

fn set_aside(file: &Path, why: &str) -> Line {
    let message = "the history could not be read, and begins anew; the earlier one has another name now";
    Line::new(Priority::Error, message).field("why", why).field("file", aside(file).display())
}

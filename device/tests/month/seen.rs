//! What happened: what never happens proves nothing.

use device::record::{Outcome, Record};
use device::report::Report;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    visits: u32,
    dated: u32,
    pictures: u32,
    done: u32,
    failed: u32,
    quiet: u32,
    skipped: u32,
    announced: u32,
    locked_out: u32,
    stuck: u32,
    unwatched: u32,
    reloaded: u32,
    unread: u32,
    unbeaten: u32,
    unrefreshed: u32,
}

impl Seen {
    pub(crate) fn record(&mut self, record: &Record) {
        *match record {
            Record::Visit { .. } => &mut self.visits,
            Record::Dated { .. } => &mut self.dated,
            Record::Picture { .. } => &mut self.pictures,
            Record::Outcome { outcome: Outcome::Done, .. } => &mut self.done,
            Record::Outcome { outcome: Outcome::Failed, .. } => &mut self.failed,
            Record::Outcome { outcome: Outcome::Quiet, .. } => &mut self.quiet,
            Record::Outcome { outcome: Outcome::Skipped, .. } => &mut self.skipped,
        } += 1;
    }

    pub(crate) fn report(&mut self, report: &Report) {
        let counter = match report {
            Report::Accepted { .. } => &mut self.announced,
            Report::LockedOut(_) => &mut self.locked_out,
            Report::Stuck(_) => &mut self.stuck,
            Report::Unwatched(..) => &mut self.unwatched,
            Report::Reloaded(Ok(())) => &mut self.reloaded,
            Report::GrantsRead(Err(_)) => &mut self.unread,
            Report::Beaten(_, Err(_)) => &mut self.unbeaten,
            Report::Refreshed(Err(_)) => &mut self.unrefreshed,
            Report::Watched(_)
            | Report::Pressed(_)
            | Report::Freed(_)
            | Report::NotYetAccepted { .. }
            | Report::GivenUp { .. }
            | Report::NobodyLinked { .. }
            | Report::Told { .. }
            | Report::GrantsRead(Ok(()))
            | Report::Refreshed(Ok(()))
            | Report::GrantOver(_)
            | Report::Beaten(_, Ok(()))
            | Report::UpdateAvailable(_)
            | Report::UpdateUnseen(_)
            | Report::Reloaded(Err(_)) => return,
        };
        *counter += 1;
    }

    /// That there was enough of everything.
    pub(crate) fn check(self) {
        let often = [self.visits, self.pictures, self.announced, self.done];
        assert!(often.iter().all(|times| *times > 300), "{self:?}");
        let now_and_then = [self.failed, self.quiet, self.locked_out, self.unwatched, self.reloaded];
        assert!(now_and_then.iter().all(|times| *times > 20), "{self:?}");
        let sometimes = [self.skipped, self.stuck, self.unread, self.unbeaten, self.unrefreshed];
        assert!(sometimes.iter().all(|times| *times > 3), "{self:?}");
        assert!(self.dated > 0, "{self:?}");
    }
}

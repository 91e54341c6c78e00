//! All buttons that are watched, and what they tell.

use std::collections::{BTreeMap, VecDeque};
use std::task::{Context, Poll};

use alexa::EndpointId;
use http_client::told;

use crate::button::{self, Button, ButtonError, ButtonSettings};
use crate::event::Event;

/// The buttons, by bell.
#[derive(Default)]
pub(crate) struct Buttons {
    watched: BTreeMap<EndpointId, Box<dyn Button>>,
    /// What is to be told before anything else.
    news: VecDeque<Event>,
}

impl Buttons {
    /// Watches the button of a bell. Its events begin with whether that is possible.
    pub(crate) fn watch(&mut self, bell: EndpointId, settings: &ButtonSettings) {
        // A line has one user: the old one goes before the new one comes.
        self.unwatch(&bell);
        let opened = button::open(settings).and_then(|mut button| Ok((button.level()?, button)));
        match opened {
            Ok((level, button)) => {
                self.watched.insert(bell.clone(), button);
                self.news.push_back(Event::Watched(bell, level));
            }
            Err(error) => self.news.push_back(unwatched(bell, &error)),
        }
    }

    /// Watches it no more.
    pub(crate) fn unwatch(&mut self, bell: &EndpointId) {
        self.watched.remove(bell);
    }

    /// The next event of any button.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        if let Some(event) = self.news.pop_front() {
            return Poll::Ready(event);
        }
        for (bell, button) in &mut self.watched {
            let Poll::Ready(edge) = button.poll_edge(context) else { continue };
            let bell = bell.clone();
            return Poll::Ready(match edge {
                Ok(edge) => Event::Edge(bell, edge),
                Err(error) => {
                    self.watched.remove(&bell);
                    unwatched(bell, &error)
                }
            });
        }
        Poll::Pending
    }
}

fn unwatched(bell: EndpointId, error: &ButtonError) -> Event {
    Event::Unwatched(bell, told(error))
}

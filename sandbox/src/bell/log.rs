//! What the daemon writes into its log, as far as it is about presses.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::error::{Doing, Error, Result};
use crate::layout::Layout;
use crate::parts::Kind;

/// How long the daemon may take to say what became of a press: a press is worth 30 s.
const PATIENCE: Duration = Duration::from_secs(35);
/// Nobody is told of the press any more; after `a press is not announced yet` it goes on.
const NOT_ANNOUNCED: [&str; 2] = ["a press is not announced bell=", "a press is not announced: "];
/// Somebody pressed again within the lockout, of which nobody is told.
const LOCKED_OUT: &str = "somebody rang once more at once ";
const PAUSE: Duration = Duration::from_millis(5);

/// The log from some moment on.
pub(super) struct Log {
    file: PathBuf,
    start: usize,
}

/// A line of it: a sentence, then `name=value`.
#[derive(Clone, Debug)]
pub(super) struct Line(String);

impl Log {
    /// What `daemon` writes from now on.
    pub(super) fn from_now_on(layout: &Layout, daemon: &Kind) -> Result<Self> {
        let file = layout.log(daemon.slug);
        let start = read(&file)?.len();
        Ok(Self { file, start })
    }

    /// The line that tells what became of the press of `bell` at `edge`, once it is there.
    pub(super) async fn about(&self, bell: &str, edge: u128) -> Result<Line> {
        let until = Instant::now() + PATIENCE;
        let stamp = edge.to_string();
        loop {
            let text = read(&self.file)?;
            for line in text.get(self.start..).unwrap_or_default().lines() {
                let line = Line(line.to_string());
                let of_press = line.word("edge_ns") == Some(&stamp);
                if of_press && line.0.starts_with("a press was announced ") {
                    return Ok(line);
                }
                let is_lost = of_press && NOT_ANNOUNCED.iter().any(|start| line.0.starts_with(start));
                let is_ignored = line.0.starts_with(LOCKED_OUT) && line.word("bell") == Some(bell);
                if is_lost || is_ignored {
                    return Err(Error::Answer(format!("the daemon says: {}", line.0)));
                }
            }
            if Instant::now() > until {
                let file = self.file.display();
                return Err(Error::Answer(format!(
                    "the daemon says nothing of the press; its log is {file}"
                )));
            }
            sleep(PAUSE).await;
        }
    }
}

impl Line {
    /// The value of `name`, if it is a word.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.0.split(' ').find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
    }

    /// The value of `name`, a number.
    pub(super) fn number(&self, name: &str) -> Result<f64> {
        let number = self.word(name).and_then(|word| word.parse().ok());
        number.ok_or_else(|| Error::Answer(format!("the daemon tells no {name}: {}", self.0)))
    }
}

fn read(file: &std::path::Path) -> Result<String> {
    let bytes = std::fs::read(file).doing(|| format!("read {}", file.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_their_whole_names() {
        let line = Line("a press was announced bell=front-door edge_ns=12 sent_ms=25.500 why=\"a b\"".into());
        assert_eq!((line.word("bell"), line.word("ell")), (Some("front-door"), None));
        assert_eq!(line.number("sent_ms").unwrap(), 25.5);
        assert!(line.number("accepted_ms").unwrap_err().to_string().contains("accepted_ms"));
    }
}

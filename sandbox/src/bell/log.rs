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

/// How what becomes of telling an integration begins, and whether it is good.
const TOLD: [(&str, bool); 3] = [
    ("an integration has done its part ", true),
    ("an integration has failed ", false),
    ("an integration is left out ", false),
];

/// What an integration did about a press.
#[derive(Clone, Debug, PartialEq)]
pub struct Did {
    /// Its name.
    pub who: String,
    /// Whether it did its part.
    pub is_done: bool,
    /// What it did, or why not.
    pub told: String,
    /// How long it took from the edge, in milliseconds.
    pub took_ms: f64,
}

/// The log from some moment on.
#[derive(Clone, Debug)]
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

impl Log {
    /// What these integrations did about the press at `edge`, one that is named twice twice, once all of them are through.
    pub(super) async fn integrations(&self, edge: u128, wanted: &[&str]) -> Result<Vec<Did>> {
        let until = Instant::now() + PATIENCE;
        let stamp = edge.to_string();
        loop {
            let text = read(&self.file)?;
            let lines = text.get(self.start..).unwrap_or_default().lines().map(|line| Line(line.to_string()));
            let of_press = lines.filter(|line| line.word("edge_ns") == Some(&stamp));
            let did: Vec<Did> = of_press.filter_map(|line| line.did()).collect();
            let count = |name: &&str| did.iter().filter(|did| did.who == **name).count();
            let times = |name: &&str| wanted.iter().filter(|wanted| *wanted == name).count();
            if wanted.iter().all(|name| count(name) >= times(name)) {
                return Ok(did);
            }
            if Instant::now() > until {
                let file = self.file.display();
                let missing: Vec<&str> =
                    wanted.iter().filter(|name| count(name) < times(name)).copied().collect();
                let missing = missing.join(", ");
                return Err(Error::Answer(format!(
                    "the daemon does not say what {missing} did; its log is {file}"
                )));
            }
            sleep(PAUSE).await;
        }
    }
}

impl Line {
    /// What an integration did, if it tells that.
    fn did(&self) -> Option<Did> {
        let is_done =
            TOLD.into_iter().find_map(|(start, is_done)| self.0.starts_with(start).then_some(is_done))?;
        let told = self.text(if is_done { "did" } else { "why" })?;
        Some(Did {
            who: self.word("integration")?.to_owned(),
            is_done,
            told,
            took_ms: self.number("took_ms").ok()?,
        })
    }

    /// The value of `name`, which stands in quotes if it is no word.
    fn text(&self, name: &str) -> Option<String> {
        let (_, rest) = self.0.split_once(&format!(" {name}="))?;
        let Some(quoted) = rest.strip_prefix('"') else { return rest.split(' ').next().map(str::to_owned) };
        let (mut text, mut letters) = (String::new(), quoted.chars());
        loop {
            match letters.next()? {
                '"' => return Some(text),
                '\\' => text.push(letters.next()?),
                letter => text.push(letter),
            }
        }
    }

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

    #[test]
    fn what_an_integration_did_is_read_with_its_quotes() {
        let line = |text: &str| Line(text.to_owned()).did();
        let did = |who: &str, is_done, told: &str| {
            Some(Did { who: who.into(), is_done, told: told.into(), took_ms: 41.5 })
        };
        let cases = [
            (
                "an integration has done its part bell=a edge_ns=12 integration=mqtt did=\"it has it\" tries=1 took_ms=41.5",
                did("mqtt", true, "it has it"),
            ),
            (
                "an integration has failed bell=a edge_ns=12 integration=hue why=\"no \\\"lamp\\\"\" tries=2 took_ms=41.5",
                did("hue", false, "no \"lamp\""),
            ),
            ("somebody rang bell=a edge_ns=12", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(line(text), wanted, "{text}");
        }
    }
}

//! The way through all questions with a person at the terminal. Each answer is stored as soon as it is given and has the
//! right form, so that whoever is interrupted goes on from there; and tried as soon as all is known that it takes.

use std::collections::BTreeSet;

use super::change::Change;
use super::check::{Check, Checks, Step, Trouble, Vendor};
use super::config::{Config, known};
use super::console::Console;
use super::known::{Known, Text};
use super::question::{Question, VENDOR};
use super::{trial, words};
use crate::error::{Error, Result};

/// A set-up under way.
struct Walk<'a, P, C, S> {
    console: &'a mut P,
    config: &'a mut C,
    checks: &'a S,
    known: Known,
    passed: BTreeSet<Check>,
    /// What was told before a question is not told again when it is asked again.
    told: BTreeSet<Question>,
    vendors: Vec<Vendor>,
}

/// Asks for all that the stack lacks, tries all that it has, and gives what is then known.
///
/// # Errors
/// When something is not as it should be that no other answer puts right, or Pulumi refuses.
pub async fn walk(
    console: &mut impl Console,
    config: &mut impl Config,
    checks: &impl Checks,
) -> Result<Known> {
    let known = known(config).await?;
    let (passed, told, vendors) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut walk = Walk { console, config, checks, known, passed, told, vendors };
    while let Some(step) = Step::next(&walk.known, &walk.passed) {
        match step {
            Step::Ask(Question::Consent) => walk.consent().await?,
            Step::Ask(question) => walk.ask(question).await?,
            Step::Try(check) => walk.try_out(check).await?,
        }
    }
    Ok(walk.known)
}

impl<P: Console, C: Config, S: Checks> Walk<'_, P, C, S> {
    async fn ask(&mut self, question: Question) -> Result<()> {
        let before = words::before(question, &self.vendors);
        if self.told.insert(question) && !before.is_empty() {
            self.console.say(&before)?;
        }
        let prompt = words::prompt(question);
        loop {
            let answer = match question.is_secret() {
                true => Text::Secret(self.console.ask_secret(prompt).await?),
                false => Text::Plain(self.console.ask(prompt).await?),
            };
            match self.read(question, answer.expose()) {
                Ok(change) => return self.keep(change).await,
                Err(expected) => self.console.say(&format!("  That is not it: expected {expected}."))?,
            }
        }
    }

    fn read(&self, question: Question, answer: &str) -> Result<Change, String> {
        let change = question.read(answer, &self.known)?;
        let is_there = |vendor: &Vendor| vendor.id.as_str() == answer;
        if question == Question::Vendor && !self.vendors.iter().any(is_there) {
            return Err(format!("one of {}", trial::list(&self.vendors)));
        }
        Ok(change)
    }

    async fn keep(&mut self, change: Change) -> Result<()> {
        self.config.change(&change).await?;
        self.known.apply(&change);
        let vendor = change.sets.iter().find(|(path, _)| path == VENDOR);
        vendor.map_or(Ok(()), |(_, id)| self.console.say(&words::return_urls_of(id.expose())))
    }

    /// What a browser is asked, and not the person at the terminal.
    async fn consent(&mut self) -> Result<()> {
        let profile = trial::profile(&self.known);
        match self.checks.consent(&profile, self.console).await {
            Ok(token) => {
                let change = Question::Consent.read(Text::Secret(token).expose(), &self.known);
                self.keep(
                    change.map_err(|expected| Error::Answer(format!("Amazon gave no token: {expected}")))?,
                )
                .await
            }
            Err(trouble) => self.put_right(trouble),
        }
    }

    async fn try_out(&mut self, check: Check) -> Result<()> {
        match trial::try_out(self.checks, check, &self.known).await {
            Ok(found) => {
                self.console.say(&format!("  {}.", found.said))?;
                self.passed.insert(check);
                self.vendors = found.vendors;
                match self.vendors.as_slice() {
                    [only] if !Question::Vendor.is_answered(&self.known) => {
                        let change =
                            Question::Vendor.read(only.id.as_str(), &self.known).map_err(Error::Answer)?;
                        self.keep(change).await
                    }
                    _ => Ok(()),
                }
            }
            // It need not be seen from here: the function goes another way.
            Err(trouble) if check == Check::HomeAssistant => {
                self.passed.insert(check);
                self.console.say(&format!(
                    "  Warning: {}. The address is kept, since the function reaches it through the tailnet.",
                    trouble.why
                ))
            }
            Err(trouble) => self.put_right(trouble),
        }
    }

    /// Has the answers forgotten that are to blame, so that they are asked for again.
    fn put_right(&mut self, Trouble { why, wrong }: Trouble) -> Result<()> {
        if wrong.is_empty() {
            return Err(Error::Answer(format!(
                "{why}\nWhat you have answered is kept: the same command goes on from here"
            )));
        }
        for question in &wrong {
            self.known.forget(&question.path());
        }
        self.passed.retain(|check| !check.is_about(&wrong));
        self.console.say(&format!("  That did not work: {why}."))
    }
}

//! A set-up from a file: everything is read, tried, and told if it is wrong, before anything is stored.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use super::change::Change;
use super::check::{Check, Checks, Trouble, Vendor};
use super::config::{Config, known};
use super::file::{Answers, Mistake};
use super::known::Known;
use super::question::Question;
use super::trial::{list, try_out};
use crate::error::{Error, Result};

const CHECKS: [Check; 4] = [Check::Aws, Check::Amazon, Check::Tailnet, Check::HomeAssistant];

/// What the stack would be with the answers of a file.
struct Draft {
    known: Known,
    change: Change,
    wrong: Vec<Mistake>,
    /// For people.
    told: Vec<String>,
}

/// Stores what `answers` say, and gives what is then known, and what is to be told.
///
/// # Errors
/// All that is wrong or lacking.
pub async fn set_up(
    answers: Answers,
    config: &mut impl Config,
    checks: &impl Checks,
) -> Result<(Known, Vec<String>)> {
    let Answers { given, wrong } = answers;
    let mut draft = Draft { known: known(config).await?, change: Change::default(), wrong, told: Vec::new() };
    for (question, text) in &given {
        draft.answer(*question, text.expose_secret());
    }
    draft.note_idle(&given);
    for check in CHECKS {
        if check.is_possible(&draft.known) {
            draft.try_out(check, checks).await;
        }
    }
    draft.note_lacking();
    let Draft { known, change, wrong, told } = draft;
    if !wrong.is_empty() {
        let lines: String = wrong.iter().map(|line| format!("\n  {line}")).collect();
        return Err(Error::Answer(format!("nothing was stored, since this is wrong:{lines}")));
    }
    if !change.is_empty() {
        config.change(&change).await?;
    }
    Ok((known, told))
}

impl Draft {
    fn answer(&mut self, question: Question, text: &str) {
        match question.read(text, &self.known) {
            Ok(mut change) => {
                change.sets.retain(|(path, text)| self.known.get(path) != Some(text.expose()));
                self.known.apply(&change);
                self.change = std::mem::take(&mut self.change).and(change);
            }
            Err(expected) => self.wrong.push(Mistake::of(question, &expected)),
        }
    }

    async fn try_out(&mut self, check: Check, checks: &impl Checks) {
        match try_out(checks, check, &self.known).await {
            Ok(found) => {
                self.told.push(format!("{}.", found.said));
                self.choose(&found.vendors);
            }
            // It need not be seen from here: the function goes another way.
            Err(Trouble { why, .. }) if check == Check::HomeAssistant => {
                self.told.push(format!("Warning: {why}."));
            }
            Err(Trouble { why, wrong }) => self.wrong.push(Mistake { about: wrong, why }),
        }
    }

    /// An only vendor is found, and has not to be named.
    fn choose(&mut self, vendors: &[Vendor]) {
        match vendors {
            _ if Question::Vendor.is_answered(&self.known) => {}
            [] => {}
            [only] => self.answer(Question::Vendor, only.id.as_str()),
            several => {
                self.wrong.push(Mistake::of(Question::Vendor, &format!("one of {}", list(several))));
            }
        }
    }

    /// A package is for the machine that bells are at.
    fn note_idle(&mut self, given: &BTreeMap<Question, SecretString>) {
        let is_told = self.wrong.iter().any(|mistake| mistake.about.contains(&Question::Bells));
        if given.contains_key(&Question::Device) && !Question::Device.applies(&self.known) && !is_told {
            self.wrong.push(Mistake::of(Question::Device, "nothing without bells, whose machine it is"));
        }
    }

    fn note_lacking(&mut self) {
        // Without bells there is no doorbell, a machine there may get its program otherwise, and what is wrong with
        // vendors is told already.
        let is_needed =
            |question: &Question| !matches!(question, Question::Bells | Question::Device | Question::Vendor);
        let is_told = |question: &Question| self.wrong.iter().any(|mistake| mistake.about.contains(question));
        let is_lacking = |question: &Question| {
            question.applies(&self.known) && !question.is_answered(&self.known) && !is_told(question)
        };
        let lacking: Vec<_> = Question::ALL.into_iter().filter(is_needed).filter(is_lacking).collect();
        let is_absent = |question| Mistake { about: vec![question], why: "is not there".to_owned() };
        self.wrong.extend(lacking.into_iter().map(is_absent));
    }
}

//! What Amazon is known to refuse, so that it can be said before anything is asked.

use super::{Listing, Manifest};

/// The locales of smart home skills (developer.amazon.com, "Develop smart home skills in multiple languages").
const LOCALES: [&str; 18] = [
    "ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "es-US", "fr-CA",
    "fr-FR", "hi-IN", "it-IT", "ja-JP", "nl-NL", "pt-BR", "pt-PT",
];

impl Manifest {
    /// Everything that Amazon would refuse: where it stands, what was found, what is expected. Empty for a good one.
    #[must_use]
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.locales.is_empty() {
            wrong.push("there is no locale, expected at least one, like en-US".to_owned());
        }
        for (locale, listing) in &self.locales {
            if !LOCALES.contains(&locale.as_str()) {
                wrong.push(format!(
                    "{locale}: no locale of smart home skills, expected one of {}",
                    LOCALES.join(" ")
                ));
            }
            wrong.extend(listing.wrong().into_iter().map(|text| format!("{locale}: {text}")));
        }
        wrong
    }
}

impl Listing {
    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (what, text, least, most) in [
            ("name", &self.name, 2, 50),
            ("summary", &self.summary, 1, 160),
            ("description", &self.description, 1, 4_000),
        ] {
            let count = text.chars().count();
            if !(least..=most).contains(&count) {
                wrong.push(format!("the {what} has {count} characters, expected {least} to {most}"));
            }
        }
        for (what, texts, most) in
            [("example phrases", &self.example_phrases, 3), ("keywords", &self.keywords, 30)]
        {
            if texts.len() > most {
                wrong.push(format!("there are {} {what}, expected at most {most}", texts.len()));
            }
            if texts.iter().any(|text| text.trim().is_empty()) {
                wrong.push(format!("one of the {what} is empty"));
            }
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        Listing {
            name: "Front door".into(),
            summary: "Doorbell".into(),
            description: "Tells who rings".into(),
            example_phrases: vec!["Alexa, discover devices".into()],
            keywords: vec!["doorbell".into()],
            privacy_policy_url: None,
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let manifest = |locale: &str, listing| Manifest {
            locales: [(locale.to_owned(), listing)].into(),
            permissions: [].into(),
        };
        assert_eq!(manifest("en-US", listing()).wrong(), [""; 0]);
        assert_eq!(Manifest::default().wrong(), ["there is no locale, expected at least one, like en-US"]);
        let bad = Listing {
            name: "é".into(),
            summary: "x".repeat(161),
            description: String::new(),
            example_phrases: vec!["a".into(); 4],
            keywords: vec![" ".into()],
            privacy_policy_url: None,
        };
        let wrong = manifest("en-XX", bad).wrong();
        assert_eq!(
            &wrong[1..],
            [
                "en-XX: the name has 1 characters, expected 2 to 50",
                "en-XX: the summary has 161 characters, expected 1 to 160",
                "en-XX: the description has 0 characters, expected 1 to 4000",
                "en-XX: there are 4 example phrases, expected at most 3",
                "en-XX: one of the keywords is empty",
            ]
        );
        assert!(wrong[0].starts_with("en-XX: no locale of smart home skills, expected one of ar-SA de-DE"));
    }
}

//! As much of XML as AWS's older services answer with.

/// Kind and words of an answer that is no success.
pub(crate) fn refusal(answer: &[u8]) -> (String, String) {
    let answer = String::from_utf8_lossy(answer);
    let part = |name| element(&answer, name).unwrap_or_default().to_owned();
    (part("Code"), part("Message"))
}

/// The text of the only element `name`: what is read here has neither attributes nor anything escaped.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// The insides of all elements `name`, none of which is in another.
pub(crate) fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&begin)?;
        let (text, after) = after.split_once(&end)?;
        rest = after;
        Some(text)
    })
}

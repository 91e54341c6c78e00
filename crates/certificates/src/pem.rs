//! PEM (RFC 7468), without the text around it that the RFC allows: a mistake in there would go unnoticed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What was expected in place of a wrong value, for whoever has to put it right.
pub type Expected = &'static str;

/// Most bytes of PEM in one setting: as many as a standard parameter of SSM holds.
pub const CERTIFICATES_LIMIT: usize = 4096;

/// What stands between one BEGIN and its END.
pub struct Section<'a> {
    /// The words after BEGIN, like `CERTIFICATE`.
    pub label: &'a str,
    /// What the base64 holds; one whole DER value.
    pub der: Vec<u8>,
}

/// The certificates in `text`, at least one, as DER.
///
/// # Errors
/// What was expected.
pub fn certificates(text: &str) -> Result<Vec<Vec<u8>>, Expected> {
    if text.len() > CERTIFICATES_LIMIT {
        return Err("at most 4096 bytes of PEM, which is what a parameter of SSM holds; leave out the \
                    certificates that Home Assistant's does not need");
    }
    let certificate = |section: Section<'_>| match section.label {
        "CERTIFICATE" => Ok(section.der),
        label if label.ends_with("PRIVATE KEY") => {
            Err("certificates only; a private key must not be in here")
        }
        _ => Err("certificates only, each between BEGIN CERTIFICATE and END CERTIFICATE"),
    };
    sections(text)?.into_iter().map(certificate).collect()
}

/// The sections of `text`, at least one, with nothing but empty lines between them.
///
/// # Errors
/// What was expected.
pub fn sections(text: &str) -> Result<Vec<Section<'_>>, Expected> {
    let mut sections = Vec::new();
    let mut lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    while let Some(line) = lines.next() {
        let label = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"));
        let label = label.ok_or("PEM, and nothing before -----BEGIN or after END")?;
        let mut base64 = String::new();
        let end = loop {
            match lines.next() {
                Some(line) if line.starts_with("-----") => break line,
                Some(line) => base64.push_str(line),
                None => return Err("PEM that ends with -----END; the end is missing"),
            }
        };
        if end.strip_prefix("-----END ").and_then(|rest| rest.strip_suffix("-----")) != Some(label) {
            return Err("PEM whose BEGIN and END have the same words");
        }
        let der = STANDARD.decode(base64).ok().filter(|der| is_whole(der));
        sections.push(Section { label, der: der.ok_or("PEM whose base64 is right; it was cut or changed")? });
    }
    if sections.is_empty() {
        return Err("PEM, which begins with -----BEGIN");
    }
    Ok(sections)
}

/// Whether this is one DER sequence, neither cut nor with something after it.
fn is_whole(der: &[u8]) -> bool {
    let (length, rest) = match der {
        [0x30, length @ ..=0x7f, rest @ ..] => (usize::from(*length), rest),
        [0x30, 0x81, length, rest @ ..] => (usize::from(*length), rest),
        [0x30, 0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return false,
    };
    rest.len() == length
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence that holds one octet string of `length` bytes, at most 125.
    fn pem(label: &str, length: u8) -> String {
        let mut der = vec![0x30, length + 2, 4, length];
        der.extend(vec![7; length.into()]);
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    }

    #[test]
    fn certificates_are_read_with_either_end_of_line_and_empty_lines_between_them() {
        let one = pem("CERTIFICATE", 60);
        for (text, count) in [
            (one.clone(), 1),
            (one.trim_end().to_owned(), 1),
            (format!("\n{one}\n\n{one}"), 2),
            (one.replace('\n', "\r\n"), 1),
        ] {
            assert_eq!(certificates(&text).expect("certificates").len(), count, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_pem_is_told() {
        let one = pem("CERTIFICATE", 60);
        for (text, wanted) in [
            (String::new(), "begins with -----BEGIN"),
            ("ca.pem".into(), "nothing before -----BEGIN"),
            (format!("subject=CN = ca\n{one}"), "nothing before -----BEGIN"),
            (format!("{one}more"), "or after END"),
            (one.replace("-----END CERTIFICATE-----\n", ""), "the end is missing"),
            (one.replace("END CERTIFICATE", "END X"), "the same words"),
            (one.replace("BwcH", "Bwc"), "cut or changed"),
            (one.replacen("BwcHBwcH", "", 1), "cut or changed"),
            (one.replacen("Bwc", "B w", 1), "cut or changed"),
            (pem("CERTIFICATE REQUEST", 60), "BEGIN CERTIFICATE and"),
            (one.clone() + &pem("EC PRIVATE KEY", 60), "a private key must not be"),
            (one.repeat(40), "at most 4096 bytes"),
        ] {
            let expected = certificates(&text).expect_err("wrong PEM");
            assert!(expected.contains(wanted), "{expected} for {text}");
        }
    }
}

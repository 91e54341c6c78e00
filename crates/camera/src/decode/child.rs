//! The child: what it is asked comes in, pictures go out.

use std::io::{self, BufWriter, Read, Write};

use openh264::decoder::Decoder;
use openh264::formats::YUVSource;

use super::colour::{Coding, Colour};
use super::frames::{Asked, END, FormatError, write_answer};
use super::planes::{Plane, Planes};
use super::{Made, jpeg, limits};

/// Carries out one order from `stdin`, and says the pictures to `stdout`; then this process is to end.
///
/// From now on this process may use at most 256 MB of address space and 20 seconds, and open no file.
///
/// # Errors
/// See [`ChildError`]: to be told on stderr, with an exit code that says so.
pub fn child(stdin: impl Read, stdout: impl Write) -> Result<(), ChildError> {
    limits::lower().map_err(ChildError::Limits)?;
    carry_out(stdin, BufWriter::new(stdout))
}

fn carry_out(stdin: impl Read, mut stdout: impl Write) -> Result<(), ChildError> {
    let mut asked = Asked::read(stdin)?;
    let mut decoder = Decoder::new().map_err(ChildError::NoDecoder)?;
    let mut coding = Coding::default();
    while let Some((unit, is_wanted)) = asked.next()? {
        coding.look(&unit);
        let decoded = decoder.decode(&unit);
        if is_wanted {
            let made = match &decoded {
                Ok(Some(frame)) => make(frame, &coding, asked.widest, asked.quality),
                Ok(None) => Err("it needs frames that are not there".into()),
                Err(error) => Err(error.to_string()),
            };
            write_answer(&mut stdout, &made).map_err(ChildError::Stdout)?;
        }
    }
    stdout.write_all(&END).and_then(|()| stdout.flush()).map_err(ChildError::Stdout)
}

fn make(frame: &impl YUVSource, coding: &Coding, widest: u16, quality: u8) -> Result<Made, String> {
    let ((width, height), strides) = (frame.dimensions(), frame.strides());
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let luma = Plane::new(frame.y(), strides.0, width, height);
    let blue = Plane::new(frame.u(), strides.1, half_width, half_height);
    let red = Plane::new(frame.v(), strides.2, half_width, half_height);
    let (Some(luma), Some(blue), Some(red)) = (luma, blue, red) else {
        return Err("the decoder gave less than a frame".into());
    };
    let planes = Planes { luma, blue, red }.at_most(widest.max(16).into());
    jpeg::encode(&planes, &Colour::of(coding, height), quality)
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The limits were not accepted.
    #[error("the limits cannot be set: {0}")]
    Limits(#[source] io::Error),
    /// There is no decoder.
    #[error("there is no decoder: {0}")]
    NoDecoder(#[source] openh264::Error),
    /// What came in is no order.
    #[error("the order is not to be understood: {0}")]
    Order(#[from] FormatError),
    /// Nobody reads the answer.
    #[error("the answer cannot be written: {0}")]
    Stdout(#[source] io::Error),
}

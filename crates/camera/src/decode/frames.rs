//! What is said between this process and the child.
//!
//! ```text
//! to the child    "porch picture 1\n"  widest:u16 quality:u8   { 0|1 length:u32 access unit }…   2
//! from the child  { 0 width:u16 height:u16 length:u32 JPEG | 1 length:u32 why there is none }…   2
//! ```
//!
//! Numbers have their highest byte first. A unit marked 1 is wanted, and answered by one picture or reason.

use std::io::{self, Read, Write};

use super::{Made, Order, Step};
use crate::unit::LARGEST;

const MAGIC: [u8; 16] = *b"porch picture 1\n";
const UNIT: u8 = 0;
const WANTED: u8 = 1;
const PICTURE: u8 = 0;
const REASON: u8 = 1;
/// The end of what is said, in both directions.
pub(super) const END: [u8; 1] = [2];

/// The most units of an order: eleven seconds at 60 frames a second, for each of the most pictures.
const MOST_UNITS: usize = 16_384;
/// The most bytes of a JPEG.
const LARGEST_JPEG: usize = 4 << 20;
/// The most bytes of an answer.
const LONGEST_ANSWER: usize = 16 << 20;
/// The most bytes of a reason.
const LONGEST_REASON: usize = 200;

/// What comes before the units.
pub(super) fn head(order: &Order) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend(order.widest.to_be_bytes());
    head.push(order.quality);
    head
}

/// What comes before a unit.
pub(super) fn step_head(step: &Step) -> [u8; 5] {
    // One that is longer is refused by the child, whatever its length is said to be.
    let [a, b, c, d] = u32::try_from(step.unit.len()).unwrap_or(u32::MAX).to_be_bytes();
    [if step.is_wanted { WANTED } else { UNIT }, a, b, c, d]
}

/// What a child is asked, read bit by bit.
#[derive(Debug)]
pub(super) struct Asked<R> {
    stream: R,
    units: usize,
    pub(super) widest: u16,
    pub(super) quality: u8,
}

impl<R: Read> Asked<R> {
    /// Reads what comes before the units.
    pub(super) fn read(mut stream: R) -> Result<Self, FormatError> {
        if bytes::<16>(&mut stream)? != MAGIC {
            return Err(FormatError::Magic);
        }
        let widest = u16::from_be_bytes(bytes(&mut stream)?);
        let [quality] = bytes(&mut stream)?;
        Ok(Self { stream, units: 0, widest, quality })
    }

    /// The next unit, and whether it is wanted; nothing when all were read.
    pub(super) fn next(&mut self) -> Result<Option<(Vec<u8>, bool)>, FormatError> {
        let is_wanted = match bytes(&mut self.stream)? {
            [UNIT] => false,
            [WANTED] => true,
            tag if tag == END => return Ok(None),
            [tag] => return Err(FormatError::Tag(tag)),
        };
        self.units += 1;
        if self.units > MOST_UNITS {
            return Err(FormatError::TooMany);
        }
        Ok(Some((block(&mut self.stream, LARGEST)?, is_wanted)))
    }
}

/// Says one picture, or why there is none.
pub(super) fn write_answer(stream: &mut impl Write, made: &Result<Made, String>) -> io::Result<()> {
    match made {
        Ok(made) if made.jpeg.len() > LARGEST_JPEG => {
            write_answer(stream, &Err(format!("a picture of {} bytes is too large", made.jpeg.len())))
        }
        Ok(made) => {
            stream.write_all(&[PICTURE])?;
            stream.write_all(&made.width.to_be_bytes())?;
            stream.write_all(&made.height.to_be_bytes())?;
            write_block(stream, &made.jpeg)
        }
        Err(reason) => {
            stream.write_all(&[REASON])?;
            let text = reason.as_bytes();
            write_block(stream, text.get(..LONGEST_REASON).unwrap_or(text))
        }
    }
}

fn write_block(stream: &mut impl Write, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(content)
}

/// How long the answer about so many pictures can be.
pub(super) fn longest_answer(pictures: usize) -> u64 {
    let longest = pictures.saturating_mul(LARGEST_JPEG + 9).saturating_add(1);
    u64::try_from(longest.min(LONGEST_ANSWER)).unwrap_or(u64::MAX)
}

/// Reads the answer about so many pictures.
pub(super) fn read_answer(
    mut answer: &[u8],
    pictures: usize,
) -> Result<Vec<Result<Made, String>>, FormatError> {
    let mut all = Vec::new();
    loop {
        let one = match bytes(&mut answer)? {
            [PICTURE] => {
                let width = u16::from_be_bytes(bytes(&mut answer)?);
                let height = u16::from_be_bytes(bytes(&mut answer)?);
                Ok(Made { width, height, jpeg: block(&mut answer, LARGEST_JPEG)? })
            }
            [REASON] => {
                let text = block(&mut answer, LONGEST_REASON)?;
                Err(String::from_utf8_lossy(&text).chars().filter(|letter| !letter.is_control()).collect())
            }
            tag if tag == END && all.len() == pictures && answer.is_empty() => return Ok(all),
            tag if tag == END => return Err(FormatError::Count { wanted: pictures, found: all.len() }),
            [tag] => return Err(FormatError::Tag(tag)),
        };
        if all.len() == pictures {
            return Err(FormatError::TooMany);
        }
        all.push(one);
    }
}

fn bytes<const N: usize>(stream: &mut impl Read) -> Result<[u8; N], FormatError> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).map_err(FormatError::CutOff)?;
    Ok(bytes)
}

/// Reads a length and so many bytes; memory is taken only for those that are there.
fn block(stream: &mut impl Read, limit: usize) -> Result<Vec<u8>, FormatError> {
    let length = u32::from_be_bytes(bytes(stream)?);
    if usize::try_from(length).is_ok_and(|length| length > limit) {
        return Err(FormatError::Oversized { length, limit });
    }
    let mut block = Vec::new();
    let read = stream.take(length.into()).read_to_end(&mut block).map_err(FormatError::CutOff)?;
    if u32::try_from(read) == Ok(length) {
        Ok(block)
    } else {
        Err(FormatError::CutOff(io::ErrorKind::UnexpectedEof.into()))
    }
}

/// Why bytes are not what was to be said.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// They begin otherwise.
    #[error("expected an order of pictures")]
    Magic,
    /// They end too early.
    #[error("it ends too early")]
    CutOff(#[source] io::Error),
    /// There is something unknown in them.
    #[error("nothing begins with the byte {0}")]
    Tag(u8),
    /// Something in them is too long.
    #[error("a length of {length} bytes, where {limit} are the most")]
    Oversized {
        /// How long it is said to be.
        length: u32,
        /// How long it may be.
        limit: usize,
    },
    /// There is more in them than was asked for.
    #[error("there is more than was asked for")]
    TooMany,
    /// There is less in them than was asked for, or something after their end.
    #[error("{found} answers and an end, where {wanted} were asked for")]
    Count {
        /// How many answers there should be.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Units, and whether each is wanted.
    type Units = Vec<(Vec<u8>, bool)>;

    fn order(units: &[(Vec<u8>, bool)], widest: u16, quality: u8) -> Vec<u8> {
        let step =
            |(unit, is_wanted): &(Vec<u8>, bool)| Step { unit: unit.clone().into(), is_wanted: *is_wanted };
        let order = Order { steps: units.iter().map(step).collect(), widest, quality };
        let mut said = head(&order);
        for step in &order.steps {
            said.extend(step_head(step));
            said.extend_from_slice(&step.unit);
        }
        said.extend(END);
        said
    }

    fn heard(said: &[u8]) -> Result<(Units, u16, u8), FormatError> {
        let mut asked = Asked::read(said)?;
        let mut units = Vec::new();
        while let Some(unit) = asked.next()? {
            units.push(unit);
        }
        Ok((units, asked.widest, asked.quality))
    }

    fn made() -> impl Strategy<Value = Result<Made, String>> {
        let bytes = prop::collection::vec(any::<u8>(), 0..50);
        let picture = (any::<u16>(), any::<u16>(), bytes).prop_map(|(width, height, jpeg)| Made {
            width,
            height,
            jpeg,
        });
        prop_oneof![picture.prop_map(Ok), "[a-z ]{0,40}".prop_map(Err)]
    }

    fn said(answers: &[Result<Made, String>]) -> Vec<u8> {
        let mut said = Vec::new();
        for made in answers {
            write_answer(&mut said, made).unwrap();
        }
        said.extend(END);
        said
    }

    #[test]
    fn what_is_too_long_is_refused_before_it_is_read() {
        let mut said = order(&[], 1280, 80);
        said.pop();
        said.extend([UNIT, 0xff, 0xff, 0xff, 0xff]);
        assert!(matches!(heard(&said), Err(FormatError::Oversized { length: u32::MAX, limit: LARGEST })));
        let answer = [PICTURE, 0, 1, 0, 1, 0x7f, 0xff, 0xff, 0xff];
        assert!(matches!(read_answer(&answer, 1), Err(FormatError::Oversized { .. })));
    }

    proptest! {
        #[test]
        fn an_order_is_heard_as_it_was_said(units in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..50), any::<bool>()), 0..9), widest: u16, quality: u8) {
            let said = order(&units, widest, quality);
            prop_assert_eq!(heard(&said).unwrap(), (units, widest, quality));
            for cut in 0..said.len() {
                prop_assert!(heard(&said[..cut]).is_err(), "cut off at {}", cut);
            }
        }

        #[test]
        fn an_answer_is_heard_as_it_was_said(answers in prop::collection::vec(made(), 0..5)) {
            let said = said(&answers);
            prop_assert_eq!(&read_answer(&said, answers.len()).unwrap(), &answers);
            prop_assert!(read_answer(&said, answers.len() + 1).is_err());
            for cut in 0..said.len() {
                prop_assert!(read_answer(&said[..cut], answers.len()).is_err(), "cut off at {}", cut);
            }
        }

        #[test]
        fn any_bytes_are_understood_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), pictures in 0..4_usize) {
            let _ = read_answer(&bytes, pictures);
            let _ = heard(&bytes);
            let _ = heard(&[&MAGIC[..], &bytes].concat());
        }
    }
}

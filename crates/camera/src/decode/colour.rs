//! What the samples of a stream mean, and what they become in a JPEG.
//!
//! A stream says in its parameter set how its luma and chroma were made of red, green and blue, and whether black is 16 or
//! 0 (ITU-T H.264, E.2.1). A JPEG has always the same: those of BT.601, with black at 0 (ITU-T T.871).

use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::rbsp::{BitReader, decode_nal};

/// What a stream says about its samples, as far as it has said it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Coding {
    is_full_range: bool,
    matrix: Option<u8>,
}

/// `matrix_coefficients` of BT.709, which is for large pictures.
const BT_709: u8 = 1;
/// The bits of a unit's first byte that tell what it is, and what tells a sequence parameter set.
const KIND: u8 = 0x1f;
const PARAMETER_SET: u8 = 7;

impl Coding {
    /// Takes what the parameter set in `unit` says, if there is one.
    pub(super) fn look(&mut self, unit: &[u8]) {
        let sets = nal_units(unit).filter(|nal| nal.first().is_some_and(|kind| kind & KIND == PARAMETER_SET));
        if let Some(set) = sets.filter_map(read).last() {
            *self = set;
        }
    }
}

fn read(nal: &[u8]) -> Option<Coding> {
    let set = decode_nal(nal).ok()?;
    let set = SeqParameterSet::from_bits(BitReader::new(&*set)).ok()?;
    let signal = set.vui_parameters.and_then(|vui| vui.video_signal_type);
    Some(Coding {
        is_full_range: signal.as_ref().is_some_and(|signal| signal.video_full_range_flag),
        matrix: signal.and_then(|signal| signal.colour_description).map(|colour| colour.matrix_coefficients),
    })
}

/// What is between the start codes of a byte stream.
fn nal_units(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let begin = start_code(rest)? + 3;
        rest = rest.get(begin..)?;
        rest.get(..start_code(rest).unwrap_or(rest.len()))
    })
}

fn start_code(stream: &[u8]) -> Option<usize> {
    stream.windows(3).position(|bytes| bytes == [0, 0, 1])
}

/// How samples become those of a JPEG, in parts of 65,536:
/// luma is `gain * luma + by_blue * blue + by_red * red`, and either chroma is a mixture of both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colour {
    black: i32,
    gain: i32,
    luma: [i32; 2],
    blue: [i32; 2],
    red: [i32; 2],
}

impl Colour {
    /// For a frame so high that is coded so. What does not say by which matrix is taken to be BT.709 if it is large, as
    /// players do.
    pub(super) fn of(coding: &Coding, height: usize) -> Self {
        let is_709 =
            coding.matrix.map_or(height >= 720, |matrix| matrix == BT_709 || (matrix == 2 && height >= 720));
        let (of_red, of_blue) = if is_709 { (0.2126, 0.0722) } else { (0.299, 0.114) };
        let (black, of_luma, of_chroma) =
            if coding.is_full_range { (0, 1.0, 1.0) } else { (16, 255.0 / 219.0, 255.0 / 224.0) };
        // How much luma and chroma of a JPEG there are in a unit of the stream's chroma: by red, green and blue.
        let jpeg = |blue: f64, red: f64| {
            let (r, b) = (2.0 * (1.0 - of_red) * red, 2.0 * (1.0 - of_blue) * blue);
            let g = -(of_red * r + of_blue * b) / (1.0 - of_red - of_blue);
            let luma = 0.299 * r + 0.587 * g + 0.114 * b;
            [luma, (b - luma) / 1.772, (r - luma) / 1.402].map(|part| parts(part * of_chroma))
        };
        let ([luma_blue, blue_blue, red_blue], [luma_red, blue_red, red_red]) =
            (jpeg(1.0, 0.0), jpeg(0.0, 1.0));
        Self {
            black,
            gain: parts(of_luma),
            luma: [luma_blue, luma_red],
            blue: [blue_blue, blue_red],
            red: [red_blue, red_red],
        }
    }

    /// The samples of a JPEG for luma and the two of chroma.
    pub(super) fn convert(&self, luma: u8, blue: u8, red: u8) -> [u8; 3] {
        let (luma, blue, red) = (i32::from(luma) - self.black, i32::from(blue) - 128, i32::from(red) - 128);
        let mix = |[by_blue, by_red]: [i32; 2]| by_blue * blue + by_red * red;
        [
            sample(self.gain * luma + mix(self.luma)),
            sample(mix(self.blue) + (128 << 16)),
            sample(mix(self.red) + (128 << 16)),
        ]
    }
}

fn parts(number: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "all of them are between -2 and 2")]
    let parts = (number * 65_536.0).round() as i32;
    parts
}

fn sample(parts: i32) -> u8 {
    let whole = (parts + (1 << 15)) >> 16;
    u8::try_from(whole.clamp(0, 255)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(coding: Coding, height: usize, from: [u8; 3], expected: [u8; 3]) {
        let [luma, blue, red] = from;
        let found = Colour::of(&coding, height).convert(luma, blue, red);
        // What it is made from was rounded, too.
        let is_near = found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 1);
        assert!(is_near, "{coding:?} {from:?}: {found:?} instead of {expected:?}");
    }

    const SAID_NOTHING: Coding = Coding { is_full_range: false, matrix: None };

    #[test]
    fn black_and_white_are_those_of_a_jpeg() {
        for height in [360, 1080] {
            check(SAID_NOTHING, height, [16, 128, 128], [0, 128, 128]);
            check(SAID_NOTHING, height, [235, 128, 128], [255, 128, 128]);
            check(SAID_NOTHING, height, [0, 128, 128], [0, 128, 128]);
            check(SAID_NOTHING, height, [255, 128, 128], [255, 128, 128]);
        }
        let full = Coding { is_full_range: true, matrix: None };
        check(full, 360, [16, 100, 200], [16, 100, 200]);
    }

    #[test]
    fn red_stays_red_by_either_matrix() {
        // Red as each codes it, with black at 16; a JPEG has it as 76, 85, 255.
        check(Coding { matrix: Some(BT_709), ..SAID_NOTHING }, 360, [63, 102, 240], [76, 85, 255]);
        check(SAID_NOTHING, 720, [63, 102, 240], [76, 85, 255]);
        check(Coding { matrix: Some(6), ..SAID_NOTHING }, 720, [81, 90, 240], [76, 85, 255]);
        check(SAID_NOTHING, 360, [81, 90, 240], [76, 85, 255]);
    }

    #[test]
    fn a_byte_stream_is_taken_apart_at_its_start_codes() {
        let stream = [0, 0, 0, 1, 7, 8, 0, 0, 1, 9, 0, 0, 1];
        let found: Vec<&[u8]> = nal_units(&stream).collect();
        assert_eq!(found, [&[7, 8][..], &[9], &[]]);
        assert_eq!(nal_units(&[1, 2, 3]).count(), 0);
    }
}

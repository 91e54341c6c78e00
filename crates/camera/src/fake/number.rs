//! Numbers that are filmed: a strip of black and white blocks at the top of a frame, to be read from a picture of it.
//!
//! The strip is an eighth of the height, and has 24 blocks of the same width: white, black, 20 bits of the number with the
//! highest first, the parity of these bits, and its opposite. `sandbox/camera/server.py` draws the same.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

const BLOCKS: usize = 24;
const BITS: usize = 20;

/// The blocks of a number: whether each is white.
fn blocks(number: u32) -> [bool; BLOCKS] {
    let parity = number.count_ones() % 2 == 1;
    std::array::from_fn(|block| match block {
        0 => true,
        1 => false,
        22 => parity,
        23 => !parity,
        bit => number >> (BITS + 1 - bit) & 1 == 1,
    })
}

/// Draws the number into luma, in rows of `width`, with black as 16 and white as 235.
pub(super) fn draw(luma: &mut [u8], width: usize, number: u32) {
    let height = luma.len() / width;
    let blocks = blocks(number);
    for row in luma.chunks_mut(width).take(height / 8) {
        for (column, sample) in row.iter_mut().enumerate() {
            *sample = if blocks[column * BLOCKS / width] { 235 } else { 16 };
        }
    }
}

/// The number in a JPEG, if one is clearly to be seen.
#[must_use]
pub fn number_in(jpeg: &[u8]) -> Option<u32> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(jpeg), options);
    let luma = decoder.decode().ok()?;
    let (width, height) = decoder.dimensions()?;
    read(&luma, width, height)
}

fn read(luma: &[u8], width: usize, height: usize) -> Option<u32> {
    let mut found = [false; BLOCKS];
    for (block, is_white) in found.iter_mut().enumerate() {
        // The middle of a block, away from its blurred edges.
        let column = (2 * block + 1) * width / (2 * BLOCKS);
        let row = height / 16;
        *is_white = match luma.get(row * width + column)? {
            0..=80 => false,
            175.. => true,
            _ => return None,
        };
    }
    let number = found[2..2 + BITS].iter().fold(0, |number, bit| number << 1 | u32::from(*bit));
    (blocks(number) == found).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_was_drawn() {
        for number in [0, 1, 0xf_ffff, 0x5_5555, 123_456] {
            let mut luma = vec![128; 320 * 180];
            draw(&mut luma, 320, number);
            assert_eq!(read(&luma, 320, 180), Some(number));
        }
        assert_eq!(read(&[128; 320 * 180], 320, 180), None);
        assert_eq!(read(&[0; 320 * 180], 320, 180), None);
    }
}

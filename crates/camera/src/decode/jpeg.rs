//! A frame as a JPEG.

use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};

use super::Made;
use super::colour::Colour;
use super::planes::Planes;

/// Makes a JPEG of `planes`.
///
/// # Errors
/// Why that is not possible.
pub(super) fn encode(planes: &Planes<'_>, colour: &Colour, quality: u8) -> Result<Made, String> {
    let side = |length: usize| u16::try_from(length).map_err(|_| format!("a side of {length} pixels"));
    let (width, height) = (side(planes.luma.width)?, side(planes.luma.height)?);
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality.clamp(1, 100));
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    let frame = Frame { planes, colour, width, height };
    encoder.encode_image(frame).map_err(|error| error.to_string())?;
    Ok(Made { width, height, jpeg })
}

struct Frame<'a> {
    planes: &'a Planes<'a>,
    colour: &'a Colour,
    width: u16,
    height: u16,
}

impl ImageBuffer for Frame<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, row: u16, buffers: &mut [Vec<u8>; 4]) {
        let row = usize::from(row);
        let (blue, red) = (self.planes.blue.row(row / 2), self.planes.red.row(row / 2));
        // A sample of chroma is for two pixels of a row.
        let chroma = blue.iter().zip(red).flat_map(|pair| [pair, pair]);
        let [to_luma, to_blue, to_red, _] = buffers;
        for (luma, (blue, red)) in self.planes.luma.row(row).iter().zip(chroma) {
            let [luma, blue, red] = self.colour.convert(*luma, *blue, *red);
            to_luma.push(luma);
            to_blue.push(blue);
            to_red.push(red);
        }
    }
}

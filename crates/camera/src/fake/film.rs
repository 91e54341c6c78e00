//! A film of numbers, encoded when it is needed.

use bytes::Bytes;
use openh264::encoder::{Encoder, EncoderConfig, IntraFramePeriod, QpRange, RateControlMode};
use openh264::formats::YUVBuffer;
use openh264::{Error, OpenH264API};

use super::number::draw;

/// Some frames.
#[derive(Clone, Debug)]
pub struct Film {
    /// The frames, of which the n-th shows the number n.
    pub frames: Vec<Frame>,
}

/// One frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Whether decoding can begin with it.
    pub is_key: bool,
    /// What it is coded as, without start codes: one NAL unit each.
    pub nal_units: Vec<Bytes>,
}

impl Film {
    /// Films so many frames of this size, of which every `key_every`-th is a keyframe.
    ///
    /// # Errors
    /// When the encoder does not like the size.
    pub fn shoot(width: usize, height: usize, frames: u32, key_every: u32) -> Result<Self, Error> {
        let config = EncoderConfig::new()
            .intra_frame_period(IntraFramePeriod::from_num_frames(key_every))
            .rate_control_mode(RateControlMode::Off)
            .scene_change_detect(false)
            .skip_frames(false)
            .qp(QpRange::new(26, 30));
        let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config)?;
        let film = (0..frames).map(|number| {
            let encoded = encoder.encode(&scene(width, height, number))?;
            let layers = (0..encoded.num_layers()).filter_map(|at| encoded.layer(at));
            let mut nal_units = Vec::new();
            for layer in layers {
                let units = (0..layer.nal_count()).filter_map(|at| layer.nal_unit(at));
                nal_units.extend(units.map(without_start_code));
            }
            Ok(Frame { is_key: number % key_every == 0, nal_units })
        });
        Ok(Self { frames: film.collect::<Result<_, Error>>()? })
    }
}

impl Frame {
    /// As a byte stream (ISO/IEC 14496-10, Annex B).
    #[must_use]
    pub fn byte_stream(&self) -> Bytes {
        self.nal_units.iter().flat_map(|unit| [0, 0, 0, 1].into_iter().chain(unit.iter().copied())).collect()
    }
}

/// A number over stripes that move.
fn scene(width: usize, height: usize, number: u32) -> YUVBuffer {
    let shift = usize::try_from(number).unwrap_or_default();
    let mut samples: Vec<u8> = (0..width * height)
        .map(|at| u8::try_from(60 + ((at % width + shift) / 8 + at / width) % 100).unwrap_or_default())
        .collect();
    draw(&mut samples, width, number);
    samples.resize(width * height * 3 / 2, 128);
    YUVBuffer::from_vec(samples, width, height)
}

fn without_start_code(unit: &[u8]) -> Bytes {
    let zeros = unit.iter().take_while(|byte| **byte == 0).count();
    Bytes::copy_from_slice(unit.get(zeros + 1..).unwrap_or_default())
}

//! A frame as the decoder gives it: luma, and chroma at half the size; and made smaller.

use std::borrow::Cow;

/// One plane of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plane<'a> {
    samples: Cow<'a, [u8]>,
    stride: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Luma, and the two of chroma.
#[derive(Clone, Debug)]
pub(super) struct Planes<'a> {
    pub(super) luma: Plane<'a>,
    pub(super) blue: Plane<'a>,
    pub(super) red: Plane<'a>,
}

impl<'a> Plane<'a> {
    /// `height` rows of `width` samples, each row beginning `stride` samples after the one before, if all are there.
    pub(super) fn new(samples: &'a [u8], stride: usize, width: usize, height: usize) -> Option<Self> {
        let rows_before = stride.checked_mul(height.checked_sub(1)?)?;
        let is_whole = width > 0 && width <= stride && samples.len() >= rows_before.checked_add(width)?;
        is_whole.then_some(Self { samples: samples.into(), stride, width, height })
    }

    /// The samples of a row; none when there is no such row.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        let from = self.stride * row;
        self.samples.get(from..from + self.width).unwrap_or_default()
    }

    /// The plane with fewer samples, each the mean of those that it stands for.
    fn shrunk(&self, width: usize, height: usize) -> Plane<'static> {
        let mut samples = Vec::with_capacity(width * height);
        let (across, down) = (Shares::new(self.width, width), Shares::new(self.height, height));
        let mut sums = vec![0_u64; width];
        let whole = as_u64(self.width) * as_u64(self.height);
        for row in 0..height {
            sums.fill(0);
            for (from, height_share) in down.of(row) {
                let source = self.row(from);
                for (sum, column) in sums.iter_mut().zip(0..) {
                    let shares = across
                        .of(column)
                        .map(|(at, share)| u64::from(source.get(at).copied().unwrap_or(0)) * share);
                    *sum += shares.sum::<u64>() * height_share;
                }
            }
            samples.extend(sums.iter().map(|sum| u8::try_from((sum + whole / 2) / whole).unwrap_or(u8::MAX)));
        }
        Plane { samples: samples.into(), stride: width, width, height }
    }
}

impl<'a> Planes<'a> {
    /// The frame as it is, or shrunk to a width of `widest`, which is at least one.
    pub(super) fn at_most(self, widest: usize) -> Planes<'a> {
        let (width, height) = (self.luma.width, self.luma.height);
        if width <= widest {
            return self;
        }
        let smaller = (height * widest / width).max(1);
        let half = (widest.div_ceil(2), smaller.div_ceil(2));
        Planes {
            luma: self.luma.shrunk(widest, smaller),
            blue: self.blue.shrunk(half.0, half.1),
            red: self.red.shrunk(half.0, half.1),
        }
    }
}

/// Which of `from` samples each of `to` fewer ones stands for. In parts of a sample, of which there are `from * to`: a
/// sample has `to` of them, and one of the fewer stands for `from`.
struct Shares {
    from: usize,
    to: usize,
}

impl Shares {
    fn new(from: usize, to: usize) -> Self {
        Self { from, to: to.min(from) }
    }

    /// The samples that the one at `index` stands for, each with how many of its parts.
    fn of(&self, index: usize) -> impl Iterator<Item = (usize, u64)> + use<> {
        let (from, to) = (self.from, self.to);
        let (begin, end) = (index * from, (index + 1) * from);
        (begin / to..end.div_ceil(to))
            .map(move |at| (at, as_u64(end.min((at + 1) * to) - begin.max(at * to))))
    }
}

fn as_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: &[&[u8]], (width, height): (usize, usize), expected: &[&[u8]]) {
        let samples = rows.concat();
        let plane = Plane::new(&samples, rows[0].len(), rows[0].len(), rows.len()).unwrap();
        let shrunk = plane.shrunk(width, height);
        let found: Vec<_> = (0..height).map(|row| shrunk.row(row)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_sample_is_the_mean_of_those_it_stands_for() {
        check(&[&[10, 20], &[30, 40]], (2, 2), &[&[10, 20], &[30, 40]]);
        check(&[&[10, 20], &[30, 40]], (1, 1), &[&[25]]);
        check(&[&[0, 90, 90]], (2, 1), &[&[30, 90]]);
        check(&[&[255; 7][..]; 5], (3, 2), &[&[255; 3][..]; 2]);
    }

    #[test]
    fn a_plane_with_too_few_samples_is_none() {
        for (length, stride, width, height) in [(5, 3, 3, 2), (6, 2, 3, 2), (0, 0, 0, 1), (9, 3, 3, 0)] {
            let samples = vec![0; length];
            assert_eq!(Plane::new(&samples, stride, width, height), None);
        }
        // The last row may end with its last sample.
        assert!(Plane::new(&[0; 7], 4, 3, 2).is_some());
    }
}

//! What many runs say: their middle, and how bad the bad ones are.

/// The median: of an even number of values, the mean of the two in the middle. `None` of none.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values);
    let (low, high) = (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// The 95th percentile by nearest rank: a value that was measured, which 95 of 100 do not exceed. `None` of none.
#[must_use]
pub fn p95(values: &[f64]) -> Option<f64> {
    let rank = (values.len() * 95).div_ceil(100);
    sorted(values).get(rank.checked_sub(1)?).copied()
}

/// The greatest value; `None` of none.
#[must_use]
pub fn greatest(values: &[f64]) -> Option<f64> {
    sorted(values).last().copied()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_bad_end_are_found_whatever_the_order() {
        let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let cases: [(&[f64], [Option<f64>; 3]); 6] = [
            (&[], [None; 3]),
            (&[7.0], [Some(7.0), Some(7.0), Some(7.0)]),
            (&[3.0, 1.0], [Some(2.0), Some(3.0), Some(3.0)]),
            (&[9.0, 1.0, 2.0], [Some(2.0), Some(9.0), Some(9.0)]),
            (&[-1.5, 4.0, -0.5, 0.5], [Some(0.0), Some(4.0), Some(4.0)]),
            (&hundred, [Some(50.5), Some(95.0), Some(100.0)]),
        ];
        for (values, wanted) in cases {
            assert_eq!([median(values), p95(values), greatest(values)], wanted, "{values:?}");
        }
    }

    #[test]
    fn of_twenty_the_second_worst_is_the_95th_percentile() {
        let mut twenty = vec![1.0; 18];
        twenty.extend([30.0, 20.0]);
        assert_eq!(p95(&twenty), Some(20.0));
    }
}

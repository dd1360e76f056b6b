//! How late the server itself was with the answers it held back: the uncertainty of its truth.
//! A test that finds a delay too long can see here whether the server was to blame.
//!
//! Nanoseconds in, counted in buckets of eight to an octave, so a percentile is the upper edge of
//! its bucket: never too low, at most 12.5% too high, in fixed memory.

const BUCKETS_PER_OCTAVE_LOG2: u32 = 3;
const BUCKETS_PER_OCTAVE: u64 = 1 << BUCKETS_PER_OCTAVE_LOG2;
const BUCKETS: usize = (u64::BITS as usize) << BUCKETS_PER_OCTAVE_LOG2;

pub struct Lateness {
    counts: Box<[u64; BUCKETS]>,
    total: u64,
    max_ns: u64,
}

impl Lateness {
    pub fn record(&mut self, late_ns: u64) {
        self.counts[bucket_of(late_ns)] += 1;
        self.total += 1;
        self.max_ns = self.max_ns.max(late_ns);
    }

    /// The lateness that `ratio` of the answers did not exceed; 0 before the first.
    pub fn quantile_ns(&self, ratio: f64) -> u64 {
        let rank = (self.total as f64 * ratio).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return upper_edge_ns(bucket).min(self.max_ns);
            }
        }
        0
    }

    pub fn max_ns(&self) -> u64 {
        self.max_ns
    }
}

impl Default for Lateness {
    fn default() -> Self {
        Self { counts: Box::new([0; BUCKETS]), total: 0, max_ns: 0 }
    }
}

/// Below 16 each value has a bucket of its own; above, the top four bits of a value choose it.
fn bucket_of(ns: u64) -> usize {
    if ns < BUCKETS_PER_OCTAVE {
        return ns as usize;
    }
    let shift = ns.ilog2() - BUCKETS_PER_OCTAVE_LOG2;
    (u64::from(shift) * BUCKETS_PER_OCTAVE + (ns >> shift)) as usize
}

/// The greatest value that falls into a bucket.
fn upper_edge_ns(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket / BUCKETS_PER_OCTAVE).saturating_sub(1);
    let top = bucket - shift * BUCKETS_PER_OCTAVE;
    (top << shift) + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lies_at_most_an_eighth_below_its_bucket_s_edge() {
        let values = (0..2_000).chain((0..64).map(|bit| 1 << bit)).chain([12_345_678, u64::MAX]);
        for ns in values {
            let edge_ns = upper_edge_ns(bucket_of(ns));
            assert!(edge_ns >= ns && edge_ns - ns <= ns / 8, "{ns} in a bucket up to {edge_ns}");
            assert_eq!(bucket_of(edge_ns), bucket_of(ns));
        }
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values_within_a_bucket() {
        let mut lateness = Lateness::default();
        (1..=1_000_u64).rev().for_each(|us| lateness.record(us * 1_000));
        for (ratio, exact_ns) in [(0.5, 500_000), (0.99, 990_000)] {
            let ns = lateness.quantile_ns(ratio);
            assert!((exact_ns..=exact_ns * 9 / 8).contains(&ns), "{ratio}: {ns}");
        }
        assert_eq!((lateness.quantile_ns(1.0), lateness.max_ns()), (1_000_000, 1_000_000));
    }

    #[test]
    fn before_the_first_answer_there_is_no_lateness() {
        assert_eq!(Lateness::default().quantile_ns(0.99), 0);
    }
}

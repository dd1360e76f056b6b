//! A mergeable log-linear histogram of `u64` values (nanoseconds, mostly).
//!
//! Each power of two is cut into 256 buckets: a bucket is at most 1/256 (0.39%) of its value wide.
//!
//! ```text
//! value < 512:  bucket = value
//! otherwise:    shift = ⌊log2 value⌋ - 8,   bucket = 256·shift + (value >> shift)
//! ```
//!
//! The buckets of an octave share a lazily allocated chunk of 1 KiB, so a histogram costs memory by
//! the octaves it has seen (4 to 6 for a typical latency), never by the number of values. Sum and
//! maximum are exact. `src/perfwright/model/histogram.py` reads the same buckets.

const CHUNKS: usize = 56;
type Chunk = [u32; 256];

/// Counts by bucket with exact sum and maximum.
#[derive(Default)]
pub struct Histogram {
    chunks: Vec<Option<Box<Chunk>>>,
    count: u64,
    total: u128,
    maximum: u64,
}

/// The bucket that holds `value`.
#[inline]
pub fn bucket_of(value: u64) -> usize {
    if value < 512 {
        return value as usize;
    }
    let shift = 55 - value.leading_zeros() as usize;
    256 * shift + (value >> shift) as usize
}

impl Histogram {
    #[inline]
    pub fn record(&mut self, value: u64) {
        let bucket = bucket_of(value);
        let chunk = bucket / 256;
        if chunk >= self.chunks.len() {
            self.chunks.resize_with((chunk + 1).min(CHUNKS + 1), || None);
        }
        let counts = self.chunks[chunk].get_or_insert_with(|| Box::new([0; 256]));
        counts[bucket % 256] += 1;
        self.count += 1;
        self.total += u128::from(value);
        self.maximum = self.maximum.max(value);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn total(&self) -> u128 {
        self.total
    }

    pub fn maximum(&self) -> u64 {
        self.maximum
    }

    /// `(bucket, count)` of every bucket that holds something, ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        self.chunks
            .iter()
            .enumerate()
            .filter_map(|(index, chunk)| chunk.as_ref().map(|counts| (index, counts)))
            .flat_map(|(index, counts)| {
                counts
                    .iter()
                    .enumerate()
                    .filter(|(_, count)| **count > 0)
                    .map(move |(offset, count)| (index * 256 + offset, *count))
            })
    }

    /// Empties it and keeps the memory: the next second sees the same octaves.
    pub fn clear(&mut self) {
        if self.count > 0 {
            for counts in self.chunks.iter_mut().flatten() {
                counts.fill(0);
            }
            self.count = 0;
            self.total = 0;
            self.maximum = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_join_without_gap_or_overlap() {
        assert_eq!(bucket_of(0), 0);
        assert_eq!(bucket_of(511), 511);
        assert_eq!(bucket_of(512), 512);
        assert_eq!(bucket_of(513), 512);
        assert_eq!(bucket_of(1023), 767);
        assert_eq!(bucket_of(1024), 768);
        assert!(bucket_of(u64::MAX) / 256 <= CHUNKS);
    }

    proptest! {
        #[test]
        fn a_larger_value_never_has_a_smaller_bucket(a: u64, b: u64) {
            prop_assert_eq!(a.min(b) == a, bucket_of(a.min(b)) <= bucket_of(a.max(b)) && a <= b);
        }

        #[test]
        fn nothing_recorded_is_lost(values in proptest::collection::vec(any::<u64>(), 0..200)) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.record(*value));
            let counted: u64 = histogram.buckets().map(|(_, count)| u64::from(count)).sum();
            prop_assert_eq!(counted, values.len() as u64);
            prop_assert_eq!(histogram.maximum(), values.iter().copied().max().unwrap_or(0));
            prop_assert_eq!(histogram.total(), values.iter().map(|v| u128::from(*v)).sum::<u128>());
        }
    }
}

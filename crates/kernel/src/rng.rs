//! A counter-based random generator: SplitMix64 (Steele, Lea, Flood 2014) over `key + counter·γ`.
//!
//! Counter-based means that draw n of key k is a pure function, so workers agree on a sequence
//! without talking, and a generator is 16 bytes where a Mersenne Twister is 2.5 kB.

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The n-th 64 random bits of `key`.
#[inline]
pub fn bits_at(key: u64, n: u64) -> u64 {
    let mut z = key.wrapping_add(n.wrapping_add(1).wrapping_mul(GAMMA));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A key for an independent stream named by two numbers (a user and an iteration, say).
pub fn derive(seed: u64, a: u64, b: u64) -> u64 {
    bits_at(bits_at(bits_at(seed, 0), a), b)
}

/// 53 random bits as a float in [0, 1).
#[inline]
pub fn unit_float(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A stream of draws from one key.
#[derive(Clone, Debug)]
pub struct CounterRng {
    key: u64,
    counter: u64,
}

impl CounterRng {
    pub fn new(key: u64) -> Self {
        CounterRng { key, counter: 0 }
    }

    #[inline]
    pub fn bits(&mut self) -> u64 {
        let bits = bits_at(self.key, self.counter);
        self.counter += 1;
        bits
    }

    /// Uniform in [0, 1).
    #[inline]
    pub fn float(&mut self) -> f64 {
        unit_float(self.bits())
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.float()).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_draws_are_those_of_the_published_splitmix64() {
        let mut rng = CounterRng::new(1234567);
        assert_eq!(rng.bits(), 6457827717110365317);
        assert_eq!(rng.bits(), 3203168211198807973);
    }

    #[test]
    fn exponential_draws_have_mean_one() {
        let mut rng = CounterRng::new(7);
        let mean = (0..100_000).map(|_| rng.exponential()).sum::<f64>() / 100_000.0;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
    }
}

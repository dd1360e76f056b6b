//! When arrivals are due: one global sequence, of which each worker takes every N-th.
//!
//! Uniform: arrival k is due at Λ⁻¹(k). Poisson: at Λ⁻¹(E₀ + … + E_k), E ~ Exp(1) from the run's
//! seed (time rescaling: Daley & Vere-Jones, *Point Processes* I, §7.4). Every worker draws the
//! same sequence, so any number of workers gives the same arrivals. Listed: arrival k is due when a
//! recording says; the shape then only tells what rate that amounts to, and where the load ends.

use std::sync::Arc;

use crate::recording::Recording;
use crate::rng::CounterRng;
use crate::shape::{Segment, Shape, ShapeError};

#[derive(Clone)]
pub enum Process {
    Uniform,
    Poisson,
    Listed(Arc<Recording>),
}

/// This worker's share of a sequence: arrivals `worker`, `worker + workers`, ….
pub struct Arrivals {
    shape: Shape,
    process: Process,
    rng: CounterRng,
    worker: u64,
    workers: u64,
    /// The next arrival of ours, and the area of the shape at which it is due.
    number: u64,
    area: f64,
    next_ns: Option<u64>,
}

impl Arrivals {
    pub fn new(shape: Shape, process: Process, seed: u64, worker: u64, workers: u64) -> Arrivals {
        let rng = CounterRng::new(seed);
        let mut arrivals =
            Arrivals { shape, process, rng, worker, workers, number: 0, area: 0.0, next_ns: None };
        arrivals.area = arrivals.step();
        while arrivals.number % arrivals.workers != arrivals.worker {
            arrivals.number += 1;
            arrivals.area += arrivals.gap();
        }
        arrivals.next_ns = arrivals.due_ns();
        arrivals
    }

    /// When our next arrival is due, ns since the origin.
    pub fn next_ns(&self) -> Option<u64> {
        self.next_ns
    }

    /// Takes the next arrival: its number in the whole sequence and when it was due.
    pub fn take(&mut self) -> Option<(u64, u64)> {
        let taken = (self.number, self.next_ns?);
        for _ in 0..self.workers {
            self.number += 1;
            self.area += self.gap();
        }
        self.next_ns = self.due_ns();
        Some(taken)
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// A live change of the rate from `at_ns` on; what is due before stays due.
    pub fn replace_from(&mut self, at_ns: u64, segments: Vec<Segment>) -> Result<(), ShapeError> {
        self.shape.replace_from(at_ns, segments)?;
        self.next_ns = self.due_ns();
        Ok(())
    }

    fn due_ns(&self) -> Option<u64> {
        match &self.process {
            Process::Uniform | Process::Poisson => self.shape.inverse(self.area),
            Process::Listed(recording) => {
                recording.due_ns(self.number).filter(|due_ns| *due_ns < self.shape.end_ns())
            }
        }
    }

    fn step(&mut self) -> f64 {
        match self.process {
            Process::Uniform | Process::Listed(_) => 0.0,
            Process::Poisson => self.rng.exponential(),
        }
    }

    fn gap(&mut self) -> f64 {
        match self.process {
            Process::Uniform | Process::Listed(_) => 1.0,
            Process::Poisson => self.rng.exponential(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constant(per_s: f64, seconds: u64) -> Shape {
        let end_ns = seconds * 1_000_000_000;
        Shape::new(vec![Segment { start_ns: 0, end_ns, from: per_s, to: per_s }]).unwrap()
    }

    fn all(mut arrivals: Arrivals) -> Vec<(u64, u64)> {
        std::iter::from_fn(|| arrivals.take()).collect()
    }

    #[test]
    fn workers_share_one_sequence_without_loss_or_repeat() {
        for process in [Process::Uniform, Process::Poisson] {
            let whole = all(Arrivals::new(constant(100.0, 10), process.clone(), 42, 0, 1));
            let mut shared: Vec<(u64, u64)> = (0..3)
                .flat_map(|worker| {
                    all(Arrivals::new(constant(100.0, 10), process.clone(), 42, worker, 3))
                })
                .collect();
            shared.sort_unstable();
            assert_eq!(whole, shared);
        }
    }

    #[test]
    fn poisson_gaps_have_the_mean_and_spread_of_an_exponential() {
        let due: Vec<f64> = all(Arrivals::new(constant(1000.0, 100), Process::Poisson, 1, 0, 1))
            .into_iter()
            .map(|(_, due_ns)| due_ns as f64 / 1e9)
            .collect();
        let gaps: Vec<f64> = due.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((mean * 1000.0 - 1.0).abs() < 0.02, "{mean}");
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.02, "{variance}");
    }

    #[test]
    fn listed_arrivals_are_due_when_the_recording_says_on_whichever_worker() {
        let due_ns = [0, 1, 1, 500_000_000, 500_000_007, 1_999_999_999, 2_000_000_000];
        let requests: Vec<_> = due_ns.iter().map(|due_ns| (*due_ns, "GET", "/", 200)).collect();
        let listed = Process::Listed(crate::recording::tests::recording(&requests));
        for workers in 1..4 {
            let mut shared: Vec<(u64, u64)> = (0..workers)
                .flat_map(|worker| {
                    all(Arrivals::new(constant(3.0, 2), listed.clone(), 1, worker, workers))
                })
                .collect();
            shared.sort_unstable();
            let within_the_load = due_ns[..6].iter().copied();
            assert_eq!(shared, (0..).zip(within_the_load).collect::<Vec<(u64, u64)>>());
        }
    }

    #[test]
    fn a_uniform_rate_gives_exactly_rate_times_time() {
        assert_eq!(
            all(Arrivals::new(constant(5000.0, 20), Process::Uniform, 1, 0, 1)).len(),
            100_000
        );
    }
}

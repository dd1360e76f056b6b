//! A load shape: a piecewise linear target over time (users, or arrivals per second).
//!
//! ```text
//! target r(t)      ____            Λ(t) = ∫ r: arrivals due by t
//!                 /    |           arrival n is due at Λ⁻¹(n): an absolute time,
//!               /      |           never a sum of sleeps
//!          ___/        |___
//!          hold  ramp   hold → t
//! ```
//!
//! In a segment with rate r₀ at its start and slope k, m more arrivals are due after
//! x = 2m / (r₀ + √(r₀² + 2km)) seconds (the stable form of the quadratic's root).
//! Times are ns since the run's origin.

use std::fmt;

const NS_PER_S: f64 = 1e9;

/// The target goes linearly from `from` to `to` over [start_ns, end_ns).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    pub start_ns: u64,
    pub end_ns: u64,
    pub from: f64,
    pub to: f64,
}

impl Segment {
    fn length_s(&self) -> f64 {
        (self.end_ns - self.start_ns) as f64 / NS_PER_S
    }

    fn slope(&self) -> f64 {
        (self.to - self.from) / self.length_s()
    }

    fn area(&self) -> f64 {
        (self.from + self.to) / 2.0 * self.length_s()
    }

    fn target(&self, t_ns: u64) -> f64 {
        self.from + self.slope() * (t_ns - self.start_ns) as f64 / NS_PER_S
    }
}

/// Why segments make no shape.
#[derive(Debug, PartialEq)]
pub enum ShapeError {
    Empty,
    Gap { index: usize },
    NotFinite { index: usize },
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeError::Empty => {
                write!(f, "load: the shape has no segment; give it a hold or a ramp")
            }
            ShapeError::Gap { index } => {
                write!(f, "load: segment {index} does not start where the one before it ends")
            }
            ShapeError::NotFinite { index } => {
                write!(f, "load: segment {index} needs finite targets of zero or more")
            }
        }
    }
}

/// Contiguous segments, in order.
#[derive(Clone, Debug)]
pub struct Shape {
    segments: Vec<Segment>,
    /// Λ at the start of each segment.
    due_before: Vec<f64>,
}

impl Shape {
    pub fn new(segments: Vec<Segment>) -> Result<Shape, ShapeError> {
        if segments.is_empty() {
            return Err(ShapeError::Empty);
        }
        for (index, segment) in segments.iter().enumerate() {
            let finite = |target: f64| target.is_finite() && target >= 0.0;
            if !finite(segment.from) || !finite(segment.to) {
                return Err(ShapeError::NotFinite { index });
            }
            let joins = index == 0 || segments[index - 1].end_ns == segment.start_ns;
            if segment.end_ns <= segment.start_ns || !joins {
                return Err(ShapeError::Gap { index });
            }
        }
        let mut shape = Shape { segments, due_before: Vec::new() };
        shape.sum_up();
        Ok(shape)
    }

    pub fn end_ns(&self) -> u64 {
        self.segments.last().map_or(0, |segment| segment.end_ns)
    }

    /// The target at `t_ns`; zero outside the shape.
    pub fn target(&self, t_ns: u64) -> f64 {
        let index = self.segments.partition_point(|segment| segment.end_ns <= t_ns);
        self.segments
            .get(index)
            .filter(|segment| segment.start_ns <= t_ns)
            .map_or(0.0, |segment| segment.target(t_ns))
    }

    /// Λ⁻¹(n): when the n-th unit of area is complete; None when the shape ends before.
    pub fn inverse(&self, n: f64) -> Option<u64> {
        let index = self.due_before.partition_point(|due| *due <= n).checked_sub(1)?;
        self.segments[index..].iter().zip(&self.due_before[index..]).find_map(
            |(segment, before)| {
                let m = n - before;
                let beyond = m >= segment.area();
                (!beyond).then(|| {
                    let root =
                        (segment.from * segment.from + 2.0 * segment.slope() * m).max(0.0).sqrt();
                    let x = if m <= 0.0 { 0.0 } else { 2.0 * m / (segment.from + root) };
                    (segment.start_ns + (x * NS_PER_S).round() as u64).min(segment.end_ns)
                })
            },
        )
    }

    /// The first time at or after `from_ns` when the target is above `level`.
    pub fn first_above(&self, level: f64, from_ns: u64) -> Option<u64> {
        self.segments.iter().filter(|segment| segment.end_ns > from_ns).find_map(|segment| {
            let start_ns = segment.start_ns.max(from_ns);
            if segment.target(start_ns) > level {
                return Some(start_ns);
            }
            (segment.to > level).then(|| {
                let x = (level - segment.from) / segment.slope();
                (segment.start_ns + (x * NS_PER_S).floor() as u64 + 1).max(start_ns)
            })
        })
    }

    /// From `at_ns` on the shape is `segments` (which start there), whatever it was: a live change.
    pub fn replace_from(&mut self, at_ns: u64, segments: Vec<Segment>) -> Result<(), ShapeError> {
        let mut kept: Vec<Segment> = self.segments.clone();
        kept.retain(|segment| segment.start_ns < at_ns);
        if let Some(last) = kept.last_mut().filter(|last| last.end_ns > at_ns) {
            last.to = last.target(at_ns);
            last.end_ns = at_ns;
        }
        if kept.last().is_some_and(|last| last.end_ns < at_ns) {
            let end_ns = kept[kept.len() - 1].end_ns;
            kept.push(Segment { start_ns: end_ns, end_ns: at_ns, from: 0.0, to: 0.0 });
        }
        kept.extend(segments);
        *self = Shape::new(kept)?;
        Ok(())
    }

    fn sum_up(&mut self) {
        let mut due = 0.0;
        for segment in &self.segments {
            self.due_before.push(due);
            due += segment.area();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: u64 = 1_000_000_000;

    fn shape(parts: &[(u64, u64, f64, f64)]) -> Shape {
        let segment = |&(start_ns, end_ns, from, to): &(u64, u64, f64, f64)| Segment {
            start_ns,
            end_ns,
            from,
            to,
        };
        Shape::new(parts.iter().map(segment).collect()).unwrap()
    }

    #[test]
    fn a_constant_rate_spaces_arrivals_evenly_and_counts_them_exactly() {
        let constant = shape(&[(0, 20 * S, 5000.0, 5000.0)]);
        assert_eq!(constant.inverse(0.0), Some(0));
        assert_eq!(constant.inverse(1.0), Some(200_000));
        assert_eq!(constant.inverse(99_999.0), Some(20 * S - 200_000));
        assert_eq!(constant.inverse(100_000.0), None);
    }

    #[test]
    fn a_ramp_from_zero_releases_its_first_arrival_at_once() {
        let ramp = shape(&[(0, 10 * S, 0.0, 10.0)]);
        assert_eq!(ramp.inverse(0.0), Some(0));
        assert_eq!(ramp.inverse(12.5), Some(5 * S));
    }

    #[test]
    fn a_pause_is_jumped_over() {
        let pause = shape(&[(0, S, 1.0, 1.0), (S, 5 * S, 0.0, 0.0), (5 * S, 6 * S, 2.0, 2.0)]);
        assert_eq!(pause.inverse(1.0), Some(5 * S));
        assert_eq!(pause.target(3 * S), 0.0);
    }

    #[test]
    fn a_live_change_keeps_what_was_due_before_it() {
        let mut changed = shape(&[(0, 10 * S, 10.0, 10.0)]);
        let faster = Segment { start_ns: 2 * S, end_ns: 4 * S, from: 100.0, to: 100.0 };
        changed.replace_from(2 * S, vec![faster]).unwrap();
        assert_eq!(changed.inverse(19.0), Some(1_900_000_000));
        assert_eq!(changed.inverse(20.0), Some(2 * S));
        assert_eq!(changed.inverse(120.0), Some(3 * S));
        assert_eq!(changed.end_ns(), 4 * S);
    }

    #[test]
    fn users_join_when_the_target_passes_their_number() {
        let ramp = shape(&[(0, 10 * S, 0.0, 10.0), (10 * S, 20 * S, 10.0, 10.0)]);
        assert_eq!(ramp.first_above(0.0, 0), Some(1));
        assert_eq!(ramp.first_above(5.0, 0), Some(5 * S + 1));
        assert_eq!(ramp.first_above(5.0, 12 * S), Some(12 * S));
        assert_eq!(ramp.first_above(10.0, 0), None);
    }

    #[test]
    fn a_gap_is_refused() {
        let parts = vec![
            Segment { start_ns: 0, end_ns: S, from: 1.0, to: 1.0 },
            Segment { start_ns: 2 * S, end_ns: 3 * S, from: 1.0, to: 1.0 },
        ];
        assert_eq!(Shape::new(parts).unwrap_err(), ShapeError::Gap { index: 1 });
    }

    proptest! {
        #[test]
        fn the_area_up_to_the_inverse_is_n(
            rates in proptest::collection::vec((0.0f64..500.0, 0.0f64..500.0, 1u64..20), 1..6),
            share in 0.0f64..1.0,
        ) {
            let mut start_ns = 0;
            let segments: Vec<Segment> = rates.iter().map(|&(from, to, seconds)| {
                let segment = Segment { start_ns, end_ns: start_ns + seconds * S, from, to };
                start_ns = segment.end_ns;
                segment
            }).collect();
            let shape = Shape::new(segments.clone()).unwrap();
            let n = share * segments.iter().map(Segment::area).sum::<f64>();
            if let Some(t_ns) = shape.inverse(n) {
                let area: f64 = segments.iter().take_while(|s| s.start_ns < t_ns).map(|s| {
                    let end_ns = s.end_ns.min(t_ns);
                    Segment { end_ns, to: s.target(end_ns), ..*s }.area()
                }).sum();
                prop_assert!((area - n).abs() < 1e-3, "{} {}", area, n);
            }
        }
    }
}

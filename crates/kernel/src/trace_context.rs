//! Which requests are traced, and the header that says so (W3C Trace Context, §3.2).
//!
//! ```text
//! traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//!        version  trace id                         parent id        flags (01: sampled)
//! ```
//!
//! About so many requests a second are traced, however many are sent: tracing costs the system
//! that does it. Each is drawn with the chance that fits the rate of the second before, never every
//! n-th: a journey of n steps would then have the same step traced each time. Those not drawn say
//! so with flags 00, or else a system that samples by itself would trace them all.

use std::io::Write;

use crate::rng::{CounterRng, derive, unit_float};

const NS_PER_S: u64 = 1_000_000_000;
/// Keeps this stream apart from those of users, which are named by their numbers.
const STREAM: u64 = 0x7472_6163_6500_0000;
/// Traces of a second in which the rate leaps, over those asked for.
const AT_MOST: f64 = 4.0;

/// Gives the trace contexts of one worker in one run.
#[derive(Clone, Debug)]
pub struct TraceContexts {
    rng: CounterRng,
    per_s: f64,
    second: u64,
    chance: f64,
    begun_in_second: u64,
    traced_in_second: u64,
}

impl TraceContexts {
    /// None where `per_s` is 0: no request carries a header. `run` must differ between runs, lest
    /// two share their trace ids.
    pub fn new(per_s: f64, run: u64, worker: u64) -> Option<TraceContexts> {
        (per_s > 0.0).then(|| TraceContexts {
            rng: CounterRng::new(derive(run, STREAM, worker)),
            per_s,
            second: 0,
            chance: 1.0,
            begun_in_second: 0,
            traced_in_second: 0,
        })
    }

    /// For a request that begins now.
    pub fn next(&mut self, now_ns: u64) -> TraceContext {
        let second = now_ns / NS_PER_S;
        if second != self.second {
            self.second = second;
            self.chance = (self.per_s / self.begun_in_second.max(1) as f64).min(1.0);
            (self.begun_in_second, self.traced_in_second) = (0, 0);
        }
        self.begun_in_second += 1;
        let drawn = unit_float(self.rng.bits()) < self.chance;
        let sampled = drawn && (self.traced_in_second as f64) < AT_MOST * self.per_s;
        self.traced_in_second += u64::from(sampled);
        TraceContext {
            trace_id: (u128::from(self.rng.bits()) << 64) | u128::from(self.rng.bits()),
            // 0 means "no parent".
            parent_id: self.rng.bits().max(1),
            sampled,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    parent_id: u64,
    sampled: bool,
}

impl TraceContext {
    /// Appends the header's line.
    pub fn write(&self, out: &mut Vec<u8>) {
        let TraceContext { trace_id, parent_id, sampled } = *self;
        let flags = u8::from(sampled);
        write!(out, "traceparent: 00-{trace_id:032x}-{parent_id:016x}-{flags:02x}\r\n")
            .expect("writing to memory does not fail");
    }

    /// In hex; None where the request is not traced.
    pub fn sampled_trace_id(&self) -> Option<String> {
        self.sampled.then(|| format!("{:032x}", self.trace_id))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    use super::*;

    fn line(context: TraceContext) -> String {
        let mut out = Vec::new();
        context.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_header_reads_as_in_the_standard() {
        let context = TraceContext {
            trace_id: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
            parent_id: 0x00f0_67aa_0ba9_02b7,
            sampled: true,
        };
        assert_eq!(
            line(context),
            "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
        );
        assert_eq!(context.sampled_trace_id().unwrap(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let unsampled = TraceContext { sampled: false, ..context };
        assert!(line(unsampled).ends_with("-00\r\n"));
        assert_eq!(unsampled.sampled_trace_id(), None);
    }

    #[test]
    fn where_none_are_asked_for_there_are_no_contexts() {
        assert!(TraceContexts::new(0.0, 1, 0).is_none());
    }

    /// How many of `rate` requests in each second are traced.
    fn traced(contexts: &mut TraceContexts, seconds: std::ops::Range<u64>, rate: u64) -> Vec<u64> {
        let count = |second: u64| {
            let now_ns = |n: u64| second * NS_PER_S + n * NS_PER_S / rate;
            (0..rate).map(|n| u64::from(contexts.next(now_ns(n)).sampled)).sum()
        };
        seconds.map(count).collect()
    }

    #[test]
    fn about_as_many_are_traced_as_asked_for_at_any_rate() {
        let mut contexts = TraceContexts::new(20.0, 1, 0).unwrap();
        assert_eq!(traced(&mut contexts, 0..3, 5), [5, 5, 5], "few requests: all");
        for (second, rate) in [(3, 1_000), (13, 50_000), (23, 100)] {
            let counts = traced(&mut contexts, second..second + 10, rate);
            assert!(counts[0] <= 80, "a leap is limited: {counts:?}");
            let later: u64 = counts[1..].iter().sum();
            assert!((130..230).contains(&later), "{rate}/s: {counts:?}");
        }
    }

    #[test]
    fn ids_are_never_repeated_among_workers_or_runs() {
        let mut ids = HashSet::new();
        for (run, worker) in [(1, 0), (1, 1), (2, 0)] {
            let mut contexts = TraceContexts::new(1.0, run, worker).unwrap();
            assert!((0..10_000).all(|n| ids.insert(contexts.next(n).trace_id)));
        }
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() })]

        #[test]
        fn a_header_has_its_one_length_and_valid_ids(run: u64, worker: u64, now_ns: u64) {
            let text = line(TraceContexts::new(1.0, run, worker).unwrap().next(now_ns));
            let parts: Vec<&str> = text["traceparent: ".len()..].trim_end().split('-').collect();
            let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
            prop_assert_eq!(lengths, [2, 32, 16, 2]);
            let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            prop_assert!(parts.iter().all(|part| part.bytes().all(hex)));
            prop_assert!(parts[2].bytes().any(|byte| byte != b'0'));
            prop_assert_eq!(parts[3], "01");
        }
    }
}

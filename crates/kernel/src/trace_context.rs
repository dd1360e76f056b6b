//! Which requests are traced, and the header that says so (W3C Trace Context, §3.2).
//!
//! ```text
//! traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//!        version  trace id                         parent id        flags (01: sampled)
//! ```
//!
//! A context is a pure function of a key and the request's number (`rng.rs`), so that an exchange
//! remembers one number only. Requests are chosen at random, never every n-th: a journey of n steps
//! would then have the same step traced each time. Those not chosen say so with flags 00, or else a
//! system that samples by itself would trace them all, and the load would pay for it.

use std::io::Write;

use crate::rng::{bits_at, derive, unit_float};

const DRAWS: u64 = 4;
/// Keeps this stream apart from those of users, which are named by their numbers.
const STREAM: u64 = 0x7472_6163_6500_0000;

/// Gives the trace contexts of one worker in one run.
#[derive(Clone, Debug)]
pub struct TraceContexts {
    key: u64,
    ratio: f64,
}

impl TraceContexts {
    /// `ratio` 0..=1 of the requests are traced; None at 0, when none carries a header. `run` must
    /// differ between runs, lest two share their trace ids.
    pub fn new(ratio: f64, run: u64, worker: u64) -> Option<TraceContexts> {
        (ratio > 0.0).then(|| TraceContexts { key: derive(run, STREAM, worker), ratio })
    }

    pub fn of(&self, request_number: u64) -> TraceContext {
        let draw = |n| bits_at(self.key, request_number.wrapping_mul(DRAWS) + n);
        TraceContext {
            trace_id: (u128::from(draw(0)) << 64) | u128::from(draw(1)),
            // 0 means "no parent".
            parent_id: draw(2).max(1),
            sampled: unit_float(draw(3)) < self.ratio,
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
    fn no_ratio_makes_no_contexts() {
        assert!(TraceContexts::new(0.0, 1, 0).is_none());
    }

    #[test]
    fn the_ratio_is_kept_and_ids_are_never_repeated_among_workers_or_runs() {
        let mut ids = HashSet::new();
        let mut sampled = 0;
        for (run, worker) in [(1, 0), (1, 1), (2, 0)] {
            let contexts = TraceContexts::new(0.1, run, worker).unwrap();
            for number in 0..10_000 {
                let context = contexts.of(number);
                sampled += u32::from(context.sampled);
                assert!(ids.insert(context.trace_id));
            }
        }
        assert!((2_800..3_200).contains(&sampled), "{sampled}");
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() })]

        #[test]
        fn a_header_has_its_one_length_and_valid_ids(run: u64, worker: u64, number: u64) {
            let text = line(TraceContexts::new(1.0, run, worker).unwrap().of(number));
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

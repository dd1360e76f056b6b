//! The wire form of one second of one worker: what `Tally.from_wire` in `model/frame.py` reads
//! (the worker adds what only Python knows: errors in scenarios, code that held the loop).

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::histogram::Histogram;

#[derive(Default, Serialize)]
pub struct HistogramTally {
    pub buckets: Vec<(usize, u32)>,
    pub total: u64,
    pub maximum: u64,
}

impl From<&Histogram> for HistogramTally {
    fn from(histogram: &Histogram) -> Self {
        HistogramTally {
            buckets: histogram.buckets().collect(),
            total: histogram.total().min(u128::from(u64::MAX)) as u64,
            maximum: histogram.maximum(),
        }
    }
}

#[derive(Serialize)]
pub struct StepTally {
    pub kind: &'static str,
    pub requests: u64,
    pub errors: u64,
    pub error_kinds: BTreeMap<&'static str, u64>,
    pub statuses: BTreeMap<String, u64>,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub measures: BTreeMap<&'static str, HistogramTally>,
}

#[derive(Default, Serialize)]
pub struct CheckTally {
    pub passed: u64,
    pub failed: u64,
}

#[derive(Serialize)]
pub struct RecordTally {
    pub unit: String,
    pub count: u64,
    pub total: f64,
    pub minimum: f64,
    pub maximum: f64,
}

impl RecordTally {
    pub fn of(unit: &str) -> Self {
        let (minimum, maximum) = (f64::INFINITY, f64::NEG_INFINITY);
        RecordTally { unit: unit.to_owned(), count: 0, total: 0.0, minimum, maximum }
    }

    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.total += value;
        self.minimum = self.minimum.min(value);
        self.maximum = self.maximum.max(value);
    }
}

#[derive(Serialize)]
pub struct Exemplar {
    pub step: String,
    pub outcome: &'static str,
    pub status: u16,
    pub method: String,
    pub url: String,
    pub intended_ns: u64,
    pub response_ns: u64,
    pub service_ns: u64,
    pub phases_ns: HashMap<&'static str, u64>,
    pub message: String,
    pub body_head: String,
    pub user: u64,
    pub iteration: u32,
    /// In hex; empty where the request was not traced.
    pub trace_id: String,
}

#[derive(Default, Serialize)]
pub struct Tally {
    pub steps: BTreeMap<String, StepTally>,
    pub checks: BTreeMap<String, CheckTally>,
    pub records: BTreeMap<String, RecordTally>,
    pub lateness: HistogramTally,
    pub users_active: u64,
    pub users_target: f64,
    pub arrivals_target_per_s: f64,
    pub iterations_started: u64,
    pub iterations_completed: u64,
    pub iterations_failed: u64,
    pub iterations_interrupted: u64,
    pub requests_interrupted: u64,
    pub waiting: u64,
    pub dropped: u64,
    pub reconnects: u64,
    pub cpu_ns: u64,
    pub exemplars: Vec<Exemplar>,
}

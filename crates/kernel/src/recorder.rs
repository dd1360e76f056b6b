//! Counts and histograms by step, for one second at a time.
//!
//! Memory is bounded by steps, never by requests: past `MAX_STEPS` names, new ones share "(other
//! steps)". `take` empties it into the JSON document that `Tally.from_wire` (`model/frame.py`)
//! reads.

use crate::fast_hash::FastMap;
use crate::histogram::Histogram;
use crate::outcome::Outcome;
use crate::tally::{CheckTally, Exemplar, RecordTally, StepTally, Tally};

pub type StepId = u32;

pub const MAX_STEPS: usize = 1000;
const OTHER: &str = "(other steps)";
const MAX_FAILED_EXEMPLARS: usize = 3;

/// What a step is: decides whether it counts as a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    Request,
    Call,
    Group,
}

impl StepKind {
    pub fn name(self) -> &'static str {
        match self {
            StepKind::Request => "request",
            StepKind::Call => "call",
            StepKind::Group => "group",
        }
    }
}

/// What is timed of each request, in the order of `MEASURES` in `model/frame.py`.
#[derive(Clone, Copy)]
#[repr(usize)]
pub enum Measure {
    Response,
    Service,
    Dns,
    Connect,
    Tls,
    Send,
    Wait,
    Receive,
}

pub const MEASURES: [&str; 8] =
    ["response", "service", "dns", "connect", "tls", "send", "wait", "receive"];

/// The times of one request, absolute monotonic ns; durations for what a new connection cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    pub intended_ns: u64,
    pub eligible_ns: u64,
    pub start_ns: u64,
    pub sent_ns: u64,
    pub written_ns: u64,
    pub first_byte_ns: u64,
    pub done_ns: u64,
    pub dns_ns: Option<u64>,
    pub connect_ns: Option<u64>,
    pub tls_ns: Option<u64>,
}

impl Times {
    pub fn response_ns(&self) -> u64 {
        self.done_ns.saturating_sub(self.intended_ns)
    }

    /// None when nothing was ever sent.
    pub fn service_ns(&self) -> Option<u64> {
        (self.sent_ns > 0).then(|| self.done_ns.saturating_sub(self.sent_ns))
    }

    pub fn lateness_ns(&self) -> u64 {
        self.start_ns.saturating_sub(self.eligible_ns)
    }

    /// Each phase that happened, with its duration.
    pub fn phases(&self) -> impl Iterator<Item = (Measure, u64)> {
        let sent = self.sent_ns > 0;
        let answered = self.first_byte_ns > 0;
        [
            (Measure::Dns, self.dns_ns),
            (Measure::Connect, self.connect_ns),
            (Measure::Tls, self.tls_ns),
            (Measure::Send, sent.then(|| self.written_ns.saturating_sub(self.sent_ns))),
            (Measure::Wait, answered.then(|| self.first_byte_ns.saturating_sub(self.written_ns))),
            (Measure::Receive, answered.then(|| self.done_ns.saturating_sub(self.first_byte_ns))),
        ]
        .into_iter()
        .filter_map(|(measure, duration)| duration.map(|duration| (measure, duration)))
    }
}

/// A finished request, as the recorder counts it.
pub struct Finished<'a> {
    pub step: StepId,
    pub outcome: Outcome,
    pub status: u16,
    pub times: &'a Times,
    pub bytes_sent: u64,
    pub bytes_received: u64,
}

#[derive(Default)]
struct StepRecord {
    requests: u64,
    outcomes: [u64; Outcome::COUNT],
    statuses: Vec<(u16, u64)>,
    bytes_sent: u64,
    bytes_received: u64,
    measures: [Histogram; MEASURES.len()],
    slowest_ns: u64,
    failed_kept: [u8; Outcome::COUNT],
}

struct Step {
    name: Box<str>,
    kind: StepKind,
    record: StepRecord,
}

#[derive(Default)]
pub struct Recorder {
    steps: Vec<Step>,
    by_name: FastMap<Box<str>, StepId>,
    lateness: Histogram,
    checks: FastMap<Box<str>, CheckTally>,
    records: FastMap<Box<str>, RecordTally>,
    exemplars: Vec<(StepId, Exemplar)>,
    pub reconnects: u64,
    pub requests_interrupted: u64,
}

impl Recorder {
    /// The id of a step's name; made on first sight.
    pub fn step(&mut self, name: &str, kind: StepKind) -> StepId {
        if let Some(step) = self.by_name.get(name) {
            return *step;
        }
        if self.steps.len() >= MAX_STEPS && name != OTHER {
            return self.step(OTHER, StepKind::Request);
        }
        let step = self.steps.len() as StepId;
        self.steps.push(Step { name: name.into(), kind, record: StepRecord::default() });
        self.by_name.insert(name.into(), step);
        step
    }

    pub fn step_name(&self, step: StepId) -> &str {
        &self.steps[step as usize].name
    }

    /// Counts a finished request.
    pub fn request(&mut self, finished: &Finished<'_>) {
        let record = &mut self.steps[finished.step as usize].record;
        record.requests += 1;
        record.outcomes[finished.outcome as usize] += 1;
        record.bytes_sent += finished.bytes_sent;
        record.bytes_received += finished.bytes_received;
        if finished.status > 0 {
            match record.statuses.iter_mut().find(|(status, _)| *status == finished.status) {
                Some((_, count)) => *count += 1,
                None => record.statuses.push((finished.status, 1)),
            }
        }
        record.measures[Measure::Response as usize].record(finished.times.response_ns());
        if let Some(service_ns) = finished.times.service_ns() {
            record.measures[Measure::Service as usize].record(service_ns);
        }
        for (measure, duration_ns) in finished.times.phases() {
            record.measures[measure as usize].record(duration_ns);
        }
        self.lateness.record(finished.times.lateness_ns());
    }

    /// Whether this request is worth keeping whole: the slowest of its second, or one of the first
    /// failures of its kind. Ask after `request`; follow with `keep`.
    pub fn wants_exemplar(&mut self, finished: &Finished<'_>) -> bool {
        let record = &mut self.steps[finished.step as usize].record;
        if finished.outcome != Outcome::Ok {
            let kept = &mut record.failed_kept[finished.outcome as usize];
            *kept = kept.saturating_add(1);
            return usize::from(*kept) <= MAX_FAILED_EXEMPLARS;
        }
        let response_ns = finished.times.response_ns();
        let slowest = response_ns > record.slowest_ns;
        if slowest {
            record.slowest_ns = response_ns;
        }
        slowest
    }

    /// Keeps an exemplar; of successes only the slowest of each step stays.
    pub fn keep(&mut self, step: StepId, exemplar: Exemplar) {
        if exemplar.outcome == Outcome::Ok.name() {
            self.exemplars
                .retain(|(other, kept)| *other != step || kept.outcome != exemplar.outcome);
        }
        self.exemplars.push((step, exemplar));
    }

    /// A step that is no request of ours: a group or a foreign call.
    pub fn timed(
        &mut self,
        step: StepId,
        outcome: Outcome,
        response_ns: u64,
        service_ns: Option<u64>,
    ) {
        let record = &mut self.steps[step as usize].record;
        record.requests += 1;
        record.outcomes[outcome as usize] += 1;
        record.measures[Measure::Response as usize].record(response_ns);
        if let Some(service_ns) = service_ns {
            record.measures[Measure::Service as usize].record(service_ns);
        }
    }

    /// A request that had been counted as fine turned out wrong: a check or the scenario's code
    /// failed.
    pub fn condemn(&mut self, step: StepId, outcome: Outcome) {
        self.steps[step as usize].record.outcomes[outcome as usize] += 1;
    }

    pub fn lateness(&mut self, lateness_ns: u64) {
        self.lateness.record(lateness_ns);
    }

    pub fn check(&mut self, name: &str, ok: bool) {
        let tally = match self.checks.get_mut(name) {
            Some(tally) => tally,
            None => self.checks.entry(name.into()).or_default(),
        };
        if ok {
            tally.passed += 1;
        } else {
            tally.failed += 1;
        }
    }

    pub fn value(&mut self, name: &str, value: f64, unit: &str) {
        self.records.entry(name.into()).or_insert_with(|| RecordTally::of(unit)).add(value);
    }

    /// Moves everything since the last call into a tally.
    pub fn take(&mut self, tally: &mut Tally) {
        for step in &mut self.steps {
            let record = &mut step.record;
            if record.requests > 0 || record.outcomes.iter().any(|count| *count > 0) {
                tally.steps.insert(step.name.to_string(), step_tally(step.kind, record));
                record.clear();
            }
        }
        tally.lateness = (&self.lateness).into();
        self.lateness.clear();
        tally.checks = self.checks.drain().map(|(name, check)| (name.into(), check)).collect();
        tally.records = self.records.drain().map(|(name, record)| (name.into(), record)).collect();
        tally.exemplars = self.exemplars.drain(..).map(|(_, exemplar)| exemplar).collect();
        tally.reconnects = std::mem::take(&mut self.reconnects);
        tally.requests_interrupted = std::mem::take(&mut self.requests_interrupted);
    }
}

impl StepRecord {
    fn clear(&mut self) {
        let mut measures = std::mem::take(&mut self.measures);
        measures.iter_mut().for_each(Histogram::clear);
        *self = StepRecord { measures, ..StepRecord::default() };
    }
}

fn step_tally(kind: StepKind, record: &StepRecord) -> StepTally {
    let failed = &record.outcomes[1..];
    StepTally {
        kind: kind.name(),
        requests: record.requests,
        errors: failed.iter().sum(),
        error_kinds: Outcome::ALL[1..]
            .iter()
            .zip(failed)
            .filter(|(_, count)| **count > 0)
            .map(|(outcome, count)| (outcome.name(), *count))
            .collect(),
        statuses: record
            .statuses
            .iter()
            .map(|(status, count)| (status.to_string(), *count))
            .collect(),
        bytes_sent: record.bytes_sent,
        bytes_received: record.bytes_received,
        measures: MEASURES
            .iter()
            .zip(&record.measures)
            .filter(|(_, histogram)| histogram.count() > 0)
            .map(|(name, histogram)| (*name, histogram.into()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(step: StepId, outcome: Outcome, times: &Times) -> Finished<'_> {
        Finished { step, outcome, status: 200, times, bytes_sent: 10, bytes_received: 20 }
    }

    #[test]
    fn a_request_is_counted_once_in_every_column() {
        let mut recorder = Recorder::default();
        let step = recorder.step("login", StepKind::Request);
        let times = Times {
            intended_ns: 100,
            eligible_ns: 100,
            start_ns: 110,
            sent_ns: 120,
            written_ns: 120,
            first_byte_ns: 170,
            done_ns: 180,
            ..Times::default()
        };
        recorder.request(&finished(step, Outcome::Http5xx, &times));
        let mut tally = Tally::default();
        recorder.take(&mut tally);
        let login = &tally.steps["login"];
        assert_eq!((login.requests, login.errors, login.error_kinds["http_5xx"]), (1, 1, 1));
        assert_eq!((login.measures["response"].total, login.measures["service"].total), (80, 60));
        assert_eq!((login.measures["wait"].total, login.measures["receive"].total), (50, 10));
        assert_eq!(tally.lateness.total, 10);
        let mut empty = Tally::default();
        recorder.take(&mut empty);
        assert!(empty.steps.is_empty());
    }

    #[test]
    fn steps_past_the_limit_share_one_row() {
        let mut recorder = Recorder::default();
        for index in 0..MAX_STEPS + 50 {
            recorder.step(&format!("step {index}"), StepKind::Request);
        }
        assert_eq!(recorder.steps.len(), MAX_STEPS + 1);
        assert_eq!(recorder.step_name(recorder.steps.len() as u32 - 1), OTHER);
    }
}

//! A worker's configuration: one JSON document from `load/worker.py`, validated here once.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use perfwright_kernel::arrivals::Process;
use perfwright_kernel::guard::Guard;
use perfwright_kernel::recording::Recording;
use perfwright_kernel::schedule::{GroupPlan, Model, Schedule, Share};
use perfwright_kernel::settings::{Proxy, Reuse, Settings};
use perfwright_kernel::shape::Segment;
use perfwright_kernel::tls::TlsOptions;
use perfwright_kernel::trace_context::TraceContexts;
use serde::Deserialize;

const NS_PER_S: f64 = 1e9;
/// How long `finally` blocks may run once a user is told to stop.
const CLEANUP_NS: u64 = 2_000_000_000;
const MAX_REDIRECTS: u8 = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub groups: Vec<Group>,
    pub origin_ns: u64,
    pub seed: u64,
    pub worker: u64,
    pub workers: u64,
    pub max_users: Option<usize>,
    pub connections: String,
    pub timeout_s: f64,
    pub connect_timeout_s: f64,
    pub response_timeout_s: Option<f64>,
    pub grace_s: f64,
    pub max_body_bytes: usize,
    pub insecure: bool,
    pub ca: Option<PathBuf>,
    pub client_cert: Option<PathBuf>,
    pub client_key: Option<PathBuf>,
    pub resolve: Vec<(String, u16, IpAddr)>,
    pub proxy: Option<String>,
    /// Public hosts that may be asked.
    pub allow_targets: Vec<String>,
    /// About so many requests a second are traced (`traceparent`), by all workers together; at 0
    /// none carries the header.
    pub traces_per_s: f64,
    /// Keep every exchange whole (`--once`).
    pub trace: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub model: String,
    pub process: String,
    /// `[start_s, end_s, from, to]`.
    pub segments: Vec<(f64, f64, f64, f64)>,
    /// Index of the scenario and its weight.
    pub scenarios: Vec<(u16, f64)>,
}

impl Config {
    pub fn parse(text: &str) -> Result<Config, String> {
        serde_json::from_str(text).map_err(|error| format!("worker configuration: {error}"))
    }

    /// `recording`: of a replay, whose arrivals are listed in it.
    pub fn schedule(&self, recording: Option<&Arc<Recording>>) -> Result<Schedule, String> {
        let share = Share { worker: self.worker, workers: self.workers };
        let plans = self.groups.iter().map(|group| group.plan(recording)).collect();
        let max_users = self.max_users.unwrap_or(usize::MAX);
        Schedule::new(plans, self.origin_ns, self.seed, share, max_users).map_err(|e| e.to_string())
    }

    pub fn settings(&self) -> Result<Settings, String> {
        let proxy = self.proxy.as_deref().map(Proxy::parse).transpose()?;
        let total_timeout_ns = ns(self.timeout_s);
        Ok(Settings {
            reuse: match self.connections.as_str() {
                "shared" => Reuse::Shared,
                "new" => Reuse::New,
                _ => Reuse::PerUser,
            },
            connect_timeout_ns: ns(self.connect_timeout_s),
            response_timeout_ns: self.response_timeout_s.map_or(total_timeout_ns, ns),
            total_timeout_ns,
            grace_ns: ns(self.grace_s),
            cleanup_ns: CLEANUP_NS,
            keep_limit: self.max_body_bytes,
            max_redirects: MAX_REDIRECTS,
            tls: TlsOptions {
                insecure: self.insecure,
                ca: self.ca.clone(),
                client: self.client_cert.clone().zip(self.client_key.clone()),
            },
            resolve: self.resolve.clone(),
            proxy,
            guard: Guard::new(self.allow_targets.iter().cloned()),
            traces: TraceContexts::new(
                self.traces_per_s / self.workers as f64,
                self.seed.wrapping_add(self.origin_ns),
                self.worker,
            ),
        })
    }
}

impl Group {
    fn plan(&self, recording: Option<&Arc<Recording>>) -> GroupPlan {
        let model = match (recording, self.model.as_str(), self.process.as_str()) {
            (Some(recording), ..) => Model::Open(Process::Listed(Arc::clone(recording))),
            (_, "closed", _) => Model::Closed,
            (_, _, "poisson") => Model::Open(Process::Poisson),
            _ => Model::Open(Process::Uniform),
        };
        GroupPlan { model, segments: segments(&self.segments), scenarios: self.scenarios.clone() }
    }
}

pub fn ns(seconds: f64) -> u64 {
    (seconds * NS_PER_S).round() as u64
}

pub fn segments(parts: &[(f64, f64, f64, f64)]) -> Vec<Segment> {
    let segment = |&(start_s, end_s, from, to): &(f64, f64, f64, f64)| Segment {
        start_ns: ns(start_s),
        end_ns: ns(end_s),
        from,
        to,
    };
    parts.iter().map(segment).collect()
}

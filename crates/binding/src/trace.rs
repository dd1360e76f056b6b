//! `--once`: every exchange as `model/exchange.py` wants it, of a long body the start.

use perfwright_kernel::driver::Answer;
use perfwright_kernel::reactor::Shared;
use perfwright_kernel::recorder::MEASURES;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

/// More of a body than anybody reads in a terminal.
const SHOWN_BYTES: usize = 1 << 20;

fn start(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(SHOWN_BYTES)]
}

struct Exchange {
    step: String,
    url: String,
    method: String,
    request: Vec<u8>,
    request_head_len: usize,
    response: Vec<u8>,
    response_head_len: usize,
    status: u16,
    outcome: &'static str,
    message: String,
    response_ns: u64,
    service_ns: u64,
    phases: Vec<(&'static str, u64)>,
}

#[derive(Default)]
pub struct Trace(Vec<Exchange>);

impl Trace {
    pub fn add(&mut self, answer: &Answer, shared: &Shared) {
        let request = &answer.request;
        let origins = shared.origins.borrow();
        let mut sent = request.head().to_vec();
        sent.extend_from_slice(start(request.body_bytes()));
        self.0.push(Exchange {
            step: shared.recorder.borrow().step_name(request.step).to_owned(),
            url: format!("{}{}", origins.origin(request.origin), request.target()),
            method: request.method().to_owned(),
            request: sent,
            request_head_len: request.head().len(),
            response: start(&answer.content.bytes).to_vec(),
            response_head_len: answer.content.head_len,
            status: answer.status,
            outcome: answer.outcome.name(),
            message: answer.message.as_deref().unwrap_or_default().to_owned(),
            response_ns: answer.times.response_ns(),
            service_ns: answer.times.service_ns().unwrap_or(0),
            phases: answer.times.phases().map(|(m, ns)| (MEASURES[m as usize], ns)).collect(),
        });
    }

    /// `(step, method, url, request, request_head_len, response, response_head_len, status,
    /// outcome, message, response_ns, service_ns, phases)` of each exchange since the last call.
    pub fn take<'py>(&mut self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.0
            .drain(..)
            .map(|exchange| {
                let phases = PyDict::new(py);
                for (name, duration_ns) in &exchange.phases {
                    phases.set_item(name, duration_ns)?;
                }
                let texts = (exchange.step, exchange.method, exchange.url).into_pyobject(py)?;
                let bytes = (
                    PyBytes::new(py, &exchange.request),
                    exchange.request_head_len,
                    PyBytes::new(py, &exchange.response),
                    exchange.response_head_len,
                );
                let ended = (exchange.status, exchange.outcome, exchange.message);
                let times = (exchange.response_ns, exchange.service_ns, phases);
                let parts = [
                    texts,
                    bytes.into_pyobject(py)?,
                    ended.into_pyobject(py)?,
                    times.into_pyobject(py)?,
                ];
                let items: Vec<Bound<'py, PyAny>> =
                    parts.iter().flat_map(|part| part.iter()).collect();
                PyTuple::new(py, items)
            })
            .collect()
    }
}

//! `Response`: what a scenario gets for a request. Lazy: headers, text and JSON are read when asked
//! for.

use std::sync::{Arc, OnceLock};

use perfwright_kernel::decode::decode;
use perfwright_kernel::driver::Answer;
use perfwright_kernel::http1::head::{header, headers};
use perfwright_kernel::outcome::Outcome;
use perfwright_kernel::url::Origin;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};

use crate::json;

/// A body that unpacks to more than this is a bomb.
pub const MAX_DECODED_BYTES: usize = 1 << 30;
static HEADERS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

#[pyclass(frozen, module = "perfwright._kernel")]
pub struct Response {
    answer: Answer,
    origin: Arc<Origin>,
    decoded: OnceLock<Vec<u8>>,
}

impl Response {
    pub fn new(answer: Answer, origin: Arc<Origin>) -> Response {
        Response { answer, origin, decoded: OnceLock::new() }
    }

    fn head(&self) -> &[u8] {
        &self.answer.content.bytes[..self.answer.content.head_len]
    }

    fn describe(&self) -> String {
        format!("{} {}", self.answer.request.method(), self.url())
    }

    /// The body without its content coding.
    fn body(&self) -> PyResult<&[u8]> {
        let content = &self.answer.content;
        if content.truncated {
            return Err(PyValueError::new_err(format!(
                "{}: the body has {} bytes, more than max_body keeps; \
                 raise it: Test(max_body=\"1GB\")",
                self.describe(),
                content.body_bytes
            )));
        }
        let raw = &content.bytes[content.head_len..];
        let Some(coding) = header(self.head(), "content-encoding") else {
            return Ok(raw);
        };
        if let Some(decoded) = self.decoded.get() {
            return Ok(decoded);
        }
        let coding = String::from_utf8_lossy(coding);
        let decoded = decode(&coding, raw, MAX_DECODED_BYTES)
            .map_err(|error| PyValueError::new_err(format!("{}: {error}", self.describe())))?;
        Ok(self.decoded.get_or_init(|| decoded))
    }

    /// What another coding than UTF-8 the Content-Type names.
    fn charset(&self) -> Option<&str> {
        header(self.head(), "content-type").and_then(charset)
    }

    /// The text of a body that is UTF-8 unless its Content-Type says otherwise.
    fn decode_text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let body = self.body()?;
        match (self.charset(), std::str::from_utf8(body)) {
            (None, Ok(text)) => Ok(PyString::new(py, text).into_any()),
            (charset, _) => PyBytes::new(py, body)
                .call_method1("decode", (charset.unwrap_or("utf-8"), "replace"))
                .or_else(|_| PyBytes::new(py, body).call_method1("decode", ("utf-8", "replace"))),
        }
    }

    /// The JSON of a body that is UTF-8 and plain.
    fn plain_json<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let text = std::str::from_utf8(self.body()?).ok();
        Ok(text.filter(|_| self.charset().is_none()).and_then(|text| json::read(py, text)))
    }
}

/// The charset parameter of a Content-Type, unless it is UTF-8 anyway.
fn charset(content_type: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(content_type).ok()?;
    let charset = text
        .split(';')
        .skip(1)
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"'))?;
    (!charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("utf8"))
        .then_some(charset)
}

#[pymethods]
impl Response {
    #[getter]
    fn status(&self) -> u16 {
        self.answer.status
    }

    #[getter]
    fn ok(&self) -> bool {
        self.answer.outcome == Outcome::Ok
    }

    #[getter]
    fn error(&self) -> Option<&'static str> {
        (self.answer.outcome != Outcome::Ok).then(|| self.answer.outcome.name())
    }

    #[getter]
    fn error_message(&self) -> Option<&str> {
        self.answer.message.as_deref()
    }

    #[getter]
    fn url(&self) -> String {
        format!("{}{}", self.origin, self.answer.request.target())
    }

    #[getter]
    fn elapsed_s(&self) -> f64 {
        let times = &self.answer.times;
        times.service_ns().unwrap_or(times.done_ns.saturating_sub(times.start_ns)) as f64 / 1e9
    }

    #[getter]
    fn response_s(&self) -> f64 {
        self.answer.times.response_ns() as f64 / 1e9
    }

    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let pairs: Vec<(&str, String)> = headers(self.head())
            .map(|(name, value)| (name, value.iter().map(|byte| *byte as char).collect()))
            .collect();
        HEADERS.import(py, "perfwright.load.headers", "Headers")?.call1((pairs,))
    }

    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, self.body()?))
    }

    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.decode_text(py)
    }

    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.answer.status == 0 {
            let message = self.answer.message.as_deref().unwrap_or("no answer");
            let text = format!("{} has no JSON: {message}", self.describe());
            return Err(PyValueError::new_err(text));
        }
        if let Some(value) = self.plain_json(py)? {
            return Ok(value);
        }
        let text = self.decode_text(py)?;
        json::decode(&text).map_err(|error| {
            let start: String = text.to_string().chars().take(60).collect();
            PyValueError::new_err(format!(
                "{} (HTTP {}) is no JSON ({}): it starts with {start:?}",
                self.describe(),
                self.answer.status,
                error.value(py)
            ))
        })
    }

    fn __repr__(&self) -> String {
        match self.answer.outcome {
            Outcome::Ok => format!("<Response {} {}>", self.answer.status, self.describe()),
            failed => format!("<Response {} {}>", failed.name(), self.describe()),
        }
    }
}

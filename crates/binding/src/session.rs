//! What a user's methods call while its code runs: building requests, checks, values, cookies.
//!
//! One `Session` is shared by all users of a worker. It only touches what the reactor touches
//! between batches, so nothing is locked; `current` is the strand whose code is running.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use perfwright_kernel::clock::monotonic_ns;
use perfwright_kernel::origins::OriginId;
use perfwright_kernel::outcome::Outcome;
use perfwright_kernel::reactor::Shared;
use perfwright_kernel::recorder::{StepId, StepKind};
use perfwright_kernel::request::{MappedFile, Parts, Request};
use perfwright_kernel::schedule::UserId;
use perfwright_kernel::step_name;
use perfwright_kernel::url::{self, Origin};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::arguments::{Options, OwnBody, OwnHeaders};
use crate::config::ns;
use crate::op::{Op, Wish};

static URLENCODE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// What is known of the strand whose code runs now.
#[derive(Clone, Copy, Default)]
pub struct Current {
    /// Its last request, while that still counts as fine.
    pub last: Option<StepId>,
    /// Failures so far in this iteration.
    pub failures: u32,
    /// When what it awaited last was complete or due.
    pub intended_ns: u64,
}

pub struct State {
    pub shared: Shared,
    pub current: Cell<Current>,
    pub iterations: RefCell<Vec<u32>>,
    base: OriginId,
    base_path: String,
    base_auth: Option<String>,
    headers: Vec<(String, String)>,
    files: RefCell<HashMap<PathBuf, Arc<MappedFile>>>,
    name: RefCell<String>,
}

impl State {
    /// `target`: the URL that relative ones start from.
    pub fn new(
        shared: Shared,
        target: &str,
        headers: Vec<(String, String)>,
    ) -> Result<State, String> {
        let (origin, path) = url::parse(target).map_err(|error| format!("target: {error}"))?;
        let base = shared.origins.borrow_mut().intern(&origin);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        Ok(State {
            shared,
            current: Cell::default(),
            iterations: RefCell::default(),
            base,
            base_path: path.trim_end_matches('/').to_owned(),
            base_auth: url::basic_auth(target),
            headers,
            files: RefCell::default(),
            name: RefCell::default(),
        })
    }

    /// The last request turned out wrong.
    pub fn condemn(&self, outcome: Outcome) {
        let mut current = self.current.get();
        if let Some(step) = current.last.take() {
            self.shared.recorder.borrow_mut().condemn(step, outcome);
        }
        current.failures += 1;
        self.current.set(current);
    }

    fn mapped(&self, path: PathBuf) -> PyResult<Arc<MappedFile>> {
        if let Some(file) = self.files.borrow().get(&path) {
            return Ok(Arc::clone(file));
        }
        let file = MappedFile::open(&path)
            .map_err(|error| PyOSError::new_err(format!("body: {}: {error}", path.display())))?;
        let file = Arc::new(file);
        self.files.borrow_mut().insert(path, Arc::clone(&file));
        Ok(file)
    }

    /// Where a URL of the scenario leads: origin, target, and whether it is not the test's own
    /// target.
    fn locate<'u>(&self, written: &'u str) -> PyResult<(OriginId, Cow<'u, str>, Option<Origin>)> {
        if written.starts_with('/') && !written.starts_with("//") {
            let target = match self.base_path.as_str() {
                "" => Cow::Borrowed(written),
                path => Cow::Owned(format!("{path}{written}")),
            };
            return Ok((self.base, target, None));
        }
        if written.is_empty() || written.starts_with('?') {
            let path = if self.base_path.is_empty() { "/" } else { &self.base_path };
            return Ok((self.base, Cow::Owned(format!("{path}{written}")), None));
        }
        let (origin, target) =
            url::parse(written).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let id = self.shared.origins.borrow_mut().intern(&origin);
        Ok((id, Cow::Owned(target), (id != self.base).then_some(origin)))
    }

    fn step(
        &self,
        name: Option<&str>,
        method: &str,
        target: &str,
        foreign: Option<&Origin>,
    ) -> StepId {
        let mut recorder = self.shared.recorder.borrow_mut();
        if let Some(name) = name {
            return recorder.step(name, StepKind::Request);
        }
        let mut folded = self.name.borrow_mut();
        folded.clear();
        step_name::fold(method, target, &mut folded);
        match foreign {
            None => recorder.step(&folded, StepKind::Request),
            Some(origin) => {
                let path = folded.strip_prefix(method).unwrap_or(&folded).trim_start();
                recorder.step(&format!("{method} {}{path}", origin.authority()), StepKind::Request)
            }
        }
    }
}

#[pyclass(unsendable, frozen, module = "perfwright._kernel")]
pub struct Session(pub Rc<State>);

#[pymethods]
impl Session {
    /// Builds a request; awaiting what this returns sends it.
    fn request(&self, method: &str, url: &str, given: &Bound<'_, PyDict>) -> PyResult<Op> {
        let state = &self.0;
        let options = Options::read(given)?;
        let (origin, mut target, foreign) = state.locate(url)?;
        let name = options.name.as_ref().map(|name| name.to_str()).transpose()?;
        let step = state.step(name, method, &target, foreign.as_ref());
        if let Some(params) = &options.params {
            let query = url_encoded(params)?;
            if !query.is_empty() {
                let joint = if target.contains('?') { '&' } else { '?' };
                target = Cow::Owned(format!("{target}{joint}{query}"));
            }
        }
        let (form, form_type) = options.form(given.py())?;
        let content_type =
            if options.json.is_some() { Some("application/json") } else { form_type.as_deref() };
        let from_url = url.contains('@').then(|| url::basic_auth(url)).flatten();
        let of_test = state.base_auth.as_ref().filter(|_| foreign.is_none());
        let authorization = options.authorization.as_ref().or(from_url.as_ref()).or(of_test);
        let implied =
            [("Content-Type", content_type), ("Authorization", authorization.map(String::as_str))];
        let own = OwnHeaders::read(options.headers.as_ref())?;
        let all = own.merged(implied, &state.headers)?;
        let body = OwnBody::read(options.json.as_ref(), form.as_ref(), |path| state.mapped(path))?;
        let prefix = Rc::clone(state.shared.origins.borrow().prefix(origin));
        let parts = Parts {
            step,
            origin,
            prefix: &prefix,
            method,
            target: &target,
            headers: &all,
            body: body.parts(),
        };
        let mut request =
            Request::new(parts).map_err(|error| PyValueError::new_err(error.to_string()))?;
        request.connect_timeout_ns = options.timeout.0.map(ns);
        request.timeout_ns = options.timeout.1.map(ns);
        request.follow_redirects = !options.keep_redirects;
        request.expect = options.expect.into_boxed_slice();
        Ok(Op::new(Wish::Request(Arc::new(request))))
    }

    fn think(&self, seconds: f64) -> Op {
        Op::new(Wish::Think(seconds))
    }

    fn pace(&self, seconds: f64) -> Op {
        Op::new(Wish::Pace(seconds))
    }

    fn gather(&self, awaitables: Vec<Py<PyAny>>) -> Op {
        Op::new(Wish::Gather(awaitables))
    }

    fn future(&self, submit: &Bound<'_, PyAny>, name: &str) -> PyResult<Op> {
        let step = self.0.shared.recorder.borrow_mut().step(name, StepKind::Call);
        let start_ns = monotonic_ns();
        let future = submit.call0()?.unbind();
        Ok(Op::new(Wish::Future { future, step, start_ns }))
    }

    fn check(&self, name: &str, ok: &Bound<'_, PyAny>) -> PyResult<bool> {
        let passed = ok.is_truthy()?;
        self.0.shared.recorder.borrow_mut().check(name, passed);
        if !passed {
            self.0.condemn(Outcome::Check);
        }
        Ok(passed)
    }

    fn record(&self, name: &str, value: f64, unit: &str) {
        self.0.shared.recorder.borrow_mut().value(name, value, unit);
    }

    /// When what the running code awaited last was complete or due, and its failures so far.
    fn mark(&self) -> (u64, u32) {
        let current = self.0.current.get();
        (current.intended_ns, current.failures)
    }

    /// A named group of requests that began at `since` (a mark) ends now.
    fn group(&self, name: &str, since: (u64, u32), raised: bool) {
        let current = self.0.current.get();
        let failed = raised || current.failures > since.1;
        let outcome = if failed { Outcome::Check } else { Outcome::Ok };
        let outcome = if raised { Outcome::Exception } else { outcome };
        let mut recorder = self.0.shared.recorder.borrow_mut();
        let step = recorder.step(name, StepKind::Group);
        recorder.timed(step, outcome, current.intended_ns.saturating_sub(since.0), None);
    }

    fn iteration(&self, user: UserId) -> u32 {
        self.0.iterations.borrow().get(user as usize).copied().unwrap_or(0)
    }

    fn cookies(&self, user: UserId) -> Vec<(String, String, String)> {
        let jars = self.0.shared.jars.borrow();
        let Some(jar) = jars.get(user) else {
            return Vec::new();
        };
        let text = |value: &str| value.to_owned();
        jar.iter()
            .map(|cookie| (text(&cookie.name), text(&cookie.value), text(&cookie.domain)))
            .collect()
    }

    fn set_cookie(
        &self,
        user: UserId,
        name: &str,
        value: &str,
        host: Option<&str>,
    ) -> PyResult<()> {
        let origins = self.0.shared.origins.borrow();
        let host = host.unwrap_or(&origins.origin(self.0.base).host);
        let mut jars = self.0.shared.jars.borrow_mut();
        jars.get_mut(user)
            .set(name, value, host)
            .map_err(|error| PyValueError::new_err(error.to_string()))
    }

    fn clear_cookies(&self, user: UserId) {
        self.0.shared.jars.borrow_mut().get_mut(user).clear();
    }

    /// `@user_start` is done: its cookies stay for all iterations.
    fn remember_cookies(&self, user: UserId) {
        self.0.shared.jars.borrow_mut().remember_start(user);
    }
}

/// `urllib.parse.urlencode`, lists becoming repeated names.
fn url_encoded(params: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = params.cast::<PyString>() {
        return Ok(text.to_str()?.to_owned());
    }
    URLENCODE.import(params.py(), "urllib.parse", "urlencode")?.call1((params, true))?.extract()
}

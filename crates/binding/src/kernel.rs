//! `Kernel`: one worker's reactor as Python sees it: run it in slices, take tallies, change its
//! load.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use perfwright_kernel::driver::Driver;
use perfwright_kernel::native::NativeDriver;
use perfwright_kernel::origins::Origins;
use perfwright_kernel::poller::Waker;
use perfwright_kernel::reactor::{Reactor, Shared, State as Phase};
use perfwright_kernel::recorder::StepKind;
use perfwright_kernel::recording::{Files, Recording};
use perfwright_kernel::replay::ReplayDriver;
use perfwright_kernel::request::{BodyParts, Parts, Request};
use perfwright_kernel::step_name;
use perfwright_kernel::tally::Tally;
use perfwright_kernel::url;
use pyo3::exceptions::{PyAssertionError, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::config::{Config, segments};
use crate::driver::{Hooks, PyDriver};
use crate::gil::Parked;
use crate::holds::HoldWatch;
use crate::session::{Session, State};
use crate::trace::Trace;

enum Engine {
    Native(Box<Reactor<NativeDriver>>),
    Replay(Box<Reactor<ReplayDriver>>),
    Scenarios(Box<Reactor<PyDriver>>),
}

#[pyclass(unsendable, module = "perfwright._kernel")]
pub struct Kernel {
    engine: Engine,
    parked: Parked,
    session: Option<Py<Session>>,
}

/// Wakes a kernel's `run` from any thread.
#[pyclass(frozen, module = "perfwright._kernel")]
pub struct KernelWaker(Waker);

#[pymethods]
impl KernelWaker {
    fn wake(&self) {
        self.0.wake();
    }
}

macro_rules! each {
    ($engine:expr, $reactor:ident => $body:expr) => {
        match $engine {
            Engine::Native($reactor) => $body,
            Engine::Replay($reactor) => $body,
            Engine::Scenarios($reactor) => $body,
        }
    };
}

#[pymethods]
impl Kernel {
    /// URL mode: every iteration is this one request, without Python.
    #[staticmethod]
    fn for_url(
        config: &str,
        method: &str,
        headers: Vec<(String, String)>,
        body: Option<Vec<u8>>,
    ) -> PyResult<Kernel> {
        let config = Config::parse(config).map_err(PyValueError::new_err)?;
        let shared = Shared::default();
        let headers = with_authorization(&config, headers);
        let request = url_request(&config, &shared, method, &headers, body.as_deref())?;
        let driver = NativeDriver::new(vec![request.into()]);
        let engine = Engine::Native(reactor_of(&config, shared, driver, None)?);
        Ok(Kernel { engine, parked: Parked::default(), session: None })
    }

    /// A replay: arrival n is request n of the recording in these files, without Python.
    #[staticmethod]
    fn for_replay(
        config: &str,
        entries: PathBuf,
        text: PathBuf,
        steps: PathBuf,
        headers: Vec<(String, String)>,
    ) -> PyResult<Kernel> {
        let config = Config::parse(config).map_err(PyValueError::new_err)?;
        let shared = Shared::default();
        let invalid = |error| PyValueError::new_err(format!("target: {error}"));
        let (origin, _) = url::parse(&config.target).map_err(invalid)?;
        let recording = Arc::new(Recording::open(&Files { entries, text, steps })?);
        let headers = with_authorization(&config, headers);
        let driver = ReplayDriver::new(Arc::clone(&recording), shared.clone(), &origin, headers);
        let engine = Engine::Replay(reactor_of(&config, shared, driver, Some(&recording))?);
        Ok(Kernel { engine, parked: Parked::default(), session: None })
    }

    /// Scenarios: `(async function, name)` each; see `driver.rs` for what the hooks get.
    #[staticmethod]
    #[allow(clippy::too_many_arguments)]
    fn for_scenarios(
        py: Python<'_>,
        config: &str,
        scenarios: Vec<(Py<PyAny>, String)>,
        first: Option<Py<PyAny>>,
        make_user: Py<PyAny>,
        note_error: Py<PyAny>,
        locate: Py<PyAny>,
        thread_id: u64,
    ) -> PyResult<Kernel> {
        let config = Config::parse(config).map_err(PyValueError::new_err)?;
        let shared = Shared::default();
        let state = State::new(shared.clone(), &config.target, config.headers.clone());
        let state = Rc::new(state.map_err(PyValueError::new_err)?);
        let session = Py::new(py, Session(Rc::clone(&state)))?;
        let hooks = Hooks { scenarios, first, make_user, note_error };
        let parked = Parked::default();
        let holds = HoldWatch::start(locate, thread_id);
        let trace = config.trace.then(Trace::default);
        let driver = PyDriver::new(hooks, state, parked.clone(), holds, trace);
        let mut reactor = reactor_of(&config, shared, driver, None)?;
        reactor.driver.waker = Some(reactor.waker());
        Ok(Kernel { engine: Engine::Scenarios(reactor), parked, session: Some(session) })
    }

    /// What users' methods call.
    #[getter]
    fn session(&self, py: Python<'_>) -> PyResult<Py<Session>> {
        let none = || PyAssertionError::new_err("URL mode has no session");
        self.session.as_ref().map(|session| session.clone_ref(py)).ok_or_else(none)
    }

    fn waker(&self) -> KernelWaker {
        KernelWaker(each!(&self.engine, reactor => reactor.waker()))
    }

    /// Runs until `until_ns` (monotonic), until the waker calls, or until all is over: then True.
    fn run(&mut self, until_ns: u64) -> PyResult<bool> {
        let released = self.parked.release();
        let phase = each!(&mut self.engine, reactor => reactor.run(until_ns));
        drop(released);
        Ok(phase? == Phase::Over)
    }

    /// Begins nothing more; what is under way may finish within the grace period.
    fn stop(&mut self) {
        each!(&mut self.engine, reactor => reactor.stop());
    }

    /// Unwinds all users now.
    fn stop_now(&mut self) {
        each!(&mut self.engine, reactor => reactor.stop_now());
    }

    /// From `at_ns` (monotonic) on, group `group` follows these segments (seconds since the
    /// origin).
    fn set_load(
        &mut self,
        group: usize,
        at_ns: u64,
        parts: Vec<(f64, f64, f64, f64)>,
    ) -> PyResult<()> {
        let parts = segments(&parts);
        each!(&mut self.engine, reactor => reactor.schedule_mut().replace_from(group, at_ns, parts))
            .map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Everything counted since the last call, as JSON (`Tally.from_wire`).
    fn take_tally<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut tally = Tally::default();
        each!(&mut self.engine, reactor => reactor.take_tally(&mut tally));
        let text = serde_json::to_vec(&tally).map_err(|e| PyValueError::new_err(e.to_string()))?;
        Ok(PyBytes::new(py, &text))
    }

    /// Code that held the loop: `(file, line, count, total_ns, longest_ns)` since the last call.
    fn take_holds(&mut self) -> Vec<(String, u32, u64, u64, u64)> {
        let Engine::Scenarios(reactor) = &mut self.engine else {
            return Vec::new();
        };
        let flat = |((file, line), hold): ((String, u32), crate::holds::Hold)| {
            (file, line, hold.count, hold.total_ns, hold.longest_ns)
        };
        reactor.driver.holds.take().into_iter().map(flat).collect()
    }

    /// The exchanges of `--once` since the last call.
    fn take_trace<'py>(&mut self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        match &mut self.engine {
            Engine::Scenarios(reactor) => match &mut reactor.driver.trace {
                Some(trace) => trace.take(py),
                None => Ok(Vec::new()),
            },
            Engine::Native(_) | Engine::Replay(_) => Ok(Vec::new()),
        }
    }

    /// Ends the watching thread.
    fn close(&mut self) {
        if let Engine::Scenarios(reactor) = &mut self.engine {
            let _released = self.parked.release();
            reactor.driver.holds.stop();
        }
    }
}

/// `recording`: of a replay.
fn reactor_of<D: Driver>(
    config: &Config,
    shared: Shared,
    driver: D,
    recording: Option<&Arc<Recording>>,
) -> PyResult<Box<Reactor<D>>> {
    let settings = config.settings().map_err(PyValueError::new_err)?;
    let schedule = config.schedule(recording).map_err(PyValueError::new_err)?;
    let reactor = Reactor::new(driver, shared, settings, schedule).map_err(PyOSError::new_err)?;
    Ok(Box::new(reactor))
}

/// The headers, and `Authorization` from the target's user and password unless it is among them.
fn with_authorization(
    config: &Config,
    mut headers: Vec<(String, String)>,
) -> Vec<(String, String)> {
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        let given = url::basic_auth(&config.target);
        headers.extend(given.map(|value| ("Authorization".to_owned(), value)));
    }
    headers
}

fn url_request(
    config: &Config,
    shared: &Shared,
    method: &str,
    headers: &[(String, String)],
    body: Option<&[u8]>,
) -> PyResult<Request> {
    let invalid = |error: String| PyValueError::new_err(error);
    let (origin, target) =
        url::parse(&config.target).map_err(|e| invalid(format!("target: {e}")))?;
    let mut name = String::new();
    step_name::fold(method, &target, &mut name);
    let step = shared.recorder.borrow_mut().step(&name, StepKind::Request);
    let mut origins: std::cell::RefMut<'_, Origins> = shared.origins.borrow_mut();
    let id = origins.intern(&origin);
    let prefix = Rc::clone(origins.prefix(id));
    let all: Vec<(&str, Option<&str>)> =
        headers.iter().map(|(name, value)| (name.as_str(), Some(value.as_str()))).collect();
    let body = body.map_or(BodyParts::None, BodyParts::Bytes);
    let parts =
        Parts { step, origin: id, prefix: &prefix, method, target: &target, headers: &all, body };
    Request::new(parts).map_err(|error| invalid(error.to_string()))
}

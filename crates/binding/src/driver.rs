//! The Python driver: resumes coroutines by hand and turns what they yield into the kernel's
//! actions.
//!
//! ```text
//! wake ──► strand ── PyIter_Send ──► yields an Op ──► action (request, sleep, gather, call)
//!                        │
//!                        ├─► returns ──► its parent's result, or the iteration ends
//!                        └─► raises ───► told to `note_error`; the iteration ends
//! ```
//!
//! A whole batch runs under one hold of the GIL. No asyncio: what yields anything but an `Op`
//! awaited something foreign, and is told how to bridge it.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use perfwright_kernel::clock::monotonic_ns;
use perfwright_kernel::driver::{Action, Answer, Driver, Ended, Task, Wake};
use perfwright_kernel::outcome::Outcome;
use perfwright_kernel::poller::Waker;
use perfwright_kernel::schedule::{Begin, UserId};
use pyo3::exceptions::{PyRuntimeError, PyStopIteration, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::calls::{Completion, Completions};
use crate::context::Context;
use crate::gil::Parked;
use crate::holds::HoldWatch;
use crate::op::{Op, Wish};
use crate::response::Response;
use crate::session::{Current, State};
use crate::strands::{Call, Gathering, Parent, Strand, Strands};
use crate::trace::Trace;

pyo3::create_exception!(
    _kernel,
    Stopped,
    pyo3::exceptions::PyBaseException,
    "The run is over: thrown into scenarios that are still under way."
);
pyo3::create_exception!(
    _kernel,
    ForeignAwait,
    PyTypeError,
    "A scenario awaited something that belongs to asyncio or another event loop."
);

const BRIDGE: &str = "scenarios run without asyncio; await user.asyncio(…) to run a coroutine on an \
    asyncio loop, await user.thread(function, …) for blocking code, await user.think(s) to wait";

/// The functions of the test file and of `load/worker.py`.
pub struct Hooks {
    pub scenarios: Vec<(Py<PyAny>, String)>,
    /// `(scenario, user)` → coroutine: `@user_start` and then the scenario; used for first
    /// iterations.
    pub first: Option<Py<PyAny>>,
    /// `(local number)` → User.
    pub make_user: Py<PyAny>,
    /// `(scenario name, exception)` → whether it is no error but the end: data used up.
    pub note_error: Py<PyAny>,
}

enum Input {
    Value(Py<PyAny>),
    Error(PyErr),
}

enum Output {
    Yielded(Py<PyAny>),
    Returned(Py<PyAny>),
    Raised(PyErr),
}

struct UserState {
    object: Py<PyAny>,
    context: Context,
    root: Option<u32>,
    scenario: u16,
    intended_ns: u64,
}

pub struct PyDriver {
    hooks: Hooks,
    state: Rc<State>,
    parked: Parked,
    users: Vec<Option<UserState>>,
    strands: Strands,
    ready: VecDeque<(u32, Input)>,
    pub completions: Arc<Completions>,
    pub waker: Option<Waker>,
    pub holds: HoldWatch,
    pub trace: Option<Trace>,
}

impl PyDriver {
    pub fn new(
        hooks: Hooks,
        state: Rc<State>,
        parked: Parked,
        holds: HoldWatch,
        trace: Option<Trace>,
    ) -> PyDriver {
        PyDriver {
            hooks,
            state,
            parked,
            users: Vec::new(),
            strands: Strands::default(),
            ready: VecDeque::new(),
            completions: Arc::default(),
            waker: None,
            holds,
            trace,
        }
    }

    fn batch(&mut self, py: Python<'_>, wakes: &mut Vec<Wake>, actions: &mut Vec<Action>) {
        let mut now_ns = monotonic_ns();
        for (task, done_ns) in self.completions.take() {
            self.on_call_done(py, task, done_ns);
        }
        while let Some((index, input)) = self.ready.pop_front() {
            now_ns = self.resume(py, index, input, now_ns, actions);
        }
        for wake in wakes.drain(..) {
            match wake {
                Wake::Begin(begin) => self.on_begin(py, begin, actions),
                Wake::Answer(task, answer) => self.on_answer(py, task, answer),
                Wake::Slept(task, due_ns) => {
                    if let Some(strand) = self.strands.awaited(task) {
                        strand.current.intended_ns = strand.current.intended_ns.max(due_ns);
                        strand.eligible_ns = strand.current.intended_ns;
                        self.ready.push_back((task.index, Input::Value(py.None())));
                    }
                }
                Wake::Stop(user) => self.on_stop(py, user, actions),
            }
            while let Some((index, input)) = self.ready.pop_front() {
                now_ns = self.resume(py, index, input, now_ns, actions);
            }
        }
        self.holds.idle();
    }

    fn on_begin(&mut self, py: Python<'_>, begin: Begin, actions: &mut Vec<Action>) {
        let user = begin.user as usize;
        if self.users.len() <= user {
            self.users.resize_with(user + 1, || None);
            self.state.iterations.borrow_mut().resize(user + 1, 0);
        }
        self.state.iterations.borrow_mut()[user] = begin.iteration;
        self.state.shared.jars.borrow_mut().reset(begin.user);
        match self.start(py, begin) {
            Ok((coroutine, context)) => {
                let current = Current {
                    intended_ns: begin.intended_ns,
                    ..Current::default()
                };
                let root = self.strands.insert(Strand {
                    coroutine,
                    context,
                    user: begin.user,
                    parent: None,
                    ticket: 0,
                    current,
                    eligible_ns: begin.eligible_ns,
                    gathering: None,
                    call: None,
                });
                if let Some(state) = &mut self.users[user] {
                    state.root = Some(root);
                    state.scenario = begin.scenario;
                    state.intended_ns = begin.intended_ns;
                }
                self.ready.push_back((root, Input::Value(py.None())));
            }
            Err(error) => {
                self.state.current.take();
                let how = self.failed(py, begin.scenario, &error, actions);
                let user = begin.user;
                actions.push(Action::End { user, how });
            }
        }
    }

    /// The coroutine of a new iteration, and its user's context; makes the user at its first.
    fn start(&mut self, py: Python<'_>, begin: Begin) -> PyResult<(Py<PyAny>, Context)> {
        let place = &mut self.users[begin.user as usize];
        let state = match place {
            Some(state) => state,
            None => place.insert(UserState {
                object: self.hooks.make_user.call1(py, (begin.user,))?,
                context: Context::new(py)?,
                root: None,
                scenario: begin.scenario,
                intended_ns: begin.intended_ns,
            }),
        };
        let scenario = &self.hooks.scenarios[begin.scenario as usize].0;
        let coroutine = match &self.hooks.first {
            Some(first) if begin.iteration == 0 => first.call1(py, (scenario, &state.object)),
            _ => scenario.call1(py, (&state.object,)),
        }?;
        Ok((coroutine, state.context.clone_ref(py)))
    }

    fn on_answer(&mut self, py: Python<'_>, task: Task, answer: Answer) {
        if let Some(trace) = &mut self.trace {
            trace.add(&answer, &self.state.shared);
        }
        let Some(strand) = self.strands.awaited(task) else {
            return;
        };
        let fine = answer.outcome == Outcome::Ok;
        strand.current.last = fine.then_some(answer.request.step);
        strand.current.failures += u32::from(!fine);
        strand.current.intended_ns = answer.times.done_ns;
        strand.eligible_ns = answer.times.done_ns;
        let origin = Arc::clone(
            self.state
                .shared
                .origins
                .borrow()
                .origin(answer.request.origin),
        );
        let input = match Py::new(py, Response::new(answer, origin)) {
            Ok(response) => Input::Value(response.into_any()),
            Err(error) => Input::Error(error),
        };
        self.ready.push_back((task.index, input));
    }

    fn on_call_done(&mut self, py: Python<'_>, task: Task, done_ns: u64) {
        let Some(strand) = self.strands.awaited(task) else {
            return;
        };
        let Some(call) = strand.call.take() else {
            return;
        };
        let result = call.future.call_method0(py, "result");
        let outcome = if result.is_ok() {
            Outcome::Ok
        } else {
            Outcome::Exception
        };
        strand.current.last = result.is_ok().then_some(call.step);
        strand.current.failures += u32::from(result.is_err());
        strand.current.intended_ns = done_ns;
        strand.eligible_ns = done_ns;
        let (response_ns, service_ns) = (done_ns - call.intended_ns, done_ns - call.start_ns);
        let mut recorder = self.state.shared.recorder.borrow_mut();
        recorder.timed(call.step, outcome, response_ns, Some(service_ns));
        drop(recorder);
        let input = result.map_or_else(Input::Error, Input::Value);
        self.ready.push_back((task.index, input));
    }

    /// Gives up whatever the user waits for and throws `Stopped` into its scenario.
    fn on_stop(&mut self, py: Python<'_>, user: UserId, actions: &mut Vec<Action>) {
        let root = self.users[user as usize]
            .as_ref()
            .and_then(|state| state.root);
        if let Some(root) = root {
            self.halt(py, root, actions);
        }
    }

    /// A gathering strand hears of it when all that it gathers have unwound.
    fn halt(&mut self, py: Python<'_>, index: u32, actions: &mut Vec<Action>) {
        let Some(strand) = self.strands.get(index) else {
            return;
        };
        let error = Stopped::new_err("the run is over");
        if let Some(gathering) = &mut strand.gathering {
            gathering.error = Some(error);
            for child in gathering.children.clone() {
                // A place whose strand has ended may be another's by now.
                if self.strands.parent(child) == Some(index) {
                    self.halt(py, child, actions);
                }
            }
            return;
        }
        if let Some(call) = strand.call.take() {
            // Its result no longer matters, nor whether it could be stopped.
            let _ = call.future.call_method0(py, "cancel");
        }
        let generation = strand.ticket;
        actions.push(Action::Cancel(Task { index, generation }));
        self.strands.ticket(index);
        self.ready.push_back((index, Input::Error(error)));
    }

    /// Runs a strand until it waits or ends. Returns the time after it.
    fn resume(
        &mut self,
        py: Python<'_>,
        index: u32,
        input: Input,
        since_ns: u64,
        actions: &mut Vec<Action>,
    ) -> u64 {
        let Some(strand) = self.strands.get(index) else {
            return since_ns;
        };
        let coroutine = strand.coroutine.clone_ref(py);
        let context = strand.context.clone_ref(py);
        self.state.current.set(strand.current);
        self.holds.enter(since_ns);
        let entered = context.enter(py);
        let mut output = send(py, &coroutine, input);
        let mut wish = None;
        while let Output::Yielded(yielded) = &output {
            wish = yielded
                .cast_bound::<Op>(py)
                .ok()
                .and_then(|op| op.borrow().take());
            if wish.is_some() {
                break;
            }
            output = send(py, &coroutine, Input::Error(foreign(py, yielded)));
        }
        drop(entered);
        let now_ns = monotonic_ns();
        self.holds
            .leave(since_ns, now_ns, || standing(py, &coroutine));
        if let Some(strand) = self.strands.get(index) {
            strand.current = self.state.current.get();
        }
        match (output, wish) {
            (Output::Yielded(_), Some(wish)) => self.grant(py, index, wish, now_ns, actions),
            (Output::Yielded(_), None) => unreachable!("the loop ends with a wish"),
            (Output::Returned(value), _) => self.ended(py, index, Ok(value), actions),
            (Output::Raised(error), _) => self.ended(py, index, Err(error), actions),
        }
        now_ns
    }

    fn grant(
        &mut self,
        py: Python<'_>,
        index: u32,
        wish: Wish,
        now_ns: u64,
        actions: &mut Vec<Action>,
    ) {
        let task = self.strands.ticket(index);
        let Some(strand) = self.strands.get(index) else {
            return;
        };
        let (user, intended_ns) = (strand.user, strand.current.intended_ns);
        match wish {
            Wish::Request(request) => {
                let eligible_ns = strand.eligible_ns;
                actions.push(Action::Request {
                    task,
                    user,
                    request,
                    intended_ns,
                    eligible_ns,
                });
            }
            Wish::Think(seconds) => {
                actions.push(Action::Sleep {
                    task,
                    until_ns: intended_ns.saturating_add(crate::config::ns(seconds)),
                });
            }
            Wish::Pace(seconds) => {
                let start_ns = self.users[user as usize]
                    .as_ref()
                    .map_or(0, |user| user.intended_ns);
                actions.push(Action::Sleep {
                    task,
                    until_ns: start_ns.saturating_add(crate::config::ns(seconds)),
                });
            }
            Wish::Gather(awaitables) => self.gather(py, index, awaitables),
            Wish::Future { future, step } => {
                self.state
                    .shared
                    .recorder
                    .borrow_mut()
                    .lateness(now_ns.saturating_sub(strand.eligible_ns));
                let call = Call {
                    future: future.clone_ref(py),
                    step,
                    intended_ns,
                    start_ns: now_ns,
                };
                strand.call = Some(Box::new(call));
                let waker = self.waker.clone().expect("set before the first turn");
                let completions = Arc::clone(&self.completions);
                let completion = Completion {
                    task,
                    completions,
                    waker,
                };
                if let Err(error) = future.call_method1(py, "add_done_callback", (completion,)) {
                    self.ready.push_back((index, Input::Error(error)));
                }
            }
        }
    }

    fn gather(&mut self, py: Python<'_>, index: u32, awaitables: Vec<Py<PyAny>>) {
        let Some(parent) = self.strands.get(index) else {
            return;
        };
        let (user, eligible_ns) = (parent.user, parent.eligible_ns);
        let context = parent.context.clone_ref(py);
        let current = Current {
            failures: 0,
            ..parent.current
        };
        if awaitables.is_empty() {
            self.ready
                .push_back((index, Input::Value(PyList::empty(py).into_any().unbind())));
            return;
        }
        let contexts: PyResult<Vec<_>> = awaitables.iter().map(|_| context.copy(py)).collect();
        let contexts = match contexts {
            Ok(contexts) => contexts,
            Err(error) => return self.ready.push_back((index, Input::Error(error))),
        };
        let mut children = Vec::with_capacity(awaitables.len());
        for (position, (coroutine, context)) in awaitables.into_iter().zip(contexts).enumerate() {
            let parent = Some(Parent {
                strand: index,
                position,
            });
            let child = self.strands.insert(Strand {
                coroutine,
                context,
                user,
                parent,
                ticket: 0,
                current,
                eligible_ns,
                gathering: None,
                call: None,
            });
            self.ready.push_back((child, Input::Value(py.None())));
            children.push(child);
        }
        let results = children.iter().map(|_| None).collect();
        let missing = children.len();
        if let Some(parent) = self.strands.get(index) {
            parent.gathering = Some(Box::new(Gathering {
                children,
                results,
                missing,
                error: None,
            }));
        }
    }

    fn ended(
        &mut self,
        py: Python<'_>,
        index: u32,
        result: PyResult<Py<PyAny>>,
        actions: &mut Vec<Action>,
    ) {
        let Some(strand) = self.strands.remove(index) else {
            return;
        };
        match strand.parent {
            Some(parent) => self.child_ended(py, &strand, parent, result),
            None => self.iteration_ended(py, &strand, result, actions),
        }
    }

    fn child_ended(
        &mut self,
        py: Python<'_>,
        child: &Strand,
        parent: Parent,
        result: PyResult<Py<PyAny>>,
    ) {
        let Some(strand) = self.strands.get(parent.strand) else {
            return;
        };
        let intended_ns = strand.current.intended_ns.max(child.current.intended_ns);
        strand.current.intended_ns = intended_ns;
        strand.current.failures += child.current.failures;
        strand.current.last = child.current.last;
        strand.eligible_ns = intended_ns;
        let Some(gathering) = &mut strand.gathering else {
            return;
        };
        match result {
            Ok(value) => gathering.results[parent.position] = Some(value),
            Err(error) => {
                gathering.error.get_or_insert(error);
            }
        }
        gathering.missing -= 1;
        if gathering.missing > 0 {
            return;
        }
        let Some(gathering) = strand.gathering.take() else {
            return;
        };
        let input = match gathering.error {
            Some(error) => Input::Error(error),
            None => match PyList::new(py, gathering.results.into_iter().flatten()) {
                Ok(list) => Input::Value(list.into_any().unbind()),
                Err(error) => Input::Error(error),
            },
        };
        self.ready.push_back((parent.strand, input));
    }

    fn iteration_ended(
        &mut self,
        py: Python<'_>,
        strand: &Strand,
        result: PyResult<Py<PyAny>>,
        actions: &mut Vec<Action>,
    ) {
        let user = strand.user;
        let scenario = self.users[user as usize].as_mut().map_or(0, |state| {
            state.root = None;
            state.scenario
        });
        let how = match result {
            Ok(_) => Ended::Completed,
            Err(error) if error.is_instance_of::<Stopped>(py) => Ended::Interrupted,
            Err(error) => {
                self.state.current.set(strand.current);
                self.failed(py, scenario, &error, actions)
            }
        };
        actions.push(Action::End { user, how });
    }

    /// An iteration raised: an error, unless a unique feeder is used up, which ends the load.
    fn failed(
        &self,
        py: Python<'_>,
        scenario: u16,
        error: &PyErr,
        actions: &mut Vec<Action>,
    ) -> Ended {
        if self.note(py, scenario, error) {
            actions.push(Action::Finish);
            return Ended::Interrupted;
        }
        self.state.condemn(Outcome::Exception);
        Ended::Failed
    }

    fn note(&self, py: Python<'_>, scenario: u16, error: &PyErr) -> bool {
        // `value` alone would come without its traceback on Python 3.11.
        let value = error.clone_ref(py).into_value(py).into_bound(py);
        let tells = |text: &str| text.contains("event loop") || text.contains("async library");
        let foreign = error.is_instance_of::<PyRuntimeError>(py)
            && value.str().is_ok_and(|text| text.to_str().is_ok_and(tells));
        if foreign {
            // Python 3.11 notes end up below the traceback.
            let _ = value.call_method1("add_note", (BRIDGE,));
        }
        let name = &self.hooks.scenarios[scenario as usize].1;
        let noted = self.hooks.note_error.call1(py, (name, value));
        noted
            .and_then(|exhausted| exhausted.is_truthy(py))
            .unwrap_or_else(|problem| {
                problem.write_unraisable(py, None);
                false
            })
    }
}

impl Driver for PyDriver {
    const KEEPS_BODIES: bool = true;

    fn turn(&mut self, wakes: &mut Vec<Wake>, actions: &mut Vec<Action>) {
        let parked = self.parked.clone();
        parked.taken(|py| self.batch(py, wakes, actions));
    }

    fn wants_turn(&self) -> bool {
        self.completions.any()
    }
}

/// One `send` or `throw`.
fn send(py: Python<'_>, coroutine: &Py<PyAny>, input: Input) -> Output {
    let value = match input {
        Input::Value(value) => value,
        Input::Error(error) => {
            return match coroutine.call_method1(py, "throw", (error,)) {
                Ok(yielded) => Output::Yielded(yielded),
                Err(error) if error.is_instance_of::<PyStopIteration>(py) => {
                    let value = error.value(py).getattr("value");
                    Output::Returned(value.map_or_else(|_| py.None(), Bound::unbind))
                }
                Err(error) => Output::Raised(error),
            };
        }
    };
    let mut result = std::ptr::null_mut();
    // SAFETY: both are live objects; on NEXT and RETURN `result` is a new reference.
    unsafe {
        match ffi::PyIter_Send(coroutine.as_ptr(), value.as_ptr(), &mut result) {
            ffi::PySendResult::PYGEN_NEXT => Output::Yielded(owned(py, result)),
            ffi::PySendResult::PYGEN_RETURN => Output::Returned(owned(py, result)),
            ffi::PySendResult::PYGEN_ERROR => Output::Raised(PyErr::fetch(py)),
        }
    }
}

/// # Safety
/// `object` is a new reference.
unsafe fn owned(py: Python<'_>, object: *mut ffi::PyObject) -> Py<PyAny> {
    // SAFETY: as promised by the caller.
    unsafe { Bound::from_owned_ptr(py, object).unbind() }
}

fn foreign(py: Python<'_>, yielded: &Py<PyAny>) -> PyErr {
    let bound = yielded.bind(py);
    let what = match bound.cast::<Op>() {
        Ok(_) => {
            "this was awaited before: call user.get(…) (or the like) anew for each await".into()
        }
        Err(_) if bound.is_none() => format!("a bare yield (asyncio.sleep(0), perhaps): {BRIDGE}"),
        Err(_) => {
            let kind = bound
                .get_type()
                .name()
                .map(|name| name.to_string())
                .unwrap_or_default();
            format!("a foreign awaitable ({kind}): {BRIDGE}")
        }
    };
    ForeignAwait::new_err(what)
}

/// The file and line at which a coroutine is suspended, or begins if it has ended.
fn standing(py: Python<'_>, coroutine: &Py<PyAny>) -> (String, u32) {
    let read = || -> PyResult<(String, u32)> {
        let coroutine = coroutine.bind(py);
        let code = coroutine.getattr("cr_code")?;
        let frame = coroutine.getattr("cr_frame")?;
        let line = match frame.is_none() {
            true => code.getattr("co_firstlineno")?,
            false => frame.getattr("f_lineno")?,
        };
        Ok((code.getattr("co_filename")?.extract()?, line.extract()?))
    };
    read().unwrap_or_default()
}

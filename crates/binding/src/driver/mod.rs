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
//! awaited something foreign, and is told how to bridge it. `resume.rs` carries a strand along,
//! `coroutine.rs` sends and throws.

pub mod coroutine;
mod resume;

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use perfwright_kernel::clock::monotonic_ns;
use perfwright_kernel::driver::{Action, Answer, Driver, Task, Wake};
use perfwright_kernel::outcome::Outcome;
use perfwright_kernel::poller::Waker;
use perfwright_kernel::schedule::{Begin, UserId};
use pyo3::prelude::*;

use self::coroutine::{Input, Stopped};
use crate::calls::Completions;
use crate::context::Context;
use crate::gil::Parked;
use crate::holds::HoldWatch;
use crate::response::Response;
use crate::session::{Current, State};
use crate::strands::{Strand, Strands};
use crate::trace::Trace;

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
                let current = Current { intended_ns: begin.intended_ns, ..Current::default() };
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
        let origin = Arc::clone(self.state.shared.origins.borrow().origin(answer.request.origin));
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
        let outcome = if result.is_ok() { Outcome::Ok } else { Outcome::Exception };
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
        let root = self.users[user as usize].as_ref().and_then(|state| state.root);
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

//! A strand's way from one wait to the next: resumed, granted its wish, or ended.

use std::sync::Arc;

use perfwright_kernel::clock::monotonic_ns;
use perfwright_kernel::driver::{Action, Ended};
use perfwright_kernel::outcome::Outcome;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use super::PyDriver;
use super::coroutine::{BRIDGE, Input, Output, Stopped, foreign, send, standing};
use crate::calls::Completion;
use crate::op::{Op, Wish};
use crate::session::Current;
use crate::strands::{Call, Gathering, Parent, Strand};

impl PyDriver {
    /// Runs a strand until it waits or ends. Returns the time after it.
    pub(super) fn resume(
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
            wish = yielded.cast_bound::<Op>(py).ok().and_then(|op| op.borrow().take());
            if wish.is_some() {
                break;
            }
            output = send(py, &coroutine, Input::Error(foreign(py, yielded)));
        }
        drop(entered);
        let now_ns = monotonic_ns();
        self.holds.leave(since_ns, now_ns, || standing(py, &coroutine));
        if let Some(strand) = self.strands.get(index) {
            strand.current = self.state.current.get();
        }
        match (output, wish) {
            (Output::Yielded(_), Some(wish)) => self.grant(py, index, wish, actions),
            (Output::Yielded(_), None) => unreachable!("the loop ends with a wish"),
            (Output::Returned(value), _) => self.ended(py, index, Ok(value), actions),
            (Output::Raised(error), _) => self.ended(py, index, Err(error), actions),
        }
        now_ns
    }

    fn grant(&mut self, py: Python<'_>, index: u32, wish: Wish, actions: &mut Vec<Action>) {
        let task = self.strands.ticket(index);
        let Some(strand) = self.strands.get(index) else {
            return;
        };
        let (user, intended_ns) = (strand.user, strand.current.intended_ns);
        match wish {
            Wish::Request(request) => {
                let eligible_ns = strand.eligible_ns;
                actions.push(Action::Request { task, user, request, intended_ns, eligible_ns });
            }
            Wish::Think(seconds) => {
                actions.push(Action::Sleep {
                    task,
                    until_ns: intended_ns.saturating_add(crate::config::ns(seconds)),
                });
            }
            Wish::Pace(seconds) => {
                let start_ns =
                    self.users[user as usize].as_ref().map_or(0, |user| user.intended_ns);
                actions.push(Action::Sleep {
                    task,
                    until_ns: start_ns.saturating_add(crate::config::ns(seconds)),
                });
            }
            Wish::Gather(awaitables) => self.gather(py, index, awaitables),
            Wish::Future { future, step, start_ns } => {
                self.state
                    .shared
                    .recorder
                    .borrow_mut()
                    .lateness(start_ns.saturating_sub(strand.eligible_ns));
                let call = Call { future: future.clone_ref(py), step, intended_ns, start_ns };
                strand.call = Some(Box::new(call));
                let waker = self.waker.clone().expect("set before the first turn");
                let completions = Arc::clone(&self.completions);
                let completion = Completion { task, completions, waker };
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
        let current = Current { failures: 0, ..parent.current };
        if awaitables.is_empty() {
            self.ready.push_back((index, Input::Value(PyList::empty(py).into_any().unbind())));
            return;
        }
        let contexts: PyResult<Vec<_>> = awaitables.iter().map(|_| context.copy(py)).collect();
        let contexts = match contexts {
            Ok(contexts) => contexts,
            Err(error) => return self.ready.push_back((index, Input::Error(error))),
        };
        let mut children = Vec::with_capacity(awaitables.len());
        for (position, (coroutine, context)) in awaitables.into_iter().zip(contexts).enumerate() {
            let parent = Some(Parent { strand: index, position });
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
            parent.gathering =
                Some(Box::new(Gathering { children, results, missing, error: None }));
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
    pub(super) fn failed(
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

    pub(super) fn note(&self, py: Python<'_>, scenario: u16, error: &PyErr) -> bool {
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
        noted.and_then(|exhausted| exhausted.is_truthy(py)).unwrap_or_else(|problem| {
            problem.write_unraisable(py, None);
            false
        })
    }
}

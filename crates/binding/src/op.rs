//! What a scenario's coroutine yields to the reactor: a wish, taken once.

use std::cell::Cell;
use std::sync::Arc;

use perfwright_kernel::recorder::StepId;
use perfwright_kernel::request::Request;
use pyo3::prelude::*;

pub enum Wish {
    Request(Arc<Request>),
    /// Seconds after what the task awaited before.
    Think(f64),
    /// Seconds after the iteration was meant to start.
    Pace(f64),
    /// Awaitables to run side by side.
    Gather(Vec<Py<PyAny>>),
    /// A `concurrent.futures.Future`, submitted just after `start_ns`.
    Future {
        future: Py<PyAny>,
        step: StepId,
        start_ns: u64,
    },
}

/// Opaque to Python: only the kernel makes them, only awaiting them makes sense.
#[pyclass(unsendable, frozen, module = "perfwright._kernel")]
pub struct Op(Cell<Option<Wish>>);

impl Op {
    pub fn new(wish: Wish) -> Op {
        Op(Cell::new(Some(wish)))
    }

    /// None when it was awaited before.
    pub fn take(&self) -> Option<Wish> {
        self.0.take()
    }
}

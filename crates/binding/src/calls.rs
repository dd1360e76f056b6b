//! Foreign calls (`user.asyncio`, `user.thread`): their futures end on other threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use perfwright_kernel::clock::monotonic_ns;
use perfwright_kernel::driver::Task;
use perfwright_kernel::poller::Waker;
use pyo3::prelude::*;

/// Tasks whose futures are done, and when; filled by any thread, emptied by the reactor's.
#[derive(Default)]
pub struct Completions {
    any: AtomicBool,
    done: Mutex<Vec<(Task, u64)>>,
}

impl Completions {
    pub fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    pub fn take(&self) -> Vec<(Task, u64)> {
        self.any.store(false, Ordering::Release);
        self.done.lock().map(|mut done| std::mem::take(&mut *done)).unwrap_or_default()
    }

    fn push(&self, task: Task) {
        if let Ok(mut done) = self.done.lock() {
            done.push((task, monotonic_ns()));
        }
        self.any.store(true, Ordering::Release);
    }
}

/// The `add_done_callback` of one call.
#[pyclass(frozen, module = "perfwright._kernel")]
pub struct Completion {
    pub task: Task,
    pub completions: Arc<Completions>,
    pub waker: Waker,
}

#[pymethods]
impl Completion {
    fn __call__(&self, _future: &Bound<'_, PyAny>) {
        self.completions.push(self.task);
        self.waker.wake();
    }
}

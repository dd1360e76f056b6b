//! Giving up the GIL around a run, taking it for each batch.
//!
//! `Python::detach` wants a closure it can send; a reactor is full of `Rc`. So the thread state is
//! parked by hand: `Released` gives the GIL up for its lifetime, and `taken` takes it for one batch
//! in between.

use std::cell::Cell;
use std::rc::Rc;

use pyo3::ffi;
use pyo3::prelude::*;

/// Where the thread state rests while the GIL is released.
#[derive(Clone, Default)]
pub struct Parked(Rc<Cell<Option<*mut ffi::PyThreadState>>>);

/// The GIL is released while this lives.
pub struct Released(Parked);

impl Parked {
    /// Releases the GIL. The caller must hold it, and touch no Python object until `taken` or the
    /// end.
    pub fn release(&self) -> Released {
        // SAFETY: the caller is attached; the state is restored by `taken` or by drop, on this
        // thread.
        self.0.set(Some(unsafe { ffi::PyEval_SaveThread() }));
        Released(self.clone())
    }

    /// Runs `batch` with the GIL, which is released again after it.
    pub fn taken<R>(&self, batch: impl FnOnce(Python<'_>) -> R) -> R {
        let state = self.0.take().expect("the GIL was released by this thread");
        // SAFETY: `state` is this thread's own, saved by `release`.
        unsafe { ffi::PyEval_RestoreThread(state) };
        let _release_again = ReleaseAgain(self);
        // SAFETY: the GIL is held now.
        batch(unsafe { Python::assume_attached() })
    }
}

struct ReleaseAgain<'a>(&'a Parked);

impl Drop for ReleaseAgain<'_> {
    fn drop(&mut self) {
        // SAFETY: `taken` holds the GIL until here.
        self.0.0.set(Some(unsafe { ffi::PyEval_SaveThread() }));
    }
}

impl Drop for Released {
    fn drop(&mut self) {
        if let Some(state) = self.0.0.take() {
            // SAFETY: this thread's own state, saved by `release` or `taken`.
            unsafe { ffi::PyEval_RestoreThread(state) };
        }
    }
}

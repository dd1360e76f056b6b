//! One coroutine, driven by hand: what goes in, what comes out, and what it must not await.

use pyo3::exceptions::{PyStopIteration, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::op::Op;

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

pub const BRIDGE: &str = "scenarios run without asyncio; await user.asyncio(…) to run a coroutine \
    on an asyncio loop, await user.thread(function, …) for blocking code, await user.think(s) \
    to wait";

pub enum Input {
    Value(Py<PyAny>),
    Error(PyErr),
}

pub enum Output {
    Yielded(Py<PyAny>),
    Returned(Py<PyAny>),
    Raised(PyErr),
}

/// One `send` or `throw`.
pub fn send(py: Python<'_>, coroutine: &Py<PyAny>, input: Input) -> Output {
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

pub fn foreign(py: Python<'_>, yielded: &Py<PyAny>) -> PyErr {
    let bound = yielded.bind(py);
    let what = match bound.cast::<Op>() {
        Ok(_) => {
            "this was awaited before: call user.get(…) (or the like) anew for each await".into()
        }
        Err(_) if bound.is_none() => format!("a bare yield (asyncio.sleep(0), perhaps): {BRIDGE}"),
        Err(_) => {
            let kind = bound.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            format!("a foreign awaitable ({kind}): {BRIDGE}")
        }
    };
    ForeignAwait::new_err(what)
}

/// The file and line at which a coroutine is suspended, or begins if it has ended.
pub fn standing(py: Python<'_>, coroutine: &Py<PyAny>) -> (String, u32) {
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

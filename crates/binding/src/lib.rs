//! `perfwright._kernel`: the thin layer between the Rust kernel and Python.
//!
//! The one place where errors cross: a kernel error becomes ValueError or OSError with its message,
//! a Python error in a scenario becomes a counted failure. Typed and documented in `_kernel.pyi`.

mod arguments;
mod calls;
mod config;
mod context;
mod driver;
mod gil;
mod holds;
mod json;
mod kernel;
mod op;
mod response;
mod rng;
mod session;
mod strands;
mod trace;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Serves known truth on `address` until `keep_serving()` is false; `on_ready(port)` once it
/// listens.
#[pyfunction]
fn serve_calibration(
    py: Python<'_>,
    address: String,
    on_ready: Py<PyAny>,
    keep_serving: Py<PyAny>,
) -> PyResult<()> {
    let ready = |address: std::net::SocketAddr| {
        Python::attach(|py| {
            if let Err(error) = on_ready.call1(py, (address.port(),)) {
                error.write_unraisable(py, None);
            }
        });
    };
    let keep = || {
        Python::attach(|py| {
            py.check_signals().is_ok()
                && keep_serving.call0(py).and_then(|keep| keep.is_truthy(py)).unwrap_or(false)
        })
    };
    py.detach(|| perfwright_lab::serve(&address, ready, keep))?;
    Ok(())
}

/// The body without its content coding; as it is where that fails.
#[pyfunction]
fn decode_body<'py>(py: Python<'py>, content_encoding: &str, body: &[u8]) -> Bound<'py, PyBytes> {
    match perfwright_kernel::decode::decode(content_encoding, body, response::MAX_DECODED_BYTES) {
        Ok(decoded) => PyBytes::new(py, &decoded),
        Err(_) => PyBytes::new(py, body),
    }
}

/// Whether an IP address leads out of what is ours; ValueError for what is none.
#[pyfunction]
fn is_public_address(address: std::net::IpAddr) -> bool {
    perfwright_kernel::guard::is_public(address)
}

#[pyfunction]
fn monotonic_ns() -> u64 {
    perfwright_kernel::clock::monotonic_ns()
}

#[pymodule]
fn _kernel(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    module.add("BUILD_PROFILE", profile)?;
    module.add("Stopped", module.py().get_type::<driver::coroutine::Stopped>())?;
    module.add("ForeignAwait", module.py().get_type::<driver::coroutine::ForeignAwait>())?;
    module.add_class::<kernel::Kernel>()?;
    module.add_class::<kernel::KernelWaker>()?;
    module.add_class::<session::Session>()?;
    module.add_class::<op::Op>()?;
    module.add_class::<response::Response>()?;
    module.add_class::<rng::CounterRng>()?;
    module.add_function(wrap_pyfunction!(decode_body, module)?)?;
    module.add_function(wrap_pyfunction!(is_public_address, module)?)?;
    module.add_function(wrap_pyfunction!(serve_calibration, module)?)?;
    module.add_function(wrap_pyfunction!(monotonic_ns, module)?)
}

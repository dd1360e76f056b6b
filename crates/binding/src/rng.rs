//! The generator behind `user.rng`: 16 bytes where Python's own takes 2.5 kB.

use perfwright_kernel::rng;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFloat, PyInt, PyList, PyTuple};

static RANDOM: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
/// Up to here a float is exactly the integer that it stands for.
const EXACT_IN_FLOAT: i64 = 1 << 53;

/// `random()`, `getrandbits()` and, without Python's detours, the commonest methods of
/// random.Random; `perfwright.load.rng.Rng` adds the others. What is not plain (a step, an empty
/// range, anything but int and float) goes to random.Random's own code, whose results and errors
/// are the same by definition.
#[pyclass(subclass, module = "perfwright._kernel")]
pub struct CounterRng(rng::CounterRng);

impl CounterRng {
    /// Uniform in 0..bound without bias; bound > 0.
    fn below(&mut self, bound: u64) -> u64 {
        let bits = u64::BITS - bound.leading_zeros();
        loop {
            let drawn = self.0.bits() >> (u64::BITS - bits);
            if drawn < bound {
                return drawn;
            }
        }
    }

    /// Uniform in start..stop; None where that is empty or too wide.
    fn within(&mut self, start: i64, stop: i64) -> Option<i64> {
        let width = stop.checked_sub(start).filter(|width| *width > 0)?;
        Some(start + self.below(width as u64) as i64)
    }
}

/// random.Random's own method of this name, bound to our generator.
fn standard<'py>(slf: &Bound<'py, CounterRng>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let class = RANDOM.import(slf.py(), "random", "Random")?;
    class.getattr(name)?.call_method1("__get__", (slf,))
}

fn whole(value: &Bound<'_, PyAny>) -> Option<i64> {
    value.cast_exact::<PyInt>().ok()?.extract().ok()
}

/// A float, or an int that is one exactly.
fn real(value: &Bound<'_, PyAny>) -> Option<f64> {
    match value.cast_exact::<PyFloat>() {
        Ok(float) => Some(float.value()),
        Err(_) => whole(value)
            .filter(|it| (-EXACT_IN_FLOAT..=EXACT_IN_FLOAT).contains(it))
            .map(|it| it as f64),
    }
}

#[pymethods]
impl CounterRng {
    #[new]
    fn new(seed: u64, stream: u64) -> CounterRng {
        CounterRng(rng::CounterRng::new(rng::derive(seed, stream, 0)))
    }

    fn random(&mut self) -> f64 {
        self.0.float()
    }

    fn getrandbits<'py>(&mut self, py: Python<'py>, k: u32) -> PyResult<Bound<'py, PyAny>> {
        if k <= 64 {
            let bits = if k == 0 { 0 } else { self.0.bits() >> (64 - k) };
            return Ok(PyInt::new(py, bits).into_any());
        }
        let len = k.div_ceil(8) as usize;
        let mut bytes: Vec<u8> =
            (0..len.div_ceil(8)).flat_map(|_| self.0.bits().to_le_bytes()).take(len).collect();
        if let (Some(last), spare @ 1..) = (bytes.last_mut(), (len * 8) as u32 - k) {
            *last >>= spare;
        }
        py.get_type::<PyInt>().call_method1("from_bytes", (bytes.as_slice(), "little"))
    }

    /// Uniform in 0..n without bias, as `random.Random._randbelow` draws it.
    fn _randbelow<'py>(
        slf: &Bound<'py, Self>,
        n: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let drawn = match n.extract::<u64>() {
            Ok(0) => 0,
            Ok(bound) => slf.borrow_mut().below(bound),
            Err(_) => return standard(slf, "_randbelow_with_getrandbits")?.call1((n,)),
        };
        Ok(PyInt::new(py, drawn).into_any())
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn randrange<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let range = match (args.len(), kwargs) {
            (1, None) => whole(&args.get_item(0)?).map(|stop| (0, stop)),
            (2, None) => whole(&args.get_item(0)?).zip(whole(&args.get_item(1)?)),
            _ => None,
        };
        match range.and_then(|(start, stop)| slf.borrow_mut().within(start, stop)) {
            Some(drawn) => Ok(PyInt::new(slf.py(), drawn).into_any()),
            None => standard(slf, "randrange")?.call(args, kwargs),
        }
    }

    fn randint<'py>(
        slf: &Bound<'py, Self>,
        a: &Bound<'py, PyAny>,
        b: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let range = whole(a).zip(whole(b).and_then(|last| last.checked_add(1)));
        match range.and_then(|(start, stop)| slf.borrow_mut().within(start, stop)) {
            Some(drawn) => Ok(PyInt::new(slf.py(), drawn).into_any()),
            None => standard(slf, "randint")?.call1((a, b)),
        }
    }

    fn choice<'py>(slf: &Bound<'py, Self>, seq: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match seq.cast_exact::<PyList>() {
            Ok(list) if !list.is_empty() => {
                list.get_item(slf.borrow_mut().below(list.len() as u64) as usize)
            }
            _ => standard(slf, "choice")?.call1((seq,)),
        }
    }

    fn uniform<'py>(
        slf: &Bound<'py, Self>,
        a: &Bound<'py, PyAny>,
        b: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match real(a).zip(real(b)) {
            Some((a, b)) => {
                let drawn = a + (b - a) * slf.borrow_mut().0.float();
                Ok(PyFloat::new(slf.py(), drawn).into_any())
            }
            None => standard(slf, "uniform")?.call1((a, b)),
        }
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyValueError::new_err("user.rng cannot be pickled: take numbers from it instead"))
    }
}

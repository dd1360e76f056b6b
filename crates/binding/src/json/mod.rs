//! JSON both ways at the speed of a load generator.
//!
//! `json.dumps` spends 3 µs on a small dict, mostly on making an encoder; the plain types are
//! written here in a tenth of that. Anything else (a subclass, a float that is no number, a huge
//! int, deep nesting) goes to `json.dumps` whole, so the result and the errors are always Python's
//! own. `read` does the same for reading: `json.loads`, behind it, spends 3 µs on a small object.

mod read;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

pub use self::read::read;

static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
const MAX_DEPTH: usize = 64;

/// Compact UTF-8 JSON of `value`. Fails as `json.dumps` does.
pub fn encode(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let mut out = Vec::with_capacity(128);
    if write(value, &mut out, 0)?.is_some() {
        return Ok(out);
    }
    let py = value.py();
    let options = PyDict::new(py);
    options.set_item("ensure_ascii", false)?;
    options.set_item("separators", (",", ":"))?;
    let text = DUMPS.import(py, "json", "dumps")?.call((value,), Some(&options))?;
    Ok(text.cast::<PyString>()?.to_str()?.as_bytes().to_vec())
}

/// The Python objects of a JSON text. Fails as `json.loads` does.
pub fn decode<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    LOADS.import(text.py(), "json", "loads")?.call1((text,))
}

/// None when this value is for `json.dumps` to judge.
fn write(value: &Bound<'_, PyAny>, out: &mut Vec<u8>, depth: usize) -> PyResult<Option<()>> {
    if depth > MAX_DEPTH {
        return Ok(None);
    }
    if let Ok(text) = value.cast_exact::<PyString>() {
        let Ok(text) = text.to_str() else {
            return Ok(None);
        };
        write_text(text, out);
    } else if value.is_none() {
        out.extend_from_slice(b"null");
    } else if let Ok(truth) = value.cast_exact::<PyBool>() {
        out.extend_from_slice(if truth.is_true() { b"true" } else { b"false" });
    } else if let Ok(number) = value.cast_exact::<PyInt>() {
        let Ok(number) = number.extract::<i64>() else {
            return Ok(None);
        };
        out.extend_from_slice(number.to_string().as_bytes());
    } else if let Ok(dict) = value.cast_exact::<PyDict>() {
        out.push(b'{');
        for (index, (key, item)) in dict.iter().enumerate() {
            let Ok(key) = key.cast_exact::<PyString>() else {
                return Ok(None);
            };
            let Ok(key) = key.to_str() else {
                return Ok(None);
            };
            if index > 0 {
                out.push(b',');
            }
            write_text(key, out);
            out.push(b':');
            if write(&item, out, depth + 1)?.is_none() {
                return Ok(None);
            }
        }
        out.push(b'}');
    } else if let Ok(list) = value.cast_exact::<PyList>() {
        return write_items(list.iter(), out, depth);
    } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        return write_items(tuple.iter(), out, depth);
    } else if value.cast_exact::<PyFloat>().is_ok() {
        let text = value.repr()?;
        let text = text.to_str()?;
        if text.ends_with('f') || text.ends_with('n') {
            return Ok(None); // inf, nan
        }
        out.extend_from_slice(text.as_bytes());
    } else {
        return Ok(None);
    }
    Ok(Some(()))
}

fn write_items<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    out: &mut Vec<u8>,
    depth: usize,
) -> PyResult<Option<()>> {
    out.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if write(&item, out, depth + 1)?.is_none() {
            return Ok(None);
        }
    }
    out.push(b']');
    Ok(Some(()))
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0x08 => b"\\b",
            0x0c => b"\\f",
            0..0x20 => &[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), hex(byte & 15)],
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[from..at]);
        out.extend_from_slice(escape);
        from = at + 1;
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
    out.push(b'"');
}

fn hex(digit: u8) -> u8 {
    if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }
}

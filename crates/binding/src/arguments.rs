//! What a request's Python arguments become: options by name, a header list, a body.

use std::path::PathBuf;
use std::sync::Arc;

use perfwright_kernel::request::{BodyParts, MappedFile};
use perfwright_kernel::url;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyString};
use smallvec::SmallVec;

use crate::json;

static ENCODE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
const NAMES: &str =
    "name, params, headers, json, data, files, auth, timeout, allow_redirects, expect";

/// The keyword arguments of `user.get(…)` and its like; None counts as not given.
#[derive(Default)]
pub struct Options<'py> {
    pub name: Option<Bound<'py, PyString>>,
    pub params: Option<Bound<'py, PyAny>>,
    pub headers: Option<Bound<'py, PyAny>>,
    pub json: Option<Bound<'py, PyAny>>,
    data: Option<Bound<'py, PyAny>>,
    files: Option<Bound<'py, PyAny>>,
    pub authorization: Option<String>,
    /// (connect, in all), s.
    pub timeout: (Option<f64>, Option<f64>),
    pub keep_redirects: bool,
    pub expect: Vec<u16>,
}

impl<'py> Options<'py> {
    /// TypeError for a name that is no option, as Python has it.
    pub fn read(given: &Bound<'py, PyDict>) -> PyResult<Options<'py>> {
        let mut options = Options::default();
        for (name, value) in given {
            let name = name.cast::<PyString>()?;
            if value.is_none() {
                continue;
            }
            match name.to_str()? {
                "name" => options.name = Some(text("name", value)?),
                "params" => options.params = Some(value),
                "headers" => options.headers = Some(value),
                "json" => options.json = Some(value),
                "data" => options.data = Some(value),
                "files" => options.files = Some(value),
                "auth" => options.authorization = Some(authorization(&value)?),
                "timeout" => options.timeout = timeouts(&value)?,
                "allow_redirects" => options.keep_redirects = !value.is_truthy()?,
                "expect" => options.expect = statuses(&value)?,
                other => {
                    let problem = format!("a request has no option {other:?}; it takes {NAMES}");
                    return Err(PyTypeError::new_err(problem));
                }
            }
        }
        if options.json.is_some() && (options.data.is_some() || options.files.is_some()) {
            let problem = "body: json= goes with neither data= nor files=; choose one";
            return Err(PyValueError::new_err(problem));
        }
        Ok(options)
    }

    /// The body of `data` and `files`, and its Content-Type.
    pub fn form(&self, py: Python<'py>) -> PyResult<(Option<Bound<'py, PyAny>>, Option<String>)> {
        if self.data.is_none() && self.files.is_none() {
            return Ok((None, None));
        }
        let encode = ENCODE.import(py, "perfwright.load.body", "encode")?;
        encode.call1((&self.data, &self.files))?.extract()
    }
}

/// A bearer token, or (user, password).
fn authorization(given: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(token) = given.cast::<PyString>() {
        return Ok(format!("Bearer {}", token.to_str()?));
    }
    let (user, password): (String, String) = given.extract().map_err(|_| {
        PyTypeError::new_err("auth: give (user, password), or a bearer token as a str")
    })?;
    Ok(url::basic_credentials(&user, &password))
}

/// Statuses that are no error.
fn statuses(given: &Bound<'_, PyAny>) -> PyResult<Vec<u16>> {
    let wrong = |_| PyTypeError::new_err("expect: give statuses, like {404}");
    given.try_iter().map_err(wrong)?.map(|it| it?.extract().map_err(wrong)).collect()
}

/// Seconds in all, or (connect, in all).
fn timeouts(given: &Bound<'_, PyAny>) -> PyResult<(Option<f64>, Option<f64>)> {
    let pair = match given.extract::<f64>() {
        Ok(total_s) => (None, Some(total_s)),
        Err(_) => given.extract().map_err(|_| {
            PyTypeError::new_err("timeout: give seconds, or (connect, in all) in seconds")
        })?,
    };
    match [pair.0, pair.1].into_iter().flatten().find(|seconds| seconds.is_nan() || *seconds <= 0.0)
    {
        None => Ok(pair),
        Some(seconds) => {
            let problem = format!("timeout: {seconds} s; it must be longer than zero");
            Err(PyValueError::new_err(problem))
        }
    }
}

fn text<'py>(what: &str, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    value.cast_into::<PyString>().map_err(|error| {
        let value = error.into_inner();
        PyValueError::new_err(format!("{what} {value} is no text; write it as a str"))
    })
}

/// The headers that a request was given.
pub struct OwnHeaders<'py> {
    own: Few<(Bound<'py, PyString>, Option<Bound<'py, PyString>>)>,
}

/// Most requests have no more headers than fit without an allocation.
type Few<T> = SmallVec<[T; 6]>;

impl<'py> OwnHeaders<'py> {
    /// From a dict or any mapping of texts; a value of None drops a default.
    pub fn read(headers: Option<&Bound<'py, PyAny>>) -> PyResult<OwnHeaders<'py>> {
        let Some(headers) = headers else {
            return Ok(OwnHeaders { own: Few::new() });
        };
        let mut own = Few::new();
        let mut add = |name: Bound<'py, PyAny>, value: Bound<'py, PyAny>| -> PyResult<()> {
            let value = if value.is_none() { None } else { Some(text("headers: value", value)?) };
            own.push((text("headers: name", name)?, value));
            Ok(())
        };
        if let Ok(dict) = headers.cast::<PyDict>() {
            for (name, value) in dict {
                add(name, value)?;
            }
        } else {
            for pair in headers.call_method0("items")?.try_iter()? {
                let (name, value) = pair?.extract()?;
                add(name, value)?;
            }
        }
        Ok(OwnHeaders { own })
    }

    /// With what the other arguments imply and with the test's headers; the request's own win.
    pub fn merged<'a>(
        &'a self,
        implied: [(&'a str, Option<&'a str>); 2],
        of_test: &'a [(String, String)],
    ) -> PyResult<Few<(&'a str, Option<&'a str>)>> {
        let mut all = Few::new();
        for (name, value) in &self.own {
            let value = value.as_ref().map(|value| value.to_str()).transpose()?;
            all.push((name.to_str()?, value));
        }
        let implied = implied.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let of_test = of_test.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in implied.chain(of_test) {
            if !all.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) {
                all.push((name, Some(value)));
            }
        }
        Ok(all)
    }
}

/// The body that a request was given.
pub enum OwnBody<'a> {
    None,
    Encoded(Vec<u8>),
    Bytes(&'a [u8]),
    Mapped(Arc<MappedFile>),
}

impl<'a> OwnBody<'a> {
    /// `json` to encode, bytes, or the path of a file to map.
    pub fn read(
        json: Option<&Bound<'_, PyAny>>,
        body: Option<&'a Bound<'_, PyAny>>,
        mapped: impl FnOnce(PathBuf) -> PyResult<Arc<MappedFile>>,
    ) -> PyResult<OwnBody<'a>> {
        match (json, body) {
            (Some(value), _) => Ok(OwnBody::Encoded(json::encode(value)?)),
            (None, None) => Ok(OwnBody::None),
            (None, Some(body)) => match body.cast::<PyBytes>() {
                Ok(bytes) => Ok(OwnBody::Bytes(bytes.as_bytes())),
                Err(_) => Ok(OwnBody::Mapped(mapped(body.extract()?)?)),
            },
        }
    }

    pub fn parts(&self) -> BodyParts<'_> {
        match self {
            OwnBody::None => BodyParts::None,
            OwnBody::Encoded(bytes) => BodyParts::Bytes(bytes),
            OwnBody::Bytes(bytes) => BodyParts::Bytes(bytes),
            OwnBody::Mapped(file) => BodyParts::Mapped(Arc::clone(file)),
        }
    }
}

//! What a request's Python arguments become: its header list and its body.

use std::path::PathBuf;
use std::sync::Arc;

use perfwright_kernel::request::{BodyParts, MappedFile};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::json;

/// The headers that a request was given.
pub struct OwnHeaders<'py> {
    own: Vec<(Bound<'py, PyString>, Option<Bound<'py, PyString>>)>,
}

impl<'py> OwnHeaders<'py> {
    /// From a dict or any mapping of texts; a value of None drops a default.
    pub fn read(headers: Option<&Bound<'py, PyAny>>) -> PyResult<OwnHeaders<'py>> {
        let Some(headers) = headers else {
            return Ok(OwnHeaders { own: Vec::new() });
        };
        let text = |what: &str, value: Bound<'py, PyAny>| {
            value.cast_into::<PyString>().map_err(|error| {
                let value = error.into_inner();
                PyValueError::new_err(format!(
                    "headers: {what} {value} is no text; write it as a str"
                ))
            })
        };
        let mut own = Vec::new();
        let mut add = |name: Bound<'py, PyAny>, value: Bound<'py, PyAny>| -> PyResult<()> {
            let value = if value.is_none() { None } else { Some(text("value", value)?) };
            own.push((text("name", name)?, value));
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
    ) -> PyResult<Vec<(&'a str, Option<&'a str>)>> {
        let mut all = Vec::new();
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

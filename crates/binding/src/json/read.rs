//! JSON text to Python objects, for the plain small answers that most are.
//!
//! Gives None, and leaves the text to `json.loads`, for whatever is not plain: an escape in a
//! string, a number too large for 64 bits, deep nesting, and every error, so that its message is
//! Python's own. What it does read is equal to what `json.loads` gives.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use super::MAX_DEPTH;

/// In longer texts the same keys come often, and Python's reader makes only one object of each.
const MAX_BYTES: usize = 16 * 1024;

pub fn read<'py>(py: Python<'py>, text: &str) -> Option<Bound<'py, PyAny>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut reader = Reader { py, text, at: 0, depth: 0 };
    let value = reader.value()?;
    reader.peek().is_none().then_some(value)
}

struct Reader<'py, 'a> {
    py: Python<'py>,
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'py> Reader<'py, '_> {
    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at +=
            rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past the next byte if it is this one.
    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Option<Bound<'py, PyAny>> {
        match self.peek()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'"' => Some(self.string()?.into_any()),
            b't' => self.word("true").then(|| PyBool::new(self.py, true).to_owned().into_any()),
            b'f' => self.word("false").then(|| PyBool::new(self.py, false).to_owned().into_any()),
            b'n' => self.word("null").then(|| self.py.None().into_bound(self.py)),
            _ => self.number(),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<Bound<'py, PyAny>>,
    ) -> Option<Bound<'py, PyAny>> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        self.at += 1; // the bracket
        let value = read(self)?;
        self.depth -= 1;
        Some(value)
    }

    fn object(&mut self) -> Option<Bound<'py, PyAny>> {
        let object = PyDict::new(self.py);
        if self.skip(b'}') {
            return Some(object.into_any());
        }
        loop {
            if self.peek()? != b'"' {
                return None;
            }
            let key = self.string()?;
            if !self.skip(b':') {
                return None;
            }
            object.set_item(key, self.value()?).ok()?;
            if !self.skip(b',') {
                return self.skip(b'}').then(|| object.into_any());
            }
        }
    }

    fn array(&mut self) -> Option<Bound<'py, PyAny>> {
        let array = PyList::empty(self.py);
        if self.skip(b']') {
            return Some(array.into_any());
        }
        loop {
            array.append(self.value()?).ok()?;
            if !self.skip(b',') {
                return self.skip(b']').then(|| array.into_any());
            }
        }
    }

    fn string(&mut self) -> Option<Bound<'py, PyString>> {
        let rest = &self.text[self.at + 1..];
        let end = rest.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\'))?;
        if rest.as_bytes()[end] != b'"' {
            return None;
        }
        self.at += end + 2; // both quotes
        Some(PyString::new(self.py, &rest[..end]))
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        self.at += word.len();
        found
    }

    /// Rust reads each of these as Python does, and some more that JSON forbids.
    fn number(&mut self) -> Option<Bound<'py, PyAny>> {
        let rest = &self.text[self.at..];
        let of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let number = &rest[..rest.bytes().take_while(of_number).count()];
        self.at += number.len();
        let unsigned = number.strip_prefix('-').unwrap_or(number);
        let whole = unsigned.bytes().take_while(u8::is_ascii_digit).count();
        if whole == 0 || whole > 1 && unsigned.starts_with('0') {
            return None;
        }
        let after = &unsigned[whole..];
        if after.is_empty() {
            return Some(PyInt::new(self.py, number.parse::<i64>().ok()?).into_any());
        }
        let bare_point =
            after.strip_prefix('.').is_some_and(|it| !it.starts_with(|c: char| c.is_ascii_digit()));
        if bare_point {
            return None;
        }
        Some(PyFloat::new(self.py, number.parse().ok()?).into_any())
    }
}

//! A request ready for the wire: rendered once, sent as often as it takes.
//!
//! ```text
//! wire: │ GET /items/7 HTTP/1.1␍␊Host: …␍␊…␍␊ │ ␍␊ │ body │
//!       └────────── head_len ─────────────────────┘
//! ```
//!
//! Cookies depend on the moment, so they are put in before the empty line when the request is sent.
//! A large body stays where it is (`Body::Mapped`) and is never copied per user.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::Arc;

use crate::http1::head::headers;
use crate::http1::request::{HeaderPrefix, RequestError, render};
use crate::origins::OriginId;
use crate::recorder::StepId;

/// A file in memory by mapping: one copy for all users and requests.
pub struct MappedFile {
    address: *mut libc::c_void,
    len: usize,
}

impl MappedFile {
    /// Maps the whole file, read-only. Fails as opening it fails.
    pub fn open(path: &Path) -> io::Result<MappedFile> {
        let file = File::open(path)?;
        let len = file.metadata()?.len() as usize;
        if len == 0 {
            return Ok(MappedFile { address: std::ptr::null_mut(), len: 0 });
        }
        // SAFETY: a fresh private read-only mapping of an open file; unmapped in drop.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ,
                libc::MAP_PRIVATE,
                file.as_raw_fd(),
                0,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(MappedFile { address, len })
    }

    pub fn bytes(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the mapping is `len` bytes, lives as long as self and is never written.
        unsafe { std::slice::from_raw_parts(self.address.cast(), self.len) }
    }
}

// SAFETY: the mapping is read-only for its whole life.
unsafe impl Send for MappedFile {}
// SAFETY: as above.
unsafe impl Sync for MappedFile {}

impl Drop for MappedFile {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: the mapping made in `open`, not unmapped before.
            unsafe { libc::munmap(self.address, self.len) };
        }
    }
}

/// What follows the head.
#[derive(Clone)]
pub enum Body {
    None,
    /// In `wire`, behind the head.
    Inline,
    Mapped(Arc<MappedFile>),
}

#[derive(Clone)]
pub struct Request {
    pub step: StepId,
    pub origin: OriginId,
    pub wire: Vec<u8>,
    pub head_len: u32,
    pub body: Body,
    /// Statuses of 400 and above that are no error here.
    pub expect: Box<[u16]>,
    /// Total time allowed; None: the run's.
    pub timeout_ns: Option<u64>,
    pub connect_timeout_ns: Option<u64>,
    pub follow_redirects: bool,
}

/// What a request is built from.
pub struct Parts<'a> {
    pub step: StepId,
    pub origin: OriginId,
    pub prefix: &'a HeaderPrefix,
    pub method: &'a str,
    pub target: &'a str,
    pub headers: &'a [(&'a str, Option<&'a str>)],
    pub body: BodyParts<'a>,
}

pub enum BodyParts<'a> {
    None,
    Bytes(&'a [u8]),
    Mapped(Arc<MappedFile>),
}

impl Request {
    /// Renders it. Fails on a method, target or header that would break the message's framing.
    pub fn new(parts: Parts<'_>) -> Result<Request, RequestError> {
        let (inline, body): (&[u8], Body) = match parts.body {
            BodyParts::None => (&[], Body::None),
            BodyParts::Bytes(bytes) => (bytes, Body::Inline),
            BodyParts::Mapped(file) => (&[], Body::Mapped(file)),
        };
        let body_len = match &body {
            Body::None => None,
            Body::Inline => Some(inline.len()),
            Body::Mapped(file) => Some(file.bytes().len()),
        };
        let mut wire = Vec::with_capacity(256 + inline.len());
        let headers = parts.headers.iter().copied();
        render(&mut wire, parts.method, parts.target, parts.prefix, headers, body_len)?;
        let head_len = wire.len() as u32;
        wire.extend_from_slice(inline);
        Ok(Request {
            step: parts.step,
            origin: parts.origin,
            wire,
            head_len,
            body,
            expect: Box::default(),
            timeout_ns: None,
            connect_timeout_ns: None,
            follow_redirects: true,
        })
    }

    pub fn method(&self) -> &str {
        self.request_line().0
    }

    /// The path and query.
    pub fn target(&self) -> &str {
        self.request_line().1
    }

    pub fn head(&self) -> &[u8] {
        &self.wire[..self.head_len as usize]
    }

    pub fn body_bytes(&self) -> &[u8] {
        match &self.body {
            Body::None => &[],
            Body::Inline => &self.wire[self.head_len as usize..],
            Body::Mapped(file) => file.bytes(),
        }
    }

    /// The part of the body that is not in `wire`.
    pub fn mapped_bytes(&self) -> &[u8] {
        match &self.body {
            Body::Mapped(file) => file.bytes(),
            Body::None | Body::Inline => &[],
        }
    }

    /// Whether sending it twice is as good as once (RFC 9110 §9.2.2).
    pub fn is_idempotent(&self) -> bool {
        matches!(self.method(), "GET" | "HEAD" | "PUT" | "DELETE" | "OPTIONS" | "TRACE")
    }

    /// The same request elsewhere: what a redirect asks for.
    pub fn redirected(
        &self,
        method: &str,
        keep_body: bool,
        keep_credentials: bool,
        to: (OriginId, &HeaderPrefix, &str),
    ) -> Result<Request, RequestError> {
        let dropped = |name: &str| {
            let body_header =
                name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-"));
            name.eq_ignore_ascii_case("host")
                || name.eq_ignore_ascii_case("content-length")
                || (!keep_body && body_header)
                || (!keep_credentials
                    && (name.eq_ignore_ascii_case("authorization")
                        || name.eq_ignore_ascii_case("cookie")))
        };
        let carried: Vec<(&str, Option<&str>)> = headers(self.head())
            .filter(|(name, _)| !dropped(name))
            .map(|(name, value)| (name, std::str::from_utf8(value).ok()))
            .collect();
        let body = match &self.body {
            Body::Mapped(file) if keep_body => BodyParts::Mapped(Arc::clone(file)),
            Body::Inline if keep_body => BodyParts::Bytes(self.body_bytes()),
            _ => BodyParts::None,
        };
        let (origin, prefix, target) = to;
        let moved = Request::new(Parts {
            step: self.step,
            origin,
            prefix,
            method,
            target,
            headers: &carried,
            body,
        })?;
        Ok(Request {
            expect: self.expect.clone(),
            timeout_ns: self.timeout_ns,
            connect_timeout_ns: self.connect_timeout_ns,
            follow_redirects: true,
            ..moved
        })
    }

    fn request_line(&self) -> (&str, &str) {
        let line = self.wire.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = std::str::from_utf8(line).unwrap_or_default();
        let (method, rest) = line.split_once(' ').unwrap_or_default();
        (method, rest.split_once(' ').map_or(rest, |(target, _)| target))
    }
}

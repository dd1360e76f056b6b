//! Why a response could not be read: two kinds (`malformed`, `closed_early`), one sentence each
//! that an engineer can act on, with an escaped excerpt of the offending bytes.

use std::fmt;

/// Bytes of the peer that a message shows at most.
const EXCERPT_BYTES: usize = 40;

/// A response that breaks RFC 9112, or that ended before it was complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    NotHttp { excerpt: Box<str>, looks_like_tls: bool },
    BadHead { reason: &'static str, excerpt: Box<str> },
    HeadTooLarge { limit_bytes: usize },
    TooManyHeaders { limit: usize },
    BadContentLength { value: Box<str> },
    ConflictingContentLength { first: u64, second: u64 },
    BadChunkSize { excerpt: Box<str> },
    ChunkLineTooLong { limit_bytes: usize },
    BadChunkEnd { found: u8 },
    TrailersTooLarge { limit_bytes: usize },
    ClosedEarly(ClosedEarly),
}

/// How far the response had come when the peer closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClosedEarly {
    BeforeResponse,
    InHead { received_bytes: usize },
    InBody { received_bytes: u64, expected_bytes: u64 },
    InChunks { received_bytes: u64 },
}

impl ParseError {
    /// The outcome kind under which the failure is counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ClosedEarly(_) => "closed_early",
            _ => "malformed",
        }
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp { excerpt, looks_like_tls } => {
                write!(f, "response head is not HTTP/1.x: starts with \"{excerpt}\"")?;
                let hint = " (this looks like TLS: is the target an https:// URL?)";
                f.write_str(if *looks_like_tls { hint } else { "" })
            }
            Self::BadHead { reason, excerpt } => {
                write!(f, "response head is malformed: {reason}; it starts with \"{excerpt}\"")
            }
            Self::HeadTooLarge { limit_bytes } => {
                write!(f, "response head is larger than {} KiB", limit_bytes / 1024)
            }
            Self::TooManyHeaders { limit } => {
                write!(f, "response head has more than {limit} headers")
            }
            Self::BadContentLength { value } => {
                write!(f, "Content-Length \"{value}\" is not a number of bytes")
            }
            Self::ConflictingContentLength { first, second } => {
                write!(f, "response has two unequal Content-Length values: {first} and {second}")
            }
            Self::BadChunkSize { excerpt } => {
                write!(f, "chunk size is not a hexadecimal number: \"{excerpt}\"")
            }
            Self::ChunkLineTooLong { limit_bytes } => {
                write!(f, "chunk-size line is longer than {limit_bytes} bytes")
            }
            Self::BadChunkEnd { found } => {
                let found = found.escape_ascii();
                write!(f, "chunk is longer than its size says: \"{found}\" where CRLF is due")
            }
            Self::TrailersTooLarge { limit_bytes } => {
                write!(f, "response trailers are larger than {} KiB", limit_bytes / 1024)
            }
            Self::ClosedEarly(how) => how.fmt(f),
        }
    }
}

impl fmt::Display for ClosedEarly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server closed the connection ")?;
        match self {
            Self::BeforeResponse => f.write_str("before the first byte of its response"),
            Self::InHead { received_bytes } => {
                write!(f, "in the middle of the response head, after {received_bytes} bytes of it")
            }
            Self::InBody { received_bytes, expected_bytes } => write!(
                f,
                "after {received_bytes} of the {expected_bytes} body bytes that its \
                 Content-Length promised"
            ),
            Self::InChunks { received_bytes } => {
                write!(f, "before the last chunk, after {received_bytes} body bytes")
            }
        }
    }
}

/// The first bytes of what the peer sent, escaped so that any terminal may show them.
pub(crate) fn excerpt(bytes: &[u8]) -> Box<str> {
    let shown = &bytes[..bytes.len().min(EXCERPT_BYTES)];
    let dots = if bytes.len() > EXCERPT_BYTES { "…" } else { "" };
    format!("{}{dots}", shown.escape_ascii()).into_boxed_str()
}

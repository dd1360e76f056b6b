//! HTTP/1.1 as pure functions and state machines over bytes (RFC 9110, RFC 9112): no socket is
//! touched here, so all of it is tested and fuzzed without one. The reactor moves the bytes.

pub mod chunked;
pub mod error;
pub mod head;
pub mod request;
pub mod response;

pub use error::ParseError;
pub use head::{Head, header, headers};
pub use request::{HeaderPrefix, RequestError, render};
pub use response::{Expect, Fed, Progress, ResponseParser};

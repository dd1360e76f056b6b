//! One request head out of raw bytes (RFC 9112), without copying.
//!
//! Fails with `Parsed::Bad` and the status and reason to answer with; the connection is then
//! beyond repair, since where the next request starts is unknown.

use std::mem::MaybeUninit;

use httparse::{Header, Status};

/// A head beyond this is refused with 431.
const HEAD_BYTES_MAX: usize = 64 * 1024;

const HEADERS_MAX: usize = 128;

/// Room for the headers of one request; borrowed by it, so it lives with the caller.
pub type HeaderRoom<'a> = [MaybeUninit<Header<'a>>; HEADERS_MAX];

pub const fn header_room<'a>() -> HeaderRoom<'a> {
    [MaybeUninit::uninit(); HEADERS_MAX]
}

pub struct Request<'a> {
    pub method: &'a str,
    /// The path as sent, without the query.
    pub path: &'a str,
    /// What follows the `?`, as sent; empty without one.
    pub query: &'a str,
    pub headers: &'a [Header<'a>],
    /// Whether the connection may carry another request afterwards.
    pub keep_alive: bool,
    pub http_1_0: bool,
    pub framing: Framing,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

/// How the length of the request's body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Length(u64),
    Chunked,
}

pub enum Parsed<'a> {
    /// A request and the length of its head.
    Whole(Request<'a>, usize),
    Partial,
    Bad(u16, String),
}

impl Request<'_> {
    /// Stands for what could not be parsed, so that it can be answered.
    pub const fn unreadable() -> Self {
        Self {
            method: "",
            path: "",
            query: "",
            headers: &[],
            keep_alive: false,
            http_1_0: false,
            framing: Framing::Length(0),
            expects_continue: false,
        }
    }

    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value)
    }

    pub fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}

/// The first request in `input`.
pub fn parse<'a>(input: &'a [u8], room: &'a mut HeaderRoom<'a>) -> Parsed<'a> {
    let mut raw = httparse::Request::new(&mut []);
    let head_bytes = match raw.parse_with_uninit_headers(input, room) {
        Ok(Status::Complete(head_bytes)) => head_bytes,
        Ok(Status::Partial) if input.len() < HEAD_BYTES_MAX => return Parsed::Partial,
        Ok(Status::Partial) => {
            return Parsed::Bad(431, format!("the head is longer than {HEAD_BYTES_MAX} bytes"));
        }
        Err(httparse::Error::TooManyHeaders) => {
            return Parsed::Bad(431, format!("the head has more than {HEADERS_MAX} headers"));
        }
        Err(error) => return Parsed::Bad(400, format!("not an HTTP request: {error}")),
    };
    let (Some(method), Some(target), Some(minor)) = (raw.method, raw.path, raw.version) else {
        unreachable!("httparse completes a request with its first line");
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method,
        path,
        query,
        headers: raw.headers,
        keep_alive: minor == 1,
        http_1_0: minor == 0,
        ..Request::unreadable()
    };
    match read_headers(&mut request) {
        Ok(()) => Parsed::Whole(request, head_bytes),
        Err(reason) => Parsed::Bad(400, reason),
    }
}

/// The headers that decide where this request ends and whether another follows.
fn read_headers(request: &mut Request<'_>) -> Result<(), String> {
    for header in request.headers {
        let name = header.name;
        if name.eq_ignore_ascii_case("content-length") {
            let length = std::str::from_utf8(header.value).ok().and_then(|v| v.trim().parse().ok());
            let length = length.ok_or("Content-Length is not a number")?;
            if request.framing != Framing::Chunked {
                request.framing = Framing::Length(length);
            }
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            request.framing = Framing::Chunked;
        } else if name.eq_ignore_ascii_case("connection") {
            if has_token(header.value, "close") {
                request.keep_alive = false;
            } else if has_token(header.value, "keep-alive") {
                request.keep_alive = true;
            }
        } else if name.eq_ignore_ascii_case("expect") {
            request.expects_continue = has_token(header.value, "100-continue");
        }
    }
    Ok(())
}

fn has_token(value: &[u8], token: &str) -> bool {
    value
        .split(|&byte| byte == b',')
        .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_request(input: &str, test: impl FnOnce(Request<'_>, usize)) {
        match parse(input.as_bytes(), &mut header_room()) {
            Parsed::Whole(request, head_bytes) => test(request, head_bytes),
            Parsed::Partial => panic!("partial"),
            Parsed::Bad(status, reason) => panic!("{status} {reason}"),
        }
    }

    fn refusal(input: &[u8]) -> Option<u16> {
        match parse(input, &mut header_room()) {
            Parsed::Bad(status, _) => Some(status),
            _ => None,
        }
    }

    #[test]
    fn a_request_is_split_into_its_parts() {
        with_request("GET /a/b?c=1 HTTP/1.1\r\nHost: x\r\n\r\nGET /next", |request, head_bytes| {
            assert_eq!((request.method, request.path, request.query), ("GET", "/a/b", "c=1"));
            assert_eq!(request.header("HOST"), Some(&b"x"[..]));
            assert_eq!(request.framing, Framing::Length(0));
            assert!(request.keep_alive);
            assert_eq!(head_bytes, 34);
        });
    }

    #[test]
    fn persistence_follows_version_and_connection_header() {
        let cases = [
            ("HTTP/1.1\r\n", true),
            ("HTTP/1.1\r\nConnection: Close\r\n", false),
            ("HTTP/1.1\r\nConnection: upgrade, close\r\n", false),
            ("HTTP/1.0\r\n", false),
            ("HTTP/1.0\r\nConnection: keep-alive\r\n", true),
        ];
        for (rest, keep_alive) in cases {
            with_request(&format!("GET / {rest}\r\n"), |request, _| {
                assert_eq!(request.keep_alive, keep_alive, "{rest}");
            });
        }
    }

    #[test]
    fn chunked_framing_wins_over_a_length() {
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n";
        with_request(head, |request, _| assert_eq!(request.framing, Framing::Chunked));
    }

    #[test]
    fn half_a_head_waits_for_more_unless_it_is_too_long() {
        assert!(matches!(parse(b"GET / HT", &mut header_room()), Parsed::Partial));
        let long = format!("GET / HTTP/1.1\r\nX: {}", "y".repeat(HEAD_BYTES_MAX));
        assert_eq!(refusal(long.as_bytes()), Some(431));
        let many = format!("GET / HTTP/1.1\r\n{}", "X: y\r\n".repeat(HEADERS_MAX + 1));
        assert_eq!(refusal(many.as_bytes()), Some(431));
    }

    #[test]
    fn what_is_no_http_is_refused() {
        assert_eq!(refusal(b"\x16\x03\x01\x02\x00\x01"), Some(400));
        assert_eq!(refusal(b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n"), Some(400));
    }
}

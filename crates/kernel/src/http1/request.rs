//! Renders one HTTP/1.1 request head (RFC 9112 §3) to the end of a buffer.
//!
//! The defaults of an origin (`Host`, `User-Agent`, `Accept`, `Accept-Encoding`) are rendered once
//! as a [`HeaderPrefix`]; a request that replaces none of them copies it whole. What would let one
//! request be read as two (CR, LF, NUL, a blank in the target, a second framing) is refused with
//! [`RequestError`], and the buffer is then left as it was.

use std::fmt;

use crate::url::Origin;

const DEFAULTS: [&str; 4] = ["host", "user-agent", "accept", "accept-encoding"];

/// The default headers of one origin, rendered.
#[derive(Debug, Clone)]
pub struct HeaderPrefix {
    bytes: Box<[u8]>,
    /// Where each line of [`DEFAULTS`] ends.
    ends: [u16; DEFAULTS.len()],
}

impl HeaderPrefix {
    pub fn new(origin: &Origin) -> Self {
        let mut bytes = Vec::new();
        let mut ends = [0; DEFAULTS.len()];
        let agent = concat!("User-Agent: perfwright/", env!("CARGO_PKG_VERSION"));
        let host = format!("Host: {}", origin.authority());
        let lines = [&host, agent, "Accept: */*", "Accept-Encoding: gzip, deflate, br, zstd"];
        for (line, end) in lines.into_iter().zip(&mut ends) {
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(b"\r\n");
            *end = u16::try_from(bytes.len()).expect("a host name is under 64 KiB");
        }
        Self { bytes: bytes.into_boxed_slice(), ends }
    }

    /// Appends the lines whose bit in `replaced` is not set.
    fn write(&self, replaced: u8, out: &mut Vec<u8>) {
        if replaced == 0 {
            return out.extend_from_slice(&self.bytes);
        }
        let mut start = 0;
        for (index, &end) in self.ends.iter().enumerate() {
            if replaced & (1 << index) == 0 {
                out.extend_from_slice(&self.bytes[start..end.into()]);
            }
            start = end.into();
        }
    }
}

/// A request that can not be sent as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    Method { method: Box<str> },
    Target { target: Box<str> },
    HeaderName { name: Box<str> },
    HeaderValue { name: Box<str> },
    ContentLength { given: Box<str>, body_bytes: Option<usize> },
    TransferEncoding,
}

impl std::error::Error for RequestError {}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method { method } => {
                write!(f, "method {method:?} is no HTTP method: use a word such as GET")
            }
            Self::Target { target } => write!(
                f,
                "request target {target:?} is empty or has a space or control character: \
                 percent-encode it (a space is %20)"
            ),
            Self::HeaderName { name } => {
                write!(f, "header name {name:?} is empty or has a forbidden character")
            }
            Self::HeaderValue { name } => {
                write!(
                    f,
                    "the value of header {name:?} has a control character (CR, LF, NUL): remove it"
                )
            }
            Self::ContentLength { given, body_bytes } => write!(
                f,
                "header Content-Length is {given:?} but the body has {} bytes: leave the header \
                 out, it is set from the body",
                body_bytes.unwrap_or(0)
            ),
            Self::TransferEncoding => f.write_str(
                "header Transfer-Encoding cannot be set: the body is sent with its Content-Length; \
                 leave the header out",
            ),
        }
    }
}

/// Appends a request head to `out`; the body, of `body` bytes, is for the caller to send after it.
///
/// `target` is in origin form (or what a proxy wants); its non-ASCII characters are
/// percent-encoded, what is encoded already stays. `headers` replace the defaults, whatever their
/// case; one without a value drops the default.
pub fn render<'h>(
    out: &mut Vec<u8>,
    method: &str,
    target: &str,
    prefix: &HeaderPrefix,
    headers: impl IntoIterator<Item = (&'h str, Option<&'h str>)> + Clone,
    body: Option<usize>,
) -> Result<(), RequestError> {
    let start = out.len();
    let result = render_all(out, method, target, prefix, headers, body);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn render_all<'h>(
    out: &mut Vec<u8>,
    method: &str,
    target: &str,
    prefix: &HeaderPrefix,
    headers: impl IntoIterator<Item = (&'h str, Option<&'h str>)> + Clone,
    body: Option<usize>,
) -> Result<(), RequestError> {
    write_request_line(out, method, target)?;
    let mut replaced = 0;
    for (name, value) in headers.clone() {
        match name.len() {
            4 | 6 | 10 | 15 => replaced |= default_bit(name),
            14 | 17 => check_framing(name, value, body)?,
            _ => {}
        }
    }
    prefix.write(replaced, out);
    for (name, value) in headers {
        match value {
            Some(value) if !name.eq_ignore_ascii_case("content-length") => {
                write_header(out, name, value)?;
            }
            _ => check_name(name)?,
        }
    }
    match body {
        Some(len) => write_length(out, len),
        // Servers wait for a body after these methods unless told that there is none.
        None if matches!(method, "POST" | "PUT" | "PATCH") => write_length(out, 0),
        None => {}
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

fn write_request_line(out: &mut Vec<u8>, method: &str, target: &str) -> Result<(), RequestError> {
    if !is_token(method) {
        return Err(RequestError::Method { method: method.into() });
    }
    if target.is_empty() || target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(RequestError::Target { target: target.into() });
    }
    out.extend_from_slice(method.as_bytes());
    out.push(b' ');
    if target.is_ascii() {
        out.extend_from_slice(target.as_bytes());
    } else {
        percent_encode_non_ascii(out, target);
    }
    out.extend_from_slice(b" HTTP/1.1\r\n");
    Ok(())
}

fn percent_encode_non_ascii(out: &mut Vec<u8>, target: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in target.bytes() {
        if byte.is_ascii() {
            out.push(byte);
        } else {
            out.extend_from_slice(&[
                b'%',
                HEX[usize::from(byte >> 4)],
                HEX[usize::from(byte & 15)],
            ]);
        }
    }
}

fn default_bit(name: &str) -> u8 {
    let index = DEFAULTS.iter().position(|default| default.eq_ignore_ascii_case(name));
    index.map_or(0, |index| 1 << index)
}

/// How a body is framed is ours to say: anything else could be read as two requests.
fn check_framing(name: &str, value: Option<&str>, body: Option<usize>) -> Result<(), RequestError> {
    let Some(value) = value else { return Ok(()) };
    if name.eq_ignore_ascii_case("transfer-encoding") {
        return Err(RequestError::TransferEncoding);
    }
    let agrees = value.parse() == Ok(body.unwrap_or(0));
    if name.eq_ignore_ascii_case("content-length") && !agrees {
        return Err(RequestError::ContentLength { given: value.into(), body_bytes: body });
    }
    Ok(())
}

fn write_header(out: &mut Vec<u8>, name: &str, value: &str) -> Result<(), RequestError> {
    check_name(name)?;
    // No early exit, so that the compiler makes it a few vector instructions.
    let forbidden = |byte: u8| (byte < b' ' && byte != b'\t') | (byte == 0x7f);
    if value.bytes().fold(false, |found, byte| found | forbidden(byte)) {
        return Err(RequestError::HeaderValue { name: name.into() });
    }
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\r\n");
    Ok(())
}

fn check_name(name: &str) -> Result<(), RequestError> {
    let valid = is_token(name);
    if valid { Ok(()) } else { Err(RequestError::HeaderName { name: name.into() }) }
}

fn write_length(out: &mut Vec<u8>, len: usize) {
    use std::io::Write;
    write!(out, "Content-Length: {len}\r\n").expect("writing to memory does not fail");
}

/// `token` of RFC 9110 §5.6.2: the alphabet of methods and header names.
fn is_token(text: &str) -> bool {
    const TOKEN: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0u8;
        while byte < 128 {
            table[byte as usize] = byte.is_ascii_alphanumeric();
            byte += 1;
        }
        let marks = b"!#$%&'*+-.^_`|~";
        let mut at = 0;
        while at < marks.len() {
            table[marks[at] as usize] = true;
            at += 1;
        }
        table
    };
    !text.is_empty() && text.bytes().all(|byte| TOKEN[usize::from(byte)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    type Headers<'a> = &'a [(&'a str, Option<&'a str>)];

    fn prefix() -> HeaderPrefix {
        HeaderPrefix::new(&crate::url::parse("http://shop.test:8000").unwrap().0)
    }

    fn rendered(method: &str, target: &str, headers: Headers) -> Result<String, RequestError> {
        let mut out = Vec::new();
        render(&mut out, method, target, &prefix(), headers.iter().copied(), None)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_plain_get_carries_the_defaults() {
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            rendered("GET", "/a?b=c", &[]).unwrap(),
            format!(
                "GET /a?b=c HTTP/1.1\r\nHost: shop.test:8000\r\n\
                 User-Agent: perfwright/{version}\r\n\
                 Accept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n"
            )
        );
    }

    #[test]
    fn a_user_header_replaces_a_default_in_any_case_and_none_drops_it() {
        let headers = [("aCCept", Some("text/html")), ("user-agent", None), ("HOST", Some("x"))];
        assert_eq!(
            rendered("GET", "/", &headers).unwrap(),
            "GET / HTTP/1.1\r\nAccept-Encoding: gzip, deflate, br, zstd\r\naCCept: text/html\r\n\
             HOST: x\r\n\r\n"
        );
    }

    #[test]
    fn bodies_have_a_length_and_methods_that_want_one_say_zero() {
        for (method, body, length) in [
            ("POST", Some(5), Some("Content-Length: 5\r\n")),
            ("GET", Some(5), Some("Content-Length: 5\r\n")),
            ("PUT", None, Some("Content-Length: 0\r\n")),
            ("DELETE", None, None),
        ] {
            let mut out = Vec::new();
            render(&mut out, method, "/", &prefix(), [], body).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert_eq!(text.contains("Content-Length"), length.is_some(), "{text}");
            assert!(length.is_none_or(|line| text.contains(line)), "{text}");
        }
    }

    #[test]
    fn non_ascii_targets_are_encoded_and_encoded_ones_stay() {
        assert!(
            rendered("GET", "/café/%C3%A9", &[]).unwrap().starts_with("GET /caf%C3%A9/%C3%A9 ")
        );
    }

    #[test]
    fn smuggling_is_refused_and_leaves_no_bytes() {
        let cases: [(&str, &str, Headers, &str); 10] = [
            ("G T", "/", &[], "no HTTP method"),
            ("", "/", &[], "no HTTP method"),
            ("GET", "", &[], "percent-encode it"),
            ("GET", "/a b", &[], "percent-encode it"),
            ("GET", "/a\r\nX: y", &[], "percent-encode it"),
            ("GET", "/", &[("X: y\r\nZ", Some("1"))], "header name"),
            ("GET", "/", &[("X", Some("1\r\nY: 2"))], "control character"),
            ("GET", "/", &[("X", Some("a\0"))], "control character"),
            ("GET", "/", &[("content-length", Some("3"))], "but the body has 0 bytes"),
            ("GET", "/", &[("Transfer-Encoding", Some("chunked"))], "leave the header out"),
        ];
        for (method, target, headers, part) in cases {
            let mut out = b"kept".to_vec();
            let headers = headers.iter().copied();
            let error = render(&mut out, method, target, &prefix(), headers, None);
            assert!(error.unwrap_err().to_string().contains(part), "{method} {target}");
            assert_eq!(out, b"kept");
        }
    }

    #[test]
    fn a_content_length_that_agrees_is_sent_once() {
        let mut out = Vec::new();
        let headers = [("Content-Length", Some("5"))];
        render(&mut out, "POST", "/", &prefix(), headers, Some(5)).unwrap();
        assert_eq!(String::from_utf8_lossy(&out).matches("Content-Length: 5\r\n").count(), 1);
    }

    fn value() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("\\PC{0,20}|.{0,5}")
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() })]

        #[test]
        fn what_is_rendered_reads_back_as_one_request(
            method in "[A-Z]{1,8}",
            target in "/[^ \\x00-\\x1f\\x7f]{0,30}",
            headers in proptest::collection::vec(("\\PC{1,10}", value()), 0..5),
            body in proptest::option::of(0..1000usize),
        ) {
            let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_deref()));
            let mut out = Vec::new();
            let result = render(&mut out, &method, &target, &prefix(), pairs, body);
            if result.is_ok() {
                let mut slots = [httparse::EMPTY_HEADER; 32];
                let mut request = httparse::Request::new(&mut slots);
                let parsed = request.parse(&out);
                prop_assert_eq!(parsed, Ok(httparse::Status::Complete(out.len())));
                prop_assert_eq!(request.method, Some(method.as_str()));
                prop_assert_eq!(request.version, Some(1));
            }
        }
    }
}

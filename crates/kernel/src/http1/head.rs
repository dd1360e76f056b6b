//! The head of a response: what the connection must know of it (version, status, framing), read
//! in one pass over the headers, and look-ups in a kept raw head for those who ask later.
//!
//! How the body ends (RFC 9112 §6.3), first rule that applies:
//!
//! ```text
//! HEAD, 1xx, 204, 304, CONNECT 2xx -> no body
//! Transfer-Encoding: …, chunked    -> chunked   (wins over any Content-Length)
//! Transfer-Encoding: anything else -> until the peer closes
//! Content-Length: n                -> n bytes   (several equal values count as one)
//! otherwise                        -> until the peer closes
//! ```

use std::mem::MaybeUninit;

use super::error::{ParseError, excerpt};
use super::response::Expect;

/// More headers than this are refused.
pub const MAX_HEADERS: usize = 128;
/// A head larger than this is refused.
pub const MAX_HEAD_BYTES: usize = 256 * 1024;

const PREAMBLE: &[u8] = b"HTTP/1.";

/// What is known of a response once its head is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// May the connection carry another request? By version, `Connection` and framing.
    pub keep_alive: bool,
    /// Size of the head on the wire, blank line included, interim (1xx) heads excluded.
    pub head_bytes: u64,
    pub has_set_cookie: bool,
    pub has_location: bool,
    pub has_content_encoding: bool,
}

/// How the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Empty,
    Length(u64),
    Chunked,
    UntilClose,
}

/// Refuses what cannot become an HTTP/1.x head, at its first bytes.
pub(super) fn check_preamble(bytes: &[u8]) -> Result<(), ParseError> {
    let known = bytes.len().min(PREAMBLE.len());
    if bytes[..known] == PREAMBLE[..known] {
        return Ok(());
    }
    // TLS records open with their type (21 alert, 22 handshake) and version 3.x.
    let looks_like_tls = matches!(bytes, [0x15 | 0x16, 0x03, ..]);
    Err(ParseError::NotHttp { excerpt: excerpt(bytes), looks_like_tls })
}

/// Reads the head at the start of `bytes`; `None` while its blank line is missing.
pub(super) fn parse_head(
    bytes: &[u8],
    expect: &Expect,
) -> Result<Option<(Head, Framing)>, ParseError> {
    let mut slots = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut response, bytes, &mut slots)
        .map_err(|error| refusal(error, bytes))?;
    let httparse::Status::Complete(head_len) = parsed else {
        return Ok(None);
    };
    if head_len > MAX_HEAD_BYTES {
        return Err(ParseError::HeadTooLarge { limit_bytes: MAX_HEAD_BYTES });
    }
    let status = response.code.expect("a complete head has a status");
    let facts = Facts::gather(response.headers);
    let framing = facts.framing(status, expect)?;
    let persistent = facts.persistent(response.version == Some(1));
    let head = Head {
        status,
        // After 101 the connection speaks another protocol.
        keep_alive: persistent && framing != Framing::UntilClose && status != 101,
        head_bytes: head_len as u64,
        has_set_cookie: facts.set_cookie,
        has_location: facts.location,
        has_content_encoding: facts.content_encoding,
    };
    Ok(Some((head, framing)))
}

fn refusal(error: httparse::Error, bytes: &[u8]) -> ParseError {
    use httparse::Error;
    let reason = match error {
        Error::TooManyHeaders => return ParseError::TooManyHeaders { limit: MAX_HEADERS },
        Error::HeaderName => "a header name has a forbidden character",
        Error::HeaderValue => "a header value has a forbidden character",
        Error::NewLine => "a line ends in CR without LF",
        Error::Status => "the status is not three digits",
        Error::Version => "the version is neither HTTP/1.0 nor HTTP/1.1",
        Error::Token => "a forbidden character",
    };
    ParseError::BadHead { reason, excerpt: excerpt(bytes) }
}

/// The headers that matter to the connection, gathered in one pass.
#[derive(Default)]
struct Facts {
    close: bool,
    keep_alive: bool,
    chunked: bool,
    other_coding: bool,
    length: Option<u64>,
    bad_length: Option<ParseError>,
    set_cookie: bool,
    location: bool,
    content_encoding: bool,
}

impl Facts {
    fn gather(headers: &[httparse::Header<'_>]) -> Self {
        let mut facts = Self::default();
        for header in headers {
            // The length decides first: most headers cost one comparison.
            let name = header.name;
            match name.len() {
                8 if name.eq_ignore_ascii_case("location") => facts.location = true,
                10 if name.eq_ignore_ascii_case("connection") => facts.connection(header.value),
                10 if name.eq_ignore_ascii_case("set-cookie") => facts.set_cookie = true,
                14 if name.eq_ignore_ascii_case("content-length") => facts.length(header.value),
                16 if name.eq_ignore_ascii_case("content-encoding") => {
                    facts.content_encoding = true;
                }
                17 if name.eq_ignore_ascii_case("transfer-encoding") => facts.coding(header.value),
                _ => {}
            }
        }
        facts
    }

    fn connection(&mut self, value: &[u8]) {
        for token in tokens(value) {
            self.close |= token.eq_ignore_ascii_case(b"close");
            self.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    fn coding(&mut self, value: &[u8]) {
        for token in tokens(value) {
            // Only the final coding frames the body; old servers say "identity" for none at all.
            self.chunked = token.eq_ignore_ascii_case(b"chunked");
            self.other_coding |= !self.chunked && !token.eq_ignore_ascii_case(b"identity");
        }
    }

    fn length(&mut self, value: &[u8]) {
        // An empty list element is as wrong as an empty value, so `tokens` is not used here.
        for part in value.split(|&byte| byte == b',') {
            let Some(length) = decimal(part.trim_ascii()) else {
                self.bad_length = Some(ParseError::BadContentLength { value: excerpt(value) });
                return;
            };
            match self.length {
                Some(first) if first != length => {
                    let conflict = ParseError::ConflictingContentLength { first, second: length };
                    self.bad_length.get_or_insert(conflict);
                }
                _ => self.length = Some(length),
            }
        }
    }

    fn framing(&self, status: u16, expect: &Expect) -> Result<Framing, ParseError> {
        let tunnel = expect.connect && (200..300).contains(&status);
        if expect.head_request || tunnel || matches!(status, 100..=199 | 204 | 304) {
            return Ok(Framing::Empty);
        }
        if self.chunked {
            return Ok(Framing::Chunked);
        }
        if self.other_coding {
            return Ok(Framing::UntilClose);
        }
        if let Some(error) = &self.bad_length {
            return Err(error.clone());
        }
        Ok(self.length.map_or(Framing::UntilClose, Framing::Length))
    }

    fn persistent(&self, is_http_1_1: bool) -> bool {
        !self.close && (is_http_1_1 || self.keep_alive)
    }
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, &digit| {
        let value = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(value)
    })
}

/// The headers of a kept raw head, in order, values as received (outer blanks trimmed).
///
/// Lazy: nothing is parsed before it is asked for. A line that is no header is skipped.
pub fn headers(head: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    head.split(|&byte| byte == b'\n').skip(1).filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = std::str::from_utf8(&line[..colon]).ok()?;
        Some((name, line[colon + 1..].trim_ascii()))
    })
}

/// The first value of the header `name` (any case) in a kept raw head.
pub fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    head.split(|&byte| byte == b'\n').skip(1).find_map(|line| {
        // The colon's place rules out most lines at once.
        let (found, rest) = line.split_at_checked(name.len())?;
        let value = rest.strip_prefix(b":")?;
        found.eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim_ascii())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Latin: caf\xe9 : x \r\n\
                          set-cookie:b=2\r\nEmpty:\r\n\r\n";

    #[test]
    fn a_header_is_found_in_any_case() {
        assert_eq!(header(HEAD, "SET-COOKIE"), Some(&b"a=1"[..]));
        assert_eq!(header(HEAD, "x-latin"), Some(&b"caf\xe9 : x"[..]));
        assert_eq!(header(HEAD, "empty"), Some(&b""[..]));
        assert_eq!(header(HEAD, "absent"), None);
    }

    #[test]
    fn headers_come_in_order_and_repeat() {
        let names: Vec<_> = headers(HEAD).map(|(name, _)| name).collect();
        assert_eq!(names, ["Set-Cookie", "X-Latin", "set-cookie", "Empty"]);
    }

    #[test]
    fn tls_bytes_are_told_from_other_garbage() {
        let tls = check_preamble(&[0x15, 3, 1, 0, 2, 2, 70]).unwrap_err().to_string();
        assert!(tls.contains("https://"), "{tls}");
        let garbage = check_preamble(b"\x00\x01garb").unwrap_err();
        let expected = "response head is not HTTP/1.x: starts with \"\\x00\\x01garb\"";
        assert_eq!(garbage.to_string(), expected);
        assert!(check_preamble(b"HTT").is_ok() && check_preamble(b"").is_ok());
    }
}

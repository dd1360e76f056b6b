//! One response of one connection, parsed as its bytes arrive (RFC 9112).
//!
//! ```text
//!            1xx: next head
//!            +----+
//!            v    |
//! reset -> Head --+-> Length(n) ----- n bytes ---------> Done
//!                 |-> Chunked ------- last chunk ------> Done
//!                 |-> UntilClose ---- finish() --------> Done
//!                 `-> no body -------------------------> Done
//! ```
//!
//! A head that arrives in one piece is parsed where it lies; only a head that arrives in several
//! is gathered on the heap, and the search for its blank line goes on where it stopped, so bytes
//! that drip in cost linear time. Fails with [`ParseError`], after which only `reset` makes sense.

use super::chunked::Chunked;
use super::error::{ClosedEarly, ParseError, excerpt};
use super::head::{Framing, Head, MAX_HEAD_BYTES, check_preamble, parse_head};

/// Room made at once for an announced body; a longer one grows, as its length may be a lie.
const MAX_RESERVED_BYTES: usize = 16 * 1024 * 1024;

/// What the request says about the shape of its response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expect {
    /// The request was a HEAD: the response has no body, whatever its headers say.
    pub head_request: bool,
    /// The request was a CONNECT: a 2xx has no body; what follows belongs to the tunnel.
    pub connect: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    NeedMore,
    /// The response is complete; what follows in the input was left unconsumed.
    Done,
}

/// How many bytes of the input belonged to the response, and whether it is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fed {
    pub consumed: usize,
    pub progress: Progress,
}

/// The parser; under 100 bytes, with no heap but for a head that arrives in pieces.
#[derive(Debug, Default)]
pub struct ResponseParser {
    state: State,
    head: Option<Head>,
    body_bytes: u64,
    partial: Vec<u8>,
    head_len: u32,
    line: Line,
    expect: Expect,
    truncated: bool,
    interim: bool,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    Length {
        remaining: u64,
    },
    Chunked(Chunked),
    UntilClose,
    Done,
}

/// The end of the partial head so far, as far as finding its blank line needs it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Line {
    #[default]
    Inside,
    Start,
    StartCr,
}

/// Where body bytes go: counted always, kept as far as wanted and allowed.
struct Sink<'a, 'b> {
    keep: Option<&'a mut Vec<u8>>,
    limit: usize,
    body_bytes: &'b mut u64,
    truncated: &'b mut bool,
}

impl Sink<'_, '_> {
    fn take(&mut self, piece: &[u8]) {
        if let Some(keep) = &mut self.keep {
            let room = (self.limit as u64).saturating_sub(*self.body_bytes);
            let kept = usize::try_from(room).unwrap_or(usize::MAX).min(piece.len());
            keep.extend_from_slice(&piece[..kept]);
            *self.truncated |= kept < piece.len();
        }
        *self.body_bytes += piece.len() as u64;
    }
}

impl ResponseParser {
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes ready for the response to the next request; the heap of a partial head is given back.
    pub fn reset(&mut self, expect: Expect) {
        *self = Self { expect, ..Self::default() };
    }

    /// Takes bytes from the wire.
    ///
    /// Appends the raw head (of the final response: no 1xx, no trailers) and then the de-chunked
    /// body to `keep`, up to `keep_limit` body bytes; the rest is counted, not kept. Pass an empty
    /// `keep` at a response's first byte and the same one until it is done, or `None` throughout.
    pub fn feed(
        &mut self,
        input: &[u8],
        mut keep: Option<&mut Vec<u8>>,
        keep_limit: usize,
    ) -> Result<Fed, ParseError> {
        let mut consumed = 0;
        while matches!(self.state, State::Head) && consumed < input.len() {
            consumed += self.feed_head(&input[consumed..], keep.as_deref_mut(), keep_limit)?;
        }
        if consumed < input.len() {
            consumed += self.feed_body(&input[consumed..], keep, keep_limit)?;
        }
        let done = matches!(self.state, State::Done);
        Ok(Fed { consumed, progress: if done { Progress::Done } else { Progress::NeedMore } })
    }

    /// The peer closed: fine when that is how this response ends, else [`ClosedEarly`].
    pub fn finish(&mut self) -> Result<(), ParseError> {
        let received_bytes = self.body_bytes;
        let how = match self.state {
            State::Done => return Ok(()),
            State::UntilClose => {
                self.state = State::Done;
                return Ok(());
            }
            State::Head if !self.started() => ClosedEarly::BeforeResponse,
            State::Head => ClosedEarly::InHead { received_bytes: self.partial.len() },
            State::Length { remaining } => {
                ClosedEarly::InBody { received_bytes, expected_bytes: received_bytes + remaining }
            }
            State::Chunked(_) => ClosedEarly::InChunks { received_bytes },
        };
        Err(ParseError::ClosedEarly(how))
    }

    /// The final head, once it is complete.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// Body bytes so far, de-chunked, kept or not.
    pub fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// All bytes of the response so far, but for chunk framing and a head that is not complete.
    pub fn received_bytes(&self) -> u64 {
        self.head.map_or(0, |head| head.head_bytes) + self.body_bytes
    }

    /// Length of the head at the start of `keep`: 0 until it is complete, or when none is kept.
    pub fn head_len(&self) -> usize {
        self.head_len as usize
    }

    /// Has any byte of a response (an interim one too) arrived?
    pub fn started(&self) -> bool {
        self.head.is_some() || self.interim || !self.partial.is_empty()
    }

    /// Was body left out of `keep` because of its limit?
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// Takes bytes of a head (all of `input`, or up to the head's end).
    fn feed_head(
        &mut self,
        input: &[u8],
        keep: Option<&mut Vec<u8>>,
        keep_limit: usize,
    ) -> Result<usize, ParseError> {
        if self.partial.is_empty() {
            check_preamble(input)?;
            if let Some((head, framing)) = parse_head(input, &self.expect)? {
                let raw = &input[..head.head_bytes as usize];
                self.begin_body(head, framing, raw, keep, keep_limit);
                return Ok(raw.len());
            }
        }
        let end = self.blank_line(input);
        let piece = &input[..end.unwrap_or(input.len())];
        if self.partial.len() + piece.len() > MAX_HEAD_BYTES {
            return Err(ParseError::HeadTooLarge { limit_bytes: MAX_HEAD_BYTES });
        }
        self.partial.extend_from_slice(piece);
        check_preamble(&self.partial)?;
        if end.is_some() {
            let raw = std::mem::take(&mut self.partial);
            let (head, framing) = parse_head(&raw, &self.expect)?.ok_or_else(|| {
                ParseError::BadHead { reason: "it ends too soon", excerpt: excerpt(&raw) }
            })?;
            self.begin_body(head, framing, &raw, keep, keep_limit);
        }
        Ok(piece.len())
    }

    /// The end of the head within `input`, going on from where earlier input stopped.
    fn blank_line(&mut self, input: &[u8]) -> Option<usize> {
        for (index, &byte) in input.iter().enumerate() {
            self.line = match (byte, self.line) {
                (b'\n', Line::Start | Line::StartCr) => {
                    self.line = Line::Inside;
                    return Some(index + 1);
                }
                (b'\n', Line::Inside) => Line::Start,
                (b'\r', Line::Start) => Line::StartCr,
                _ => Line::Inside,
            };
        }
        None
    }

    fn begin_body(
        &mut self,
        head: Head,
        framing: Framing,
        raw: &[u8],
        keep: Option<&mut Vec<u8>>,
        keep_limit: usize,
    ) {
        if (100..200).contains(&head.status) && head.status != 101 {
            self.interim = true;
            return;
        }
        self.head = Some(head);
        if let Some(keep) = keep {
            if let Framing::Length(length) = framing {
                let body =
                    keep_limit.min(MAX_RESERVED_BYTES).min(length.min(u32::MAX.into()) as usize);
                keep.reserve_exact(raw.len() + body);
            }
            keep.extend_from_slice(raw);
            self.head_len = raw.len() as u32;
        }
        self.state = match framing {
            Framing::Empty | Framing::Length(0) => State::Done,
            Framing::Length(remaining) => State::Length { remaining },
            Framing::Chunked => State::Chunked(Chunked::default()),
            Framing::UntilClose => State::UntilClose,
        };
    }

    fn feed_body(
        &mut self,
        input: &[u8],
        keep: Option<&mut Vec<u8>>,
        keep_limit: usize,
    ) -> Result<usize, ParseError> {
        let Self { state, body_bytes, truncated, .. } = self;
        let mut sink = Sink { keep, limit: keep_limit, body_bytes, truncated };
        match state {
            State::Length { remaining } => {
                let left = usize::try_from(*remaining).unwrap_or(usize::MAX);
                let piece = &input[..left.min(input.len())];
                sink.take(piece);
                *remaining -= piece.len() as u64;
                if *remaining == 0 {
                    *state = State::Done;
                }
                Ok(piece.len())
            }
            State::Chunked(chunked) => {
                let taken = chunked.feed(input, |piece| sink.take(piece))?;
                if chunked.is_done() {
                    *state = State::Done;
                }
                Ok(taken)
            }
            State::UntilClose => {
                sink.take(input);
                Ok(input.len())
            }
            State::Head | State::Done => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    const GET: Expect = Expect { head_request: false, connect: false };

    /// Written with `|` for the end of a line.
    fn crlf(text: &str) -> Vec<u8> {
        text.replace('|', "\r\n").into_bytes()
    }

    /// Feeds `wire` in pieces ending at `cuts`, then closes; what was kept, and how it ended.
    fn run(
        wire: &[u8],
        cuts: &[usize],
        expect: Expect,
    ) -> (ResponseParser, Vec<u8>, usize, Result<(), ParseError>) {
        let mut parser = ResponseParser::new();
        parser.reset(expect);
        let (mut keep, mut at) = (Vec::new(), 0);
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (wire.len() + 1)).collect();
        ends.push(wire.len());
        ends.sort_unstable();
        for end in ends {
            match parser.feed(&wire[at..end], Some(&mut keep), usize::MAX) {
                Err(error) => return (parser, keep, at, Err(error)),
                Ok(fed) => at += fed.consumed,
            }
            if matches!(parser.state, State::Done) {
                return (parser, keep, at, Ok(()));
            }
        }
        let end = parser.finish();
        (parser, keep, at, end)
    }

    fn whole(wire: &[u8]) -> (ResponseParser, Vec<u8>, usize, Result<(), ParseError>) {
        run(wire, &[], GET)
    }

    fn body_of(wire: &[u8], expect: Expect) -> (Vec<u8>, Head) {
        let (parser, keep, _, end) = run(wire, &[], expect);
        end.unwrap();
        (keep[parser.head_len()..].to_vec(), *parser.head().unwrap())
    }

    #[test]
    fn an_idle_parser_is_small() {
        assert!(size_of::<ResponseParser>() <= 96, "{}", size_of::<ResponseParser>());
    }

    #[test]
    fn each_framing_rule_gives_its_body() {
        let head = Expect { head_request: true, ..GET };
        let connect = Expect { connect: true, ..GET };
        for (wire, expect, body) in [
            ("HTTP/1.1 200 OK|Content-Length: 2||hi", GET, "hi"),
            ("HTTP/1.1 200 OK|Content-Length: 2, 2|content-length:2||hi", GET, "hi"),
            ("HTTP/1.1 200\nContent-Length: 2\n\nhi", GET, "hi"),
            ("HTTP/1.1 200 OK||to the end", GET, "to the end"),
            ("HTTP/1.1 200 OK|Transfer-Encoding: gzip|Content-Length: 1||xyz", GET, "xyz"),
            (
                "HTTP/1.1 200 OK|Content-Length: 9|Content-Length: 8|\
                 Transfer-Encoding: chunked||2|hi|0||",
                GET,
                "hi",
            ),
            ("HTTP/1.1 200 OK|Transfer-Encoding: gzip, Chunked||2|hi|0||", GET, "hi"),
            ("HTTP/1.1 200 OK|Transfer-Encoding: identity|Content-Length: 2||hi", GET, "hi"),
            ("HTTP/1.1 200 OK|Content-Length: 2||", head, ""),
            ("HTTP/1.1 204 No Content|Content-Length: 2||", GET, ""),
            ("HTTP/1.1 304 Not Modified|Transfer-Encoding: chunked||", GET, ""),
            ("HTTP/1.1 200 Connection established||", connect, ""),
            ("HTTP/1.1 407 Who|Content-Length: 2||no", connect, "no"),
            ("HTTP/1.1 101 Switching|Upgrade: websocket||", GET, ""),
            (
                "HTTP/1.1 100 Continue||HTTP/1.1 103 Early|Link: x||\
                 HTTP/1.1 201 Created|Content-Length: 1||x",
                GET,
                "x",
            ),
        ] {
            let (found, _) = body_of(&crlf(wire), expect);
            assert_eq!(String::from_utf8(found).unwrap(), body, "{wire}");
        }
    }

    #[test]
    fn keep_alive_follows_version_connection_and_framing() {
        for (wire, keep_alive) in [
            ("HTTP/1.1 200 OK|Content-Length: 0||", true),
            ("HTTP/1.1 200 OK|Content-Length: 0|Connection: Upgrade, Close||", false),
            ("HTTP/1.0 200 OK|Content-Length: 0||", false),
            ("HTTP/1.0 200 OK|Content-Length: 0|connection: Keep-Alive||", true),
            ("HTTP/1.1 200 OK|Connection: keep-alive||until close", false),
            ("HTTP/1.1 204 OK||", true),
            ("HTTP/1.1 101 OK||", false),
        ] {
            assert_eq!(body_of(&crlf(wire), GET).1.keep_alive, keep_alive, "{wire}");
        }
    }

    #[test]
    fn a_head_says_which_headers_are_worth_reading() {
        let (_, head) = body_of(
            b"HTTP/1.1 302 Found\r\nset-COOKIE: a=b\r\nLocation: /x\r\nContent-Encoding: br\r\n\
              Content-Length: 0\r\n\r\n",
            GET,
        );
        assert!(head.has_set_cookie && head.has_location && head.has_content_encoding);
        assert_eq!((head.status, head.head_bytes), (302, 94));
    }

    #[test]
    fn broken_responses_are_named() {
        let many: String = (0..129).map(|n| format!("h{n}: 1|")).collect();
        let large = format!("HTTP/1.1 200 OK|X: {}", "y".repeat(300 * 1024));
        for (wire, kind, part) in [
            ("\0\u{1}garb", "malformed", r#"not HTTP/1.x: starts with "\x00\x01garb""#),
            ("HTTP/2 200|", "malformed", "not HTTP/1.x: starts with \"HTTP/2 200"),
            ("HTTP/1.1 2x0 OK|", "malformed", "three digits"),
            ("HTTP/1.1 200 OK|bad name: 1||", "malformed", "header name"),
            ("HTTP/1.1 200 OK|Content-Length: -1||", "malformed", "\"-1\" is not a number"),
            (
                "HTTP/1.1 200 OK|Content-Length: 1, 2||",
                "malformed",
                "unequal Content-Length values: 1 and 2",
            ),
            (
                "HTTP/1.1 200 OK|Content-Length: 99999999999999999999||",
                "malformed",
                "is not a number",
            ),
            (&format!("HTTP/1.1 200 OK|{many}|"), "malformed", "more than 128 headers"),
            (&large, "malformed", "larger than 256 KiB"),
            (&format!("{large}||"), "malformed", "larger than 256 KiB"),
            ("", "closed_early", "before the first byte"),
            ("HTTP/1.1 200 OK|Cont", "closed_early", "response head, after 21 bytes"),
            (
                "HTTP/1.1 200 OK|Content-Length: 9||hi",
                "closed_early",
                "after 2 of the 9 body bytes",
            ),
            (
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|hi|",
                "closed_early",
                "before the last chunk, after 2",
            ),
        ] {
            let error = whole(&crlf(wire)).3.unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn garbage_after_a_response_is_left_unconsumed() {
        let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n";
        let mut parser = ResponseParser::new();
        let fed = parser.feed(wire, None, 0).unwrap();
        assert_eq!(fed, Fed { consumed: 40, progress: Progress::Done });
        assert_eq!(parser.feed(&wire[40..], None, 0).unwrap().consumed, 0);
        assert_eq!((parser.body_bytes(), parser.head_len()), (2, 0));
    }

    #[test]
    fn body_past_the_limit_is_counted_and_not_kept() {
        let mut parser = ResponseParser::new();
        let mut keep = Vec::new();
        for piece in ["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab", "cd", "ef"] {
            parser.feed(piece.as_bytes(), Some(&mut keep), 3).unwrap();
        }
        assert_eq!(&keep[parser.head_len()..], b"abc");
        assert_eq!((parser.body_bytes(), parser.truncated()), (6, true));
        assert_eq!(keep.capacity(), parser.head_len() + 3);
    }

    #[test]
    fn a_lie_about_an_endless_body_reserves_little() {
        let mut keep = Vec::new();
        let wire = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", u64::MAX);
        ResponseParser::new().feed(wire.as_bytes(), Some(&mut keep), usize::MAX).unwrap();
        assert!(keep.capacity() < 17 * 1024 * 1024);
    }

    #[test]
    fn a_reset_parser_takes_the_next_response() {
        let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        let mut parser = ResponseParser::new();
        for _ in 0..3 {
            parser.reset(GET);
            assert!(!parser.started());
            assert_eq!(parser.feed(&wire[..9], None, 0).unwrap().progress, Progress::NeedMore);
            assert!(parser.started() && parser.head().is_none());
            assert_eq!(parser.feed(&wire[9..], None, 0).unwrap().progress, Progress::Done);
        }
    }

    /// A valid response of any framing, interim heads before it, garbage after it.
    fn valid_response() -> impl Strategy<Value = Vec<u8>> {
        let body = proptest::collection::vec(any::<u8>(), 0..200);
        let name = "[A-Za-z][A-Za-z0-9-]{0,10}";
        let header =
            (name, "[ -~]{0,20}").prop_map(|(name, value)| format!("X{name}: {value}\r\n"));
        let headers = proptest::collection::vec(header, 0..6).prop_map(|lines| lines.concat());
        (0..2u8, headers, body, 0..3u8, 1..50usize, "(|junk)").prop_map(
            |(interim, headers, body, framing, chunk, junk)| {
                let mut wire = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(interim.into());
                wire.extend_from_slice(format!("HTTP/1.1 200 OK\r\n{headers}").as_bytes());
                match framing {
                    0 => {
                        let length = format!("Content-Length: {}\r\n\r\n", body.len());
                        wire.extend_from_slice(length.as_bytes());
                        wire.extend_from_slice(&body);
                        wire.extend_from_slice(junk.as_bytes());
                    }
                    1 => {
                        wire.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                        for piece in body.chunks(chunk) {
                            wire.extend_from_slice(format!("{:x};e=1\r\n", piece.len()).as_bytes());
                            wire.extend_from_slice(piece);
                            wire.extend_from_slice(b"\r\n");
                        }
                        wire.extend_from_slice(b"0\r\nTrailer: 1\r\n\r\n");
                        wire.extend_from_slice(junk.as_bytes());
                    }
                    _ => {
                        wire.extend_from_slice(b"\r\n");
                        wire.extend_from_slice(&body);
                    }
                }
                wire
            },
        )
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() })]

        #[test]
        fn any_split_of_a_response_reads_the_same(
            wire in valid_response(),
            cuts in proptest::collection::vec(any::<usize>(), 0..40),
        ) {
            let (one, one_kept, one_at, one_end) = whole(&wire);
            prop_assert_eq!(&one_end, &Ok(()));
            let (many, many_kept, many_at, many_end) = run(&wire, &cuts, GET);
            prop_assert_eq!((one.head(), one.body_bytes()), (many.head(), many.body_bytes()));
            prop_assert_eq!((&one_kept, one_at, one_end), (&many_kept, many_at, many_end));
            let bytewise: Vec<usize> = (0..wire.len()).collect();
            prop_assert_eq!(run(&wire, &bytewise, GET).1, one_kept);
        }
    }
}

//! The bodies of the fuzz targets, shared by `crates/kernel/fuzz` (which runs them for as long as
//! one likes) and by the short seeded runs of `cargo test`. A body panics when a promise is broken.

use crate::cookies::{Jar, MAX_COOKIE_BYTES, MAX_COOKIES};
use crate::http1::{Expect, Head, ParseError, Progress, ResponseParser};

/// A response is what it is, however its bytes arrive: `data` in one piece, byte by byte, and cut
/// as its first bytes say gives the same head, body and end.
pub fn response(data: &[u8]) {
    let Some((&[flags, first, second], wire)) = data.split_first_chunk() else {
        return;
    };
    let expect = Expect { head_request: flags & 1 != 0, connect: flags & 2 != 0 };
    let whole = Reading::of(wire, wire.len(), wire.len(), expect);
    for (first, second) in [(1, 1), (first.into(), second.into())] {
        let pieces = Reading::of(wire, first, second, expect);
        match &whole.end {
            // A broken head is noticed at once in one piece, but at its end in several.
            Err(error) if error.kind() == "malformed" => assert!(pieces.end.is_err()),
            _ => assert_eq!(whole, pieces),
        }
    }
}

#[derive(Debug, PartialEq)]
struct Reading {
    head: Option<Head>,
    kept: Vec<u8>,
    body_bytes: u64,
    consumed: usize,
    end: Result<(), ParseError>,
}

impl Reading {
    fn of(wire: &[u8], first: usize, second: usize, expect: Expect) -> Self {
        let mut parser = ResponseParser::new();
        parser.reset(expect);
        let (mut kept, mut consumed, mut end) = (Vec::new(), 0, None);
        let mut sizes = [first.max(1), second.max(1)].into_iter().cycle();
        while consumed < wire.len() && end.is_none() {
            let size = sizes.next().unwrap_or(1);
            let piece = &wire[consumed..(consumed + size).min(wire.len())];
            match parser.feed(piece, Some(&mut kept), usize::MAX) {
                Ok(fed) => {
                    let done = fed.progress == Progress::Done;
                    assert!(done || fed.consumed == piece.len());
                    consumed += fed.consumed;
                    end = done.then_some(Ok(()));
                }
                Err(error) => end = Some(Err(error)),
            }
        }
        let end = end.unwrap_or_else(|| parser.finish());
        let body_bytes = parser.body_bytes();
        match &end {
            Ok(()) => assert_eq!(kept.len() as u64, parser.head_len() as u64 + body_bytes),
            Err(error) => assert!(!error.to_string().contains(char::is_control)),
        }
        Self { head: parser.head().copied(), kept, body_bytes, consumed, end }
    }
}

/// Whatever servers send as `Set-Cookie` (one a line), the `Cookie` header is one that a server
/// can parse, and the jar stays within its limits.
pub fn cookies(data: &[u8]) {
    let mut jar = Jar::new();
    let hosts = ["shop.test", "www.shop.test", "localhost", "127.0.0.1", "::1"];
    for (index, line) in data.split(|&byte| byte == b'\n').enumerate() {
        let secure = index % 2 == 0;
        jar.store(line, hosts[index % hosts.len()], "/shop/list?q=1", secure, index as i64);
    }
    assert!(jar.len() <= MAX_COOKIES);
    for host in hosts {
        let mut header = String::new();
        let any = jar.write_header(host, "/shop/list", true, data.len() as i64, &mut header);
        assert_eq!(any, !header.is_empty());
        assert!(!header.bytes().any(|byte| byte.is_ascii_control()));
        for pair in header.split("; ").filter(|_| any) {
            let (name, value) = pair.split_once('=').expect("a pair has its =");
            assert!(!name.is_empty() && !pair.contains(';'));
            assert!(name.len() + value.len() <= MAX_COOKIE_BYTES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::{Config, RngSeed};

    /// Texts that parsers trip over, strung together with random bytes.
    fn dictionary(words: Vec<&'static str>) -> impl Strategy<Value = Vec<u8>> {
        let word = prop_oneof![
            6 => select(words).prop_map(|word| word.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..4),
        ];
        proptest::collection::vec(word, 0..14).prop_map(|words| words.concat())
    }

    fn response_words() -> Vec<&'static str> {
        vec![
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.0 404 No\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 204\n",
            "Content-Length: 3\r\n",
            "Content-Length: 5, 5\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Connection: close\r\n",
            "\r\n",
            "\n",
            "\r",
            "3\r\nabc\r\n",
            "0\r\n\r\n",
            "ffffffffffffffff;x\r\n",
            ": ",
            "abc",
        ]
    }

    fn cookie_words() -> Vec<&'static str> {
        vec![
            "a=1",
            "b=\"x\"",
            "=",
            ";",
            "; ",
            "\n",
            "Path=/shop",
            "Path=",
            "Domain=shop.test",
            "Domain=.test",
            "Max-Age=9",
            "Max-Age=-1",
            "Expires=Sun, 06 Nov 2094 08:49:37 GMT",
            "Secure",
            "\t",
            " ",
            "é",
        ]
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() })]

        #[test]
        fn a_response_reads_the_same_however_it_arrives(
            cuts in any::<[u8; 3]>(),
            wire in dictionary(response_words()),
        ) {
            response(&[&cuts[..], &wire].concat());
        }

        #[test]
        fn a_plausible_head_with_any_rest_reads_the_same(
            cuts in any::<[u8; 3]>(),
            wire in dictionary(response_words()),
        ) {
            response(&[&cuts[..], b"HTTP/1.1 200 OK\r\n", &wire].concat());
        }

        #[test]
        fn random_bytes_never_break_the_parsers(
            data in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            response(&data);
            cookies(&data);
        }

        #[test]
        fn the_cookie_header_can_always_be_parsed(lines in dictionary(cookie_words())) {
            cookies(&lines);
        }
    }
}

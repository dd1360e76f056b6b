//! The chunked transfer coding (RFC 9112 §7.1), decoded as its bytes arrive.
//!
//! ```text
//!          +----------------------------------------+
//!          v                                        |
//! -> Size -- ";" -> Extension -- LF -> Data -> DataEnd (CRLF)
//!      \______________________ LF ____/ |
//!                                       | size 0
//!                                       v
//!                                    Trailers -- empty line -> done
//! ```
//!
//! A bare LF is taken for CRLF, and blanks after the size are skipped, as real servers send both.
//! Fails on a size that is no hexadecimal number or overflows, on a size line or trailers past
//! their limits, and on chunk data that is longer than announced.

use super::error::{ParseError, excerpt};

/// A chunk-size line, extensions included, longer than this is refused.
pub const MAX_LINE_BYTES: u16 = 4096;
/// Trailers larger than this are refused.
pub const MAX_TRAILER_BYTES: u32 = 64 * 1024;

/// Where the decoder stands; 16 bytes, so that idle connections stay small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunked {
    /// Size of the chunk while its line is read, then what is left of its data.
    remaining: u64,
    /// Bytes of trailers so far.
    trailer_bytes: u32,
    /// Bytes of the current size line so far; in trailers, whether the line has any.
    line_bytes: u16,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Size,
    Blank,
    Extension,
    Data,
    DataEnd,
    Trailers,
    Done,
}

impl Default for Chunked {
    fn default() -> Self {
        Self { remaining: 0, trailer_bytes: 0, line_bytes: 0, phase: Phase::Size }
    }
}

impl Chunked {
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Decodes `input`, hands the body's pieces to `body`, and returns how many bytes it took:
    /// all of them, unless the last chunk and its trailers ended before.
    pub fn feed(&mut self, input: &[u8], mut body: impl FnMut(&[u8])) -> Result<usize, ParseError> {
        let mut at = 0;
        while at < input.len() && self.phase != Phase::Done {
            if self.phase == Phase::Data {
                let left = usize::try_from(self.remaining).unwrap_or(usize::MAX);
                let piece = &input[at..at + left.min(input.len() - at)];
                body(piece);
                at += piece.len();
                self.remaining -= piece.len() as u64;
                if self.remaining == 0 {
                    self.phase = Phase::DataEnd;
                }
            } else {
                self.framing_byte(input[at], &input[at..])?;
                at += 1;
            }
        }
        Ok(at)
    }

    /// One byte that is not body; `rest` starts with it and serves the error's excerpt.
    fn framing_byte(&mut self, byte: u8, rest: &[u8]) -> Result<(), ParseError> {
        match self.phase {
            Phase::Size | Phase::Blank | Phase::Extension => self.size_line_byte(byte, rest),
            Phase::DataEnd => match byte {
                // At most one CR before the LF; `line_bytes` remembers it.
                b'\r' if self.line_bytes == 0 => {
                    self.line_bytes = 1;
                    Ok(())
                }
                b'\n' => {
                    self.line_bytes = 0;
                    self.phase = Phase::Size;
                    Ok(())
                }
                found => Err(ParseError::BadChunkEnd { found }),
            },
            _ => self.trailer_byte(byte),
        }
    }

    fn size_line_byte(&mut self, byte: u8, rest: &[u8]) -> Result<(), ParseError> {
        let bad = || ParseError::BadChunkSize { excerpt: excerpt(rest) };
        if self.line_bytes >= MAX_LINE_BYTES {
            return Err(ParseError::ChunkLineTooLong { limit_bytes: MAX_LINE_BYTES.into() });
        }
        match (byte, self.phase) {
            (b'\n', _) if self.line_bytes > 0 => {
                self.line_bytes = 0;
                let last = self.remaining == 0;
                self.phase = if last { Phase::Trailers } else { Phase::Data };
                return Ok(());
            }
            (_, Phase::Extension) => {}
            (b';', _) if self.line_bytes > 0 => self.phase = Phase::Extension,
            (b' ' | b'\t' | b'\r', _) if self.line_bytes > 0 => self.phase = Phase::Blank,
            (_, Phase::Size) => {
                let digit = char::from(byte).to_digit(16).ok_or_else(bad)?;
                let shifted = self.remaining.checked_mul(16).ok_or_else(bad)?;
                self.remaining = shifted | u64::from(digit);
            }
            _ => return Err(bad()),
        }
        self.line_bytes += 1;
        Ok(())
    }

    /// Trailers are counted and dropped: nothing that a load test needs travels there.
    fn trailer_byte(&mut self, byte: u8) -> Result<(), ParseError> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > MAX_TRAILER_BYTES {
            return Err(ParseError::TrailersTooLarge { limit_bytes: MAX_TRAILER_BYTES as usize });
        }
        match byte {
            b'\n' if self.line_bytes == 0 => self.phase = Phase::Done,
            b'\n' => self.line_bytes = 0,
            b'\r' => {}
            _ => self.line_bytes = 1,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(input: &[u8]) -> Result<(Vec<u8>, usize, bool), ParseError> {
        let mut chunked = Chunked::default();
        let mut body = Vec::new();
        let taken = chunked.feed(input, |piece| body.extend_from_slice(piece))?;
        Ok((body, taken, chunked.is_done()))
    }

    #[test]
    fn chunks_extensions_and_trailers_are_read() {
        for wire in [
            &b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"[..],
            b"5;name=\"v\"\r\nhello\r\n006 \r\n world\r\n0;last\r\nX-Sum: 1\r\nY:2\r\n\r\n",
            b"5\nhello\n6\n world\n0\n\n",
            b"B\r\nhello world\r\n000\r\n\r\n",
        ] {
            let (body, taken, done) = decode(wire).unwrap();
            assert_eq!((body.as_slice(), taken, done), (&b"hello world"[..], wire.len(), true));
        }
    }

    #[test]
    fn what_follows_the_last_chunk_is_left_alone() {
        let (body, taken, done) = decode(b"1\r\na\r\n0\r\n\r\nHTTP/1.1").unwrap();
        assert_eq!((body.as_slice(), taken, done), (&b"a"[..], 11, true));
    }

    #[test]
    fn broken_chunks_are_refused() {
        let long = [b"1;".to_vec(), vec![b'x'; 5000]].concat();
        for (wire, part) in [
            (&b"xyz\r\n"[..], "chunk size is not a hexadecimal number: \"xyz"),
            (b"\r\n", "not a hexadecimal"),
            (b"-1\r\n", "not a hexadecimal"),
            (b"1 2\r\n", "not a hexadecimal"),
            (b"11111111111111111\r\n", "not a hexadecimal"),
            (b"1\r\nab\r\n", "\"b\" where CRLF is due"),
            (b"1\r\na\r\r\n", "where CRLF is due"),
            (&long, "longer than 4096 bytes"),
        ] {
            let message = decode(wire).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
        let flood = [b"0\r\n".to_vec(), vec![b'x'; 70_000]].concat();
        assert!(matches!(decode(&flood), Err(ParseError::TrailersTooLarge { .. })));
    }
}

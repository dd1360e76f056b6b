//! The body of a request as it comes in: counted whole, kept up to a limit.
//!
//! ```text
//! Length(n) ──n bytes──► Done
//! ChunkSize ──► ChunkData(n) ──► ChunkEnd ──► ChunkSize ──► … ──size 0──► Trailer ──► Done
//! ```
//! Reference: RFC 9112 §6 and §7.1. Fails with the reason when the chunked framing is broken.

use httparse::Status;

use crate::request::Framing;

/// What is kept of a body, for `/echo`.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// A chunk-size or trailer line beyond this is no honest one.
const LINE_BYTES_MAX: usize = 8 * 1024;

#[derive(Debug, PartialEq, Eq)]
enum State {
    Length(u64),
    ChunkSize,
    ChunkData(u64),
    ChunkEnd,
    Trailer,
    Done,
}

pub struct Upload {
    /// The request's head, to be parsed again once the body is whole.
    pub head: Vec<u8>,
    /// The body's first bytes, up to the limit.
    pub kept: Vec<u8>,
    /// The body's length, as far as it has come.
    pub total_bytes: u64,
    state: State,
}

impl Upload {
    pub fn new(head: &[u8], framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(0) => State::Done,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize,
        };
        Self { head: head.to_vec(), kept: Vec::new(), total_bytes: 0, state }
    }

    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Takes what it can of `input`; returns how many bytes that was.
    pub fn take(&mut self, input: &[u8]) -> Result<usize, String> {
        let mut taken = 0;
        while !self.is_done() {
            let count = self.step(&input[taken..])?;
            if count == 0 {
                break;
            }
            taken += count;
        }
        Ok(taken)
    }

    /// One move of the state machine; 0 when it needs more input.
    fn step(&mut self, input: &[u8]) -> Result<usize, String> {
        match self.state {
            State::Length(left) => Ok(self.take_data(input, left, State::Length, State::Done)),
            State::ChunkData(left) => {
                Ok(self.take_data(input, left, State::ChunkData, State::ChunkEnd))
            }
            State::ChunkSize => match httparse::parse_chunk_size(input) {
                Ok(Status::Complete((line_bytes, size))) => {
                    self.state = if size == 0 { State::Trailer } else { State::ChunkData(size) };
                    Ok(line_bytes)
                }
                Ok(Status::Partial) if input.len() < LINE_BYTES_MAX => Ok(0),
                _ => Err("a chunk's size is not a hexadecimal number".to_string()),
            },
            State::ChunkEnd => match input {
                [b'\r', b'\n', ..] => {
                    self.state = State::ChunkSize;
                    Ok(2)
                }
                [] | [b'\r'] => Ok(0),
                _ => Err("a chunk is longer than its size".to_string()),
            },
            State::Trailer => self.take_trailer_line(input),
            State::Done => Ok(0),
        }
    }

    fn take_data(
        &mut self,
        input: &[u8],
        left: u64,
        unfinished: fn(u64) -> State,
        finished: State,
    ) -> usize {
        let count = left.min(input.len() as u64);
        let data = &input[..count as usize];
        let room = KEPT_BYTES_MAX - self.kept.len();
        self.kept.extend_from_slice(&data[..data.len().min(room)]);
        self.total_bytes += count;
        self.state = if count == left { finished } else { unfinished(left - count) };
        data.len()
    }

    fn take_trailer_line(&mut self, input: &[u8]) -> Result<usize, String> {
        match input.windows(2).position(|pair| pair == b"\r\n") {
            Some(line_bytes) => {
                if line_bytes == 0 {
                    self.state = State::Done;
                }
                Ok(line_bytes + 2)
            }
            None if input.len() < LINE_BYTES_MAX => Ok(0),
            None => Err("a trailer line does not end".to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNKED: &[u8] = b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nSum: 1\r\n\r\n";

    #[test]
    fn a_body_of_known_length_ends_there() {
        let mut upload = Upload::new(b"head", Framing::Length(5));
        assert_eq!(upload.take(b"ab"), Ok(2));
        assert!(!upload.is_done());
        assert_eq!(upload.take(b"cdeGET /"), Ok(3));
        assert!(upload.is_done());
        assert_eq!((&upload.kept[..], upload.total_bytes), (&b"abcde"[..], 5));
    }

    #[test]
    fn a_chunked_body_is_the_same_however_it_is_cut() {
        for cut in 0..=CHUNKED.len() {
            let mut upload = Upload::new(b"", Framing::Chunked);
            let first = upload.take(&CHUNKED[..cut]).unwrap();
            assert_eq!(upload.take(&CHUNKED[first..]), Ok(CHUNKED.len() - first), "cut at {cut}");
            assert!(upload.is_done());
            assert_eq!(upload.kept, b"abc0123456789");
        }
    }

    #[test]
    fn what_follows_a_chunked_body_is_left_alone() {
        let mut upload = Upload::new(b"", Framing::Chunked);
        let input = [CHUNKED, b"GET / HTTP/1.1"].concat();
        assert_eq!(upload.take(&input), Ok(CHUNKED.len()));
    }

    #[test]
    fn broken_framing_is_refused() {
        for input in [&b"xyz\r\n"[..], b"3\r\nabcd\r\n"] {
            assert!(Upload::new(b"", Framing::Chunked).take(input).is_err());
        }
    }

    #[test]
    fn a_large_body_is_counted_whole_and_kept_in_part() {
        let mut upload = Upload::new(b"", Framing::Length(3 << 20));
        assert_eq!(upload.take(&vec![b'x'; 3 << 20]), Ok(3 << 20));
        assert_eq!((upload.kept.len(), upload.total_bytes), (KEPT_BYTES_MAX, 3 << 20));
    }
}

//! A response body that is produced as it leaves, piece by piece: any length in bounded memory,
//! and dripped bodies at their exact rate.
//!
//! ```text
//! fill ──► More ──► (flush) ──► fill ──► … ──► Done
//!   └────► NotBefore(due) ──► (wait) ──► fill
//! ```

use std::io::Write;

use perfwright_kernel::clock::NS_PER_S;

/// What one call of `fill` produces at most (a chunk or a trailer may exceed it by its own size).
const PIECE_BYTES: usize = 256 * 1024;

/// A dripped body leaves in at most so many pieces a second.
const DRIPS_PER_S: u64 = 100;

const FILLER: u8 = b'x';

#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing beyond what came with the head.
    Empty,
    /// So many filler bytes.
    Plain { left_bytes: u64 },
    /// So many chunks, then a trailer that repeats their number (RFC 9112 §7.1).
    Chunked { left: u64, total: u64, chunk_bytes: usize },
    /// Filler bytes at a rate.
    Drip(Drip),
}

/// Where a body stands after a call of `fill`.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    Done,
    /// There is more, as soon as the last piece is gone.
    More,
    /// There is more, but not before this time.
    NotBefore(u64),
}

impl Body {
    /// Without end, for any practical purpose: 16 EiB.
    pub fn endless() -> Self {
        Self::Plain { left_bytes: u64::MAX }
    }

    pub fn chunked(chunks: u64, chunk_bytes: usize) -> Self {
        Self::Chunked { left: chunks, total: chunks, chunk_bytes }
    }

    /// Appends the next piece to `out`.
    pub fn fill(&mut self, now_ns: u64, out: &mut Vec<u8>) -> Progress {
        match self {
            Self::Empty => Progress::Done,
            Self::Plain { left_bytes } => {
                let piece = (*left_bytes).min(PIECE_BYTES as u64);
                extend(out, piece as usize);
                *left_bytes -= piece;
                if *left_bytes == 0 { Progress::Done } else { Progress::More }
            }
            Self::Chunked { left, total, chunk_bytes } => {
                let enough = out.len() + PIECE_BYTES;
                while *left > 0 && out.len() < enough {
                    write_chunk(out, *chunk_bytes);
                    *left -= 1;
                }
                if *left > 0 {
                    return Progress::More;
                }
                write_all(out, format_args!("0\r\nX-Chunks: {total}\r\n\r\n"));
                Progress::Done
            }
            Self::Drip(drip) => drip.fill(now_ns, out),
        }
    }
}

/// Byte k of a dripped body is due k / rate after the head.
#[derive(Debug, PartialEq, Eq)]
pub struct Drip {
    bytes: u64,
    bytes_per_s: u64,
    sent_bytes: u64,
    started_ns: Option<u64>,
}

impl Drip {
    /// `bytes_per_s` must not be 0.
    pub fn new(bytes: u64, bytes_per_s: u64) -> Self {
        assert!(bytes_per_s > 0);
        Self { bytes, bytes_per_s, sent_bytes: 0, started_ns: None }
    }

    fn fill(&mut self, now_ns: u64, out: &mut Vec<u8>) -> Progress {
        let started_ns = *self.started_ns.get_or_insert(now_ns);
        let elapsed_ns = u128::from(now_ns - started_ns);
        let due = elapsed_ns * u128::from(self.bytes_per_s) / u128::from(NS_PER_S);
        let due_bytes = u64::try_from(due).unwrap_or(u64::MAX).min(self.bytes);
        let piece = (due_bytes - self.sent_bytes).min(PIECE_BYTES as u64);
        extend(out, piece as usize);
        self.sent_bytes += piece;
        if self.sent_bytes == self.bytes {
            return Progress::Done;
        }
        if self.sent_bytes < due_bytes {
            return Progress::More;
        }
        let step = (self.bytes_per_s / DRIPS_PER_S).max(1);
        let next_bytes = (self.sent_bytes + step).min(self.bytes);
        let after_ns = u128::from(next_bytes) * u128::from(NS_PER_S);
        Progress::NotBefore(started_ns + after_ns.div_ceil(u128::from(self.bytes_per_s)) as u64)
    }
}

fn extend(out: &mut Vec<u8>, count: usize) {
    out.resize(out.len() + count, FILLER);
}

fn write_chunk(out: &mut Vec<u8>, bytes: usize) {
    write_all(out, format_args!("{bytes:x}\r\n"));
    extend(out, bytes);
    out.extend_from_slice(b"\r\n");
}

fn write_all(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a Vec takes all");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of a body, on a clock that jumps to wherever the body wants it; and when it was done.
    fn drain(mut body: Body) -> (Vec<u8>, u64) {
        let (mut all, mut now_ns) = (Vec::new(), 0);
        loop {
            let mut piece = Vec::new();
            let progress = body.fill(now_ns, &mut piece);
            assert!(piece.len() < 2 * PIECE_BYTES);
            all.extend(piece);
            match progress {
                Progress::Done => return (all, now_ns),
                Progress::More => {}
                Progress::NotBefore(due_ns) => {
                    assert!(due_ns > now_ns);
                    now_ns = due_ns;
                }
            }
        }
    }

    #[test]
    fn a_plain_body_has_its_length_in_bounded_pieces() {
        assert_eq!(drain(Body::Plain { left_bytes: 1_000_003 }).0.len(), 1_000_003);
        assert_eq!(drain(Body::Plain { left_bytes: 0 }).0, b"");
        assert_eq!(drain(Body::Empty).0, b"");
    }

    #[test]
    fn an_endless_body_goes_on() {
        let mut body = Body::endless();
        assert_eq!(body.fill(0, &mut Vec::new()), Progress::More);
    }

    #[test]
    fn a_chunked_body_ends_in_its_trailer() {
        let (all, _) = drain(Body::chunked(2, 11));
        assert_eq!(all, b"b\r\nxxxxxxxxxxx\r\nb\r\nxxxxxxxxxxx\r\n0\r\nX-Chunks: 2\r\n\r\n");
        assert_eq!(drain(Body::chunked(0, 5)).0, b"0\r\nX-Chunks: 0\r\n\r\n");
        assert_eq!(drain(Body::chunked(100_000, 10)).0.len(), 100_000 * 15 + 23);
    }

    #[test]
    fn a_dripped_body_takes_exactly_its_length_over_its_rate() {
        let (all, took_ns) = drain(Body::Drip(Drip::new(2_500, 1_000)));
        assert_eq!((all.len(), took_ns), (2_500, 2_500_000_000));
        let (all, took_ns) = drain(Body::Drip(Drip::new(1, 3)));
        assert_eq!((all.len(), took_ns), (1, 333_333_334));
        let (all, took_ns) = drain(Body::Drip(Drip::new(0, 3)));
        assert_eq!((all.len(), took_ns), (0, 0));
    }

    #[test]
    fn a_drip_that_was_late_catches_up_in_bounded_pieces() {
        let mut drip = Drip::new(10_000_000, 1_000_000);
        drip.fill(0, &mut Vec::new());
        let mut out = Vec::new();
        assert_eq!(drip.fill(5 * NS_PER_S, &mut out), Progress::More);
        assert_eq!(out.len(), PIECE_BYTES);
    }
}

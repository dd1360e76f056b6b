//! Undoes a response's `Content-Encoding` (RFC 9110 §8.4): gzip, deflate, br, zstd, or several.
//!
//! Only what a scenario reads is decoded, and never to more than the caller's limit, in bytes, so
//! that a small body cannot fill the memory. Fails with [`DecodeError`]: a coding that is not
//! known, bytes that are not what the header says, or the limit.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

/// A body in more layers than this is refused.
const MAX_CODINGS: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    Unknown { coding: Box<str> },
    TooManyCodings { content_encoding: Box<str> },
    Corrupt { coding: Box<str>, reason: Box<str> },
    TooLarge { limit_bytes: usize },
}

impl std::error::Error for DecodeError {}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { coding } => write!(
                f,
                "Content-Encoding {coding:?} is not known: send an Accept-Encoding header without \
                 it (gzip, deflate, br and zstd are)"
            ),
            Self::TooManyCodings { content_encoding } => {
                write!(
                    f,
                    "Content-Encoding {content_encoding:?} has more than {MAX_CODINGS} layers"
                )
            }
            Self::Corrupt { coding, reason } => {
                write!(f, "the body is not what Content-Encoding {coding:?} says: {reason}")
            }
            Self::TooLarge { limit_bytes } => {
                write!(f, "the decoded body is larger than the limit of {limit_bytes} bytes")
            }
        }
    }
}

/// Decodes `body` as the `Content-Encoding` header says, the last coding of its list first.
pub fn decode(
    content_encoding: &str,
    body: &[u8],
    limit_bytes: usize,
) -> Result<Vec<u8>, DecodeError> {
    let codings = content_encoding.split(',').map(str::trim);
    let codings: Vec<&str> = codings.filter(|coding| !matches!(*coding, "" | "identity")).collect();
    if codings.len() > MAX_CODINGS {
        return Err(DecodeError::TooManyCodings { content_encoding: content_encoding.into() });
    }
    let mut decoded = Cow::Borrowed(body);
    for coding in codings.iter().rev() {
        decoded = Cow::Owned(decode_one(coding, &decoded, limit_bytes)?);
    }
    if decoded.len() > limit_bytes {
        return Err(DecodeError::TooLarge { limit_bytes });
    }
    Ok(decoded.into_owned())
}

fn decode_one(coding: &str, body: &[u8], limit_bytes: usize) -> Result<Vec<u8>, DecodeError> {
    let is = |name: &str| coding.eq_ignore_ascii_case(name);
    // Servers label the empty body of a 204 or a HEAD, too.
    if body.is_empty() || is("identity") {
        return Ok(body.to_vec());
    }
    let read = if is("gzip") || is("x-gzip") {
        read_up_to(flate2::bufread::MultiGzDecoder::new(body), limit_bytes)
    } else if is("deflate") && is_zlib(body) {
        read_up_to(flate2::bufread::ZlibDecoder::new(body), limit_bytes)
    } else if is("deflate") {
        read_up_to(flate2::bufread::DeflateDecoder::new(body), limit_bytes)
    } else if is("br") {
        read_up_to(brotli::Decompressor::new(body, 4096), limit_bytes)
    } else if is("zstd") {
        zstd::stream::read::Decoder::with_buffer(body)
            .and_then(|decoder| read_up_to(decoder, limit_bytes))
    } else {
        return Err(DecodeError::Unknown { coding: coding.into() });
    };
    let decoded = read.map_err(|error| DecodeError::Corrupt {
        coding: coding.into(),
        reason: error.to_string().into(),
    })?;
    if decoded.len() > limit_bytes {
        return Err(DecodeError::TooLarge { limit_bytes });
    }
    Ok(decoded)
}

/// "deflate" means zlib, but some servers send it bare; a zlib header (RFC 1950) tells.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..]
        if method & 15 == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

/// Reads to the end or to one byte past the limit, whichever comes first.
fn read_up_to(reader: impl Read, limit_bytes: usize) -> io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    reader.take((limit_bytes as u64).saturating_add(1)).read_to_end(&mut decoded)?;
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    const CODINGS: [&str; 5] = ["gzip", "deflate", "raw", "br", "zstd"];

    fn encode(coding: &str, body: &[u8]) -> Vec<u8> {
        let level = Compression::default();
        match coding {
            "gzip" => read_up_to(GzEncoder::new(body, level), usize::MAX),
            "deflate" => read_up_to(ZlibEncoder::new(body, level), usize::MAX),
            "raw" => read_up_to(DeflateEncoder::new(body, level), usize::MAX),
            "br" => read_up_to(brotli::CompressorReader::new(body, 4096, 3, 20), usize::MAX),
            _ => zstd::encode_all(body, 3),
        }
        .unwrap()
    }

    fn name_of(coding: &str) -> &str {
        if coding == "raw" { "deflate" } else { coding }
    }

    #[test]
    fn a_list_is_undone_from_its_end() {
        let body = encode("br", &encode("gzip", b"hello"));
        assert_eq!(decode("X-Gzip, identity,BR", &body, 100).unwrap(), b"hello");
        assert_eq!(decode("", b"plain", 100).unwrap(), b"plain");
        assert_eq!(decode("gzip", b"", 100).unwrap(), b"");
    }

    #[test]
    fn a_gzip_body_may_have_several_members() {
        let body = [encode("gzip", b"one "), encode("gzip", b"two")].concat();
        assert_eq!(decode("gzip", &body, 100).unwrap(), b"one two");
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        for coding in CODINGS {
            let bomb = encode(coding, &vec![0; 1_000_000]);
            let error = decode(name_of(coding), &bomb, 1000).unwrap_err();
            assert_eq!(error, DecodeError::TooLarge { limit_bytes: 1000 }, "{coding}");
        }
        assert!(decode("identity", b"abc", 2).is_err());
        assert!(decode("gzip,gzip,gzip,gzip,gzip,gzip", b"x", 100).is_err());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let unknown = decode("compress", b"x", 10).unwrap_err().to_string();
        assert!(unknown.contains("\"compress\" is not known"), "{unknown}");
        for coding in CODINGS {
            let body = encode(coding, b"hello hello hello");
            let cut = decode(name_of(coding), &body[..body.len() - 3], 100);
            assert!(matches!(cut, Err(DecodeError::Corrupt { .. })), "{coding}: {cut:?}");
        }
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() })]

        #[test]
        fn every_coding_round_trips(body in proptest::collection::vec(0..4u8, 0..300)) {
            for coding in CODINGS {
                let encoded = encode(coding, &body);
                prop_assert_eq!(decode(name_of(coding), &encoded, 300), Ok(body.clone()));
            }
        }

        #[test]
        fn random_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..100)) {
            for coding in CODINGS {
                let _ = decode(name_of(coding), &body, 10_000);
            }
        }
    }
}

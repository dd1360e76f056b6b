//! The default name of a request's step: method and path, with the parts that look like ids
//! folded, so that the number of steps does not grow with the data (`GET /items/{id}`).
//!
//! ```text
//! query, fragment          dropped
//! 42                       {id}              item-42, order_42.html  item-{id}, order_{id}.html
//! UUID                     {id}, also as part of a segment
//! 2026-11-22[T…], 2026-11  {date}, also as part of a segment
//! hex, 16 or more          {id} when it has a digit; from 8 on when digits and letters mix
//! letters and digits, ≥ 20 {id} when they mix (ULID, base62, base64url)
//! v2, oauth2, 2fa, 1.2.3   stay: constants
//! ```
//!
//! A segment without a digit is never an id, so that most paths are copied whole. Folding a folded
//! name changes nothing. Pure; never fails.

const ID: &str = "{id}";
const DATE: &str = "{date}";

/// Appends `METHOD /path` to `out`, ids folded.
pub fn fold(method: &str, target: &str, out: &mut String) {
    out.push_str(method);
    out.push(' ');
    let end = target.bytes().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(target.len());
    let path = &target[..end];
    let (mut copied, mut start, mut has_digit) = (0, 0, false);
    for (index, byte) in path.bytes().enumerate() {
        if byte == b'/' {
            if has_digit {
                out.push_str(&path[copied..start]);
                fold_segment(&path[start..index], out);
                copied = index;
            }
            (start, has_digit) = (index + 1, false);
        } else {
            has_digit |= byte.is_ascii_digit();
        }
    }
    if has_digit {
        out.push_str(&path[copied..start]);
        fold_segment(&path[start..], out);
    } else {
        out.push_str(&path[copied..]);
    }
}

/// Folds one segment (no "/", at least one digit): as a whole, else piece by piece.
fn fold_segment(segment: &str, out: &mut String) {
    if is_token(segment.as_bytes()) {
        return out.push_str(ID);
    }
    let mut at = 0;
    while at < segment.len() {
        let rest = &segment[at..];
        let bytes = rest.as_bytes();
        let (len, folded) = if let Some(len) = uuid_len(bytes) {
            (len, Some(ID))
        } else if let Some(len) = date_len(bytes) {
            (len, Some(DATE))
        } else {
            let len = bytes.iter().position(|&byte| is_separator(byte)).unwrap_or(bytes.len());
            let before = at.checked_sub(1).map(|index| segment.as_bytes()[index]);
            (len, is_id(&bytes[..len], before, &bytes[len..]).then_some(ID))
        };
        out.push_str(folded.unwrap_or(&rest[..len]));
        // The separator after the piece; it is one ASCII byte.
        let next = (len + 1).min(rest.len());
        out.push_str(&rest[len..next]);
        at += next;
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.' | b':' | b'=' | b',' | b';' | b'~' | b'@' | b'+' | b'!')
}

/// Is a piece between separators an id? A number is one only where ids stand: at the end of a
/// segment or before its file extension, and not within a version (`1.2.3`).
fn is_id(piece: &[u8], before: Option<u8>, after: &[u8]) -> bool {
    if piece.is_empty() {
        return false;
    }
    if piece.iter().all(u8::is_ascii_digit) {
        return before != Some(b'.') && is_extension(after);
    }
    is_hex_id(piece) || is_token(piece)
}

/// Nothing, or `.js`, `.min.js`: names that start with a letter.
fn is_extension(after: &[u8]) -> bool {
    after.is_empty()
        || after[0] == b'.'
            && after[1..].split(|&byte| byte == b'.').all(|part| {
                part.first().is_some_and(u8::is_ascii_alphabetic)
                    && part.iter().all(u8::is_ascii_alphanumeric)
            })
}

/// Hexadecimal of 16 or more with a digit, or of 8 or more where digits and letters alternate as
/// they do in no word (`face2face` changes twice).
fn is_hex_id(piece: &[u8]) -> bool {
    let length_fits = piece.len() >= 8 && piece.iter().all(u8::is_ascii_hexdigit);
    length_fits
        && (changes(piece) >= 3 || piece.len() >= 16 && piece.iter().any(u8::is_ascii_digit))
}

/// 20 or more letters and digits that mix; with "-" and "_" among them (base64url) they must mix
/// more, since a slug may hold a year or a version.
fn is_token(piece: &[u8]) -> bool {
    if piece.len() < 20 {
        return false;
    }
    let mixed = if piece.iter().all(u8::is_ascii_alphanumeric) { 2 } else { 4 };
    let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    piece.iter().all(in_alphabet) && changes(piece) >= mixed
}

/// How often a digit and a letter are neighbours.
fn changes(piece: &[u8]) -> usize {
    let differ = |pair: &&[u8]| {
        pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic()
            || pair[0].is_ascii_alphabetic() && pair[1].is_ascii_digit()
    };
    piece.windows(2).filter(differ).count()
}

/// 36 for `8-4-4-4-12` hexadecimal digits at the start, no letter or digit after them.
fn uuid_len(bytes: &[u8]) -> Option<usize> {
    const LEN: usize = 36;
    let fits = bytes.get(..LEN)?.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    (fits && ends(bytes, LEN)).then_some(LEN)
}

/// The length of a date (`2026-11-22`, `2026-11`), with the time that may follow a full one.
fn date_len(bytes: &[u8]) -> Option<usize> {
    let two = |at: usize| {
        let pair: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
        let digits = pair.iter().all(u8::is_ascii_digit);
        digits.then(|| (pair[0] - b'0') * 10 + pair[1] - b'0')
    };
    let dash = |at: usize| bytes.get(at) == Some(&b'-');
    let month = (1..=12).contains(&two(5)?);
    if !matches!(two(0)?, 19 | 20) || two(2).is_none() || !dash(4) || !month {
        return None;
    }
    if !dash(7) || two(8).is_none() {
        return ends(bytes, 7).then_some(7);
    }
    if !(1..=31).contains(&two(8)?) {
        return None;
    }
    if ends(bytes, 10) {
        return Some(10);
    }
    let in_time = |byte: &u8| byte.is_ascii_alphanumeric() || b":.+-%".contains(byte);
    let is_time = bytes[10] == b'T' && two(11).is_some() && bytes[11..].iter().all(in_time);
    is_time.then_some(bytes.len())
}

fn ends(bytes: &[u8], len: usize) -> bool {
    bytes.get(len).is_none_or(|&byte| is_separator(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    fn name(target: &str) -> String {
        let mut out = String::new();
        fold("GET", target, &mut out);
        out.split_off(4)
    }

    #[test]
    fn ids_are_folded() {
        for (target, expected) in [
            ("/", "/"),
            ("/items/42?page=7#x", "/items/{id}"),
            ("/items/42/reviews/7", "/items/{id}/reviews/{id}"),
            ("/items/42/", "/items/{id}/"),
            ("/u/3F2504E0-4f89-11d3-9a0c-0305e82c3301/x", "/u/{id}/x"),
            ("/u/user-3f2504e0-4f89-11d3-9a0c-0305e82c3301.json", "/u/user-{id}.json"),
            ("/o/507f1f77bcf86cd799439011", "/o/{id}"),
            ("/commit/3f2a91bc", "/commit/{id}"),
            ("/sha/da39a3ee5e6b4b0d3255bfef95601890afd80709", "/sha/{id}"),
            ("/e/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/e/{id}"),
            ("/t/Zm9v-YmFyXzE5_MzQ1Njc4OQ", "/t/{id}"),
            ("/item-123/edit", "/item-{id}/edit"),
            ("/order_7.html", "/order_{id}.html"),
            ("/img/123.bundle.js", "/img/{id}.bundle.js"),
            ("/static/app.3f2a91bc.js", "/static/app.{id}.js"),
            ("/m;id=5", "/m;id={id}"),
            ("/day/2026-11-22", "/day/{date}"),
            ("/month/2026-11", "/month/{date}"),
            ("/report-2026-11-22.pdf", "/report-{date}.pdf"),
            ("/since/2026-11-22T10:00:00.5+01:00/x", "/since/{date}/x"),
            ("/caf\u{e9}-12", "/caf\u{e9}-{id}"),
        ] {
            assert_eq!(name(target), expected, "{target}");
        }
    }

    #[test]
    fn constants_stay() {
        for target in [
            "/api/v2/oauth2/2fa",
            "/s3/ipv4/base64/i18n/mp3/h264",
            "/jquery-3.6.0.min.js",
            "/v1.0/status",
            "/face2face",
            "/deadbeef",
            "/two%20words",
            "/getCustomerOrderHistoryByDate",
            "/10-best-cars-of-2024-reviewed",
            "/internationalization2",
            "//a//b/",
            "*",
        ] {
            assert_eq!(name(target), target);
        }
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() })]

        #[test]
        fn folding_twice_is_folding_once(
            target in "(/([a-f0-9]{0,18}|[0-9-]{0,12}|[A-Za-z0-9_.:=-]{0,24}|\\PC{0,8})){0,4}",
        ) {
            let once = name(&target);
            prop_assert_eq!(name(&once), once);
        }
    }
}

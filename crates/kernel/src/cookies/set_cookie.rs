//! One `Set-Cookie` value, taken apart (RFC 6265 §5.2).
//!
//! `None` for what a browser ignores: no name, a control character, more than 4 KiB. Bytes that
//! are no UTF-8 are ignored too, since a header could not give them back as they were.

use super::date::parse_date;
use super::{MAX_COOKIE_BYTES, has_control};

/// An attribute longer than this is ignored (6265bis).
const MAX_ATTRIBUTE_BYTES: usize = 1024;
const BLANKS: [char; 2] = [' ', '\t'];

pub(super) struct SetCookie<'a> {
    pub name: &'a str,
    pub value: &'a str,
    /// Without its leading dot; `None` when absent or empty.
    pub domain: Option<&'a str>,
    /// `None` when absent or not absolute.
    pub path: Option<&'a str>,
    pub secure: bool,
    /// `None` for a session cookie.
    pub expires_unix_s: Option<i64>,
}

impl<'a> SetCookie<'a> {
    pub fn parse(header: &'a [u8], now_unix_s: i64) -> Option<Self> {
        let text = std::str::from_utf8(header).ok()?;
        // A tab may stand as a blank between the parts; no other control character may.
        if has_control(text) && text.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return None;
        }
        let mut parts = text.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim_matches(BLANKS), value.trim_matches(BLANKS));
        let too_large = name.len() + value.len() > MAX_COOKIE_BYTES;
        if name.is_empty() || too_large || has_control(name) || has_control(value) {
            return None;
        }
        let mut cookie =
            Self { name, value, domain: None, path: None, secure: false, expires_unix_s: None };
        let mut max_age_unix_s = None;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let (key, value) = (key.trim_matches(BLANKS), value.trim_matches(BLANKS));
            if value.len() > MAX_ATTRIBUTE_BYTES {
                continue;
            }
            match key.len() {
                4 if key.eq_ignore_ascii_case("path") => {
                    cookie.path = Some(value).filter(|path| path.starts_with('/'));
                }
                6 if key.eq_ignore_ascii_case("domain") => {
                    let domain = value.strip_prefix('.').unwrap_or(value);
                    cookie.domain = Some(domain).filter(|domain| !domain.is_empty());
                }
                6 if key.eq_ignore_ascii_case("secure") => cookie.secure = true,
                7 if key.eq_ignore_ascii_case("expires") => {
                    cookie.expires_unix_s = parse_date(value).or(cookie.expires_unix_s);
                }
                7 if key.eq_ignore_ascii_case("max-age") => {
                    max_age_unix_s = end_of_age(value, now_unix_s).or(max_age_unix_s);
                }
                _ => {}
            }
        }
        cookie.expires_unix_s = max_age_unix_s.or(cookie.expires_unix_s);
        Some(cookie)
    }
}

/// §5.2.2: when a `Max-Age` of these seconds ends; `None` when it is no number.
fn end_of_age(value: &str, now_unix_s: i64) -> Option<i64> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if value.starts_with('-') {
        return Some(i64::MIN);
    }
    // A number that overflows is as good as for ever.
    let age_s = digits.parse().unwrap_or(i64::MAX);
    Some(if age_s == 0 { i64::MIN } else { now_unix_s.saturating_add(age_s) })
}

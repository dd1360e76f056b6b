//! Values out of a path or a query string, validated: the one edge where outside numbers come in.
//!
//! Every failure is a `Refusal` that names the field, the value and what would be right; the
//! server answers it with status 400.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Why a request cannot be answered as asked: the text of a 400.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

/// The value of `name` in `a=1&b=2`, percent-decoded, `+` as a space; None when absent.
pub fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| decode(value))
}

/// `text` as a number within `allowed`.
pub fn number<N>(field: &str, text: &str, allowed: RangeInclusive<N>) -> Result<N, Refusal>
where
    N: FromStr + PartialOrd + Display,
{
    text.parse().ok().filter(|value| allowed.contains(value)).ok_or_else(|| {
        let (low, high) = (allowed.start(), allowed.end());
        Refusal(format!("{field} is {text:?}: give a number from {low} to {high}"))
    })
}

/// The parameter `name` as a number within `allowed`; None when absent.
pub fn parameter_number<N>(
    query: &str,
    name: &str,
    allowed: RangeInclusive<N>,
) -> Result<Option<N>, Refusal>
where
    N: FromStr + PartialOrd + Display,
{
    parameter(query, name).map(|text| number(name, &text, allowed)).transpose()
}

/// The parameter `name`, refused when it could break out of a header line.
pub fn parameter_for_header<'a>(
    query: &'a str,
    name: &str,
) -> Result<Option<Cow<'a, str>>, Refusal> {
    match parameter(query, name) {
        Some(value) if value.chars().any(char::is_control) => {
            Err(Refusal(format!("{name} is {value:?}: a header cannot hold control characters")))
        }
        value => Ok(value),
    }
}

fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], escaped) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_and_decoded() {
        let query = "a=1&path=%2Fx%2fy+z&b&c=é%C3%A9&d=%4";
        assert_eq!(parameter(query, "a").unwrap(), "1");
        assert_eq!(parameter(query, "path").unwrap(), "/x/y z");
        assert_eq!(parameter(query, "b").unwrap(), "");
        assert_eq!(parameter(query, "c").unwrap(), "éé");
        assert_eq!(parameter(query, "d").unwrap(), "%4");
        assert_eq!(parameter(query, "missing"), None);
    }

    #[test]
    fn a_number_out_of_range_is_refused_by_name_value_and_remedy() {
        assert_eq!(number("delay_ms", "20", 0.0..=1e3), Ok(20.0));
        let refusal = number("delay_ms", "-1", 0.0..=1e3).unwrap_err();
        assert_eq!(refusal.0, "delay_ms is \"-1\": give a number from 0 to 1000");
        for text in ["", "x", "NaN", "inf", "1e9"] {
            assert!(number("delay_ms", text, 0.0..=1e3).is_err(), "{text}");
        }
    }

    #[test]
    fn a_value_that_would_break_a_header_is_refused() {
        assert!(parameter_for_header("a=x%0d%0aSet-Cookie:y", "a").is_err());
        assert_eq!(parameter_for_header("a=x", "a").unwrap().unwrap(), "x");
    }
}

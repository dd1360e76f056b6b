//! JSON as far as the server writes any: strings and flat objects (RFC 8259).

use std::fmt::Write;

/// `text` as a JSON string, quotes included.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                write!(out, "\\u{:04x}", control as u32).expect("a String takes all");
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// An object of members whose values are JSON already.
pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!("{}:{value}", string(name))).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_forbids_in_strings_is_escaped() {
        assert_eq!(string("a\"b\\c\n\r\t\u{1}é"), r#""a\"b\\c\n\r\t\u0001é""#);
    }

    #[test]
    fn objects_nest() {
        let inner = object([("n", "1".to_string())]);
        assert_eq!(object([("a", inner), ("b", string("x"))]), r#"{"a":{"n":1},"b":"x"}"#);
        assert_eq!(object([]), "{}");
    }
}

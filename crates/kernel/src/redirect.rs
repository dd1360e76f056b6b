//! What a redirect asks for next (RFC 9110 §15.4, as browsers do it); pure rules, no state.
//!
//! ```text
//! 301, 302   POST becomes GET without body, other methods and their bodies stay
//! 303        all become GET without body; HEAD stays HEAD
//! 307, 308   method and body stay
//! ```

use crate::url::Origin;

/// The method of the request that follows and whether it carries the body again; `None` when the
/// response is no redirect or does not say where to.
pub fn next<'m>(method: &'m str, status: u16, location: Option<&[u8]>) -> Option<(&'m str, bool)> {
    location.filter(|location| !location.is_empty())?;
    match status {
        301 | 302 if method == "POST" => Some(("GET", false)),
        303 if method == "HEAD" => Some(("HEAD", false)),
        303 => Some(("GET", false)),
        301 | 302 | 307 | 308 => Some((method, true)),
        _ => None,
    }
}

/// Credentials (Authorization, a Cookie header of the scenario's own) stay within their origin.
pub fn keeps_credentials(from: &Origin, to: &Origin) -> bool {
    from == to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_method_rule() {
        for (method, status, expected) in [
            ("POST", 301, Some(("GET", false))),
            ("POST", 302, Some(("GET", false))),
            ("PUT", 302, Some(("PUT", true))),
            ("GET", 301, Some(("GET", true))),
            ("PUT", 303, Some(("GET", false))),
            ("HEAD", 303, Some(("HEAD", false))),
            ("POST", 307, Some(("POST", true))),
            ("DELETE", 308, Some(("DELETE", true))),
            ("GET", 300, None),
            ("GET", 304, None),
            ("GET", 200, None),
        ] {
            assert_eq!(next(method, status, Some(b"/x")), expected, "{method} {status}");
        }
        assert_eq!(next("GET", 302, None), None);
        assert_eq!(next("GET", 302, Some(b"")), None);
    }

    #[test]
    fn credentials_are_dropped_when_the_origin_changes() {
        let origin = |url| crate::url::parse(url).unwrap().0;
        let home = origin("http://a.test/");
        assert!(keeps_credentials(&home, &origin("http://a.test:80/x")));
        for other in ["https://a.test/", "http://b.test/", "http://a.test:8080/"] {
            assert!(!keeps_credentials(&home, &origin(other)), "{other}");
        }
    }
}

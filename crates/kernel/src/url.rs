//! Where a request goes: its origin (scheme, host, port; RFC 6454) and its target in origin form
//! (path and query, no fragment).
//!
//! Absolute URLs and relative references are read by the `url` crate (the WHATWG standard, as
//! browsers do); a plain path on the base's own origin takes a cheap route. Fails with
//! [`UrlError`], which names the URL and what to write instead.

use std::fmt;

/// The protocols spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// What a connection is to; `host` is lower case, an IPv6 address has no brackets here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    pub scheme: Scheme,
    pub host: Box<str>,
    pub port: u16,
}

impl Origin {
    /// As the `Host` header has it: IPv6 in brackets, the port unless it is the scheme's own.
    pub fn authority(&self) -> String {
        let host = &self.host;
        let mut text = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
        if self.port != self.scheme.default_port() {
            text.push_str(&format!(":{}", self.port));
        }
        text
    }

    /// As CONNECT wants it: always with the port.
    pub fn host_and_port(&self) -> String {
        let brackets = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        format!("{}{}{}:{}", brackets.0, self.host, brackets.1, self.port)
    }

    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

/// A URL that names nothing to send a request to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlError {
    MissingScheme { url: Box<str> },
    UnsupportedScheme { url: Box<str>, scheme: Box<str> },
    ControlCharacter { url: Box<str> },
    Invalid { url: Box<str>, reason: url::ParseError },
}

impl std::error::Error for UrlError {}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingScheme { url } => {
                let rest = url.trim_start_matches('/');
                let rest = if rest.is_empty() { "127.0.0.1:8000/" } else { rest };
                write!(f, "URL {url:?} has no scheme: write http://{rest}")
            }
            Self::UnsupportedScheme { url, scheme } => write!(
                f,
                "URL {url:?} has the scheme {scheme:?}, which is not spoken here: \
                 write http:// or https://"
            ),
            Self::ControlCharacter { url } => {
                write!(f, "URL {url:?} has a control character: remove it or percent-encode it")
            }
            Self::Invalid { url, reason } => write!(
                f,
                "URL {url:?} cannot be read ({reason}): write it as http://HOST[:PORT]/PATH"
            ),
        }
    }
}

/// Reads an absolute URL: its origin, and path with query. Userinfo is for [`basic_auth`].
pub fn parse(text: &str) -> Result<(Origin, String), UrlError> {
    split(&absolute(text)?, text)
}

/// Reads `reference` as a link on the page `base_path` (path and query) of `base_origin`.
pub fn resolve(
    base_origin: &Origin,
    base_path: &str,
    reference: &str,
) -> Result<(Origin, String), UrlError> {
    if is_plain_path(reference) {
        return Ok((base_origin.clone(), reference.to_owned()));
    }
    check_characters(reference)?;
    let invalid = |reason| UrlError::Invalid { url: reference.into(), reason };
    let base = url::Url::parse(&format!("{base_origin}{base_path}")).map_err(invalid)?;
    let joined = base.join(reference).map_err(invalid)?;
    if matches!(joined.scheme(), "http" | "https") {
        return split(&joined, reference);
    }
    // "localhost:8000/x" reads as scheme "localhost"; the message must not say so.
    absolute(reference).and_then(|url| split(&url, reference))
}

/// The `Authorization` value for the userinfo of a URL (`http://user:password@host`), if any.
pub fn basic_auth(text: &str) -> Option<String> {
    if !text.contains('@') {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair = percent_decode(url.username());
    pair.push(b':');
    pair.extend(percent_decode(url.password().unwrap_or("")));
    Some(format!("Basic {}", base64(&pair)))
}

/// The `Authorization` value for a user name and a password (RFC 7617).
pub fn basic_credentials(user: &str, password: &str) -> String {
    format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
}

/// A path that needs no joining, normalizing or encoding. Dot segments, fragments and what must
/// be encoded go the long way; "//" would name another host.
fn is_plain_path(reference: &str) -> bool {
    let bytes = reference.as_bytes();
    bytes.first() == Some(&b'/')
        && !matches!(bytes.get(1), Some(b'/' | b'\\'))
        && bytes.iter().all(|&byte| byte > b' ' && byte < 0x7f && byte != b'#')
        && !reference.contains("/.")
}

fn check_characters(text: &str) -> Result<(), UrlError> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(UrlError::ControlCharacter { url: text.into() });
    }
    Ok(())
}

fn absolute(text: &str) -> Result<url::Url, UrlError> {
    check_characters(text)?;
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(UrlError::MissingScheme { url: text.into() });
    };
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if !scheme.trim_start().bytes().all(is_scheme) {
        return Err(UrlError::MissingScheme { url: text.into() });
    }
    url::Url::parse(text).map_err(|reason| UrlError::Invalid { url: text.into(), reason })
}

fn split(url: &url::Url, text: &str) -> Result<(Origin, String), UrlError> {
    let scheme = match url.scheme() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => {
            return Err(UrlError::UnsupportedScheme { url: text.into(), scheme: other.into() });
        }
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = url.port().unwrap_or(scheme.default_port());
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    Ok((Origin { scheme, host: host.into(), port }, target.to_owned()))
}

fn percent_decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).filter(|_| *first == b'%');
        let pair = pair.and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &tail[2..];
            }
            None => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    decoded
}

/// RFC 4648 §4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |index| u32::from(group.get(index).copied().unwrap_or(0));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= group.len() { digit.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    #[test]
    fn absolute_urls_split_into_origin_and_target() {
        for (text, origin, target) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "/"),
            ("HTTP://Shop.Test:80/a/../b?q=1#top", "http://shop.test", "/b?q=1"),
            ("https://shop.test?x", "https://shop.test", "/?x"),
            ("https://[::1]:8443/a b", "https://[::1]:8443", "/a%20b"),
            ("http://user:pw@host/é", "http://host", "/%C3%A9"),
            ("http://bücher.test/", "http://xn--bcher-kva.test", "/"),
        ] {
            let (found, path) = parse(text).unwrap();
            assert_eq!((found.to_string().as_str(), path.as_str()), (origin, target));
        }
        let six = parse("http://[::1]/").unwrap().0;
        assert_eq!((&*six.host, six.port, six.is_https()), ("::1", 80, false));
    }

    #[test]
    fn a_bad_url_says_what_to_write() {
        for (text, part) in [
            (
                "localhost:8000/x",
                "\"localhost:8000/x\" has no scheme: write http://localhost:8000/x",
            ),
            ("127.0.0.1:8000", "write http://127.0.0.1:8000"),
            ("shop.test/?to=http://x", "write http://shop.test/?to=http://x"),
            ("//shop.test/a", "write http://shop.test/a"),
            ("", "write http://127.0.0.1:8000/"),
            ("ftp://shop.test", "scheme \"ftp\", which is not spoken here: write http://"),
            ("http://", "cannot be read (empty host)"),
            ("http://a:99999/", "invalid port"),
            ("http://a/\r\nb", "control character"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn references_resolve_as_in_a_browser() {
        let base = parse("http://shop.test:8000/").unwrap().0;
        for (reference, expected) in [
            ("/items/1?x=a/b", "http://shop.test:8000/items/1?x=a/b"),
            ("/search?q=two words#f", "http://shop.test:8000/search?q=two%20words"),
            ("/a/./../b", "http://shop.test:8000/b"),
            ("next", "http://shop.test:8000/shop/next"),
            ("?page=2", "http://shop.test:8000/shop/list?page=2"),
            ("", "http://shop.test:8000/shop/list?page=1"),
            ("//cdn.test/x", "http://cdn.test/x"),
            ("/\\cdn.test/x", "http://cdn.test/x"),
            ("https://pay.test/p", "https://pay.test/p"),
        ] {
            let (origin, target) = resolve(&base, "/shop/list?page=1", reference).unwrap();
            assert_eq!(format!("{origin}{target}"), expected);
        }
        let error = resolve(&base, "/", "localhost:8000/x").unwrap_err().to_string();
        assert!(error.contains("write http://localhost:8000/x"), "{error}");
        assert!(resolve(&base, "/", "/a\nb").is_err());
    }

    #[test]
    fn userinfo_becomes_basic_auth() {
        let expected = "Basic dXNlcjpwOnc=";
        assert_eq!(basic_auth("http://user:p%3Aw@host/").as_deref(), Some(expected));
        assert_eq!(basic_auth("http://host/"), None);
        assert_eq!(basic_credentials("user", "p:w"), expected);
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() })]

        #[test]
        fn no_text_panics_and_every_target_can_be_sent(
            text in "\\PC{0,40}",
            base in "/[a-z/]{0,9}",
        ) {
            let origin = parse("http://a.test").unwrap().0;
            let _ = parse(&text);
            if let Ok((_, target)) = resolve(&origin, &base, &text) {
                prop_assert!(target.starts_with('/'));
                prop_assert!(target.bytes().all(|byte| byte > b' ' && byte != 0x7f));
            }
        }
    }
}

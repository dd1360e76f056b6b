//! The cookies of one virtual user (RFC 6265, with what browsers agreed on since in 6265bis).
//!
//! A jar is one vector kept in the order in which cookies are sent (longest path first, then
//! oldest), so that writing a `Cookie` header is one pass without sorting or copying; an empty
//! jar has no heap. Times are Unix seconds, given by the caller. A cookie that must not be stored
//! is ignored, as a browser does; only [`Jar::set`], the user's own act, fails.
//!
//! There is no public suffix list: a `Domain` of a single label is refused unless it is the host.

mod date;
mod set_cookie;

use std::fmt;

use set_cookie::SetCookie;

/// A cookie whose name and value are longer than this together is ignored.
pub const MAX_COOKIE_BYTES: usize = 4096;
/// More cookies than this in a jar push out the expired, then the oldest.
pub const MAX_COOKIES: usize = 300;

const NEVER: i64 = i64::MAX;

/// One stored cookie; `domain` is in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    pub name: Box<str>,
    pub value: Box<str>,
    pub domain: Box<str>,
    pub path: Box<str>,
    /// Sent to `domain` alone, not to its subdomains.
    pub host_only: bool,
    pub secure: bool,
    expires_unix_s: i64,
    created_unix_s: i64,
}

impl Cookie {
    /// When it ends; `None` for a session cookie.
    pub fn expires_unix_s(&self) -> Option<i64> {
        (self.expires_unix_s != NEVER).then_some(self.expires_unix_s)
    }

    fn is_for(&self, host: &str, path: &str, secure: bool, now_unix_s: i64) -> bool {
        let domain_fits = if self.host_only {
            self.domain.eq_ignore_ascii_case(host)
        } else {
            domain_matches(host, &self.domain)
        };
        domain_fits
            && path_matches(path, &self.path)
            && (secure || !self.secure || is_loopback(host))
            && self.expires_unix_s > now_unix_s
    }
}

/// A cookie that [`Jar::set`] can not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CookieError {
    Name { name: Box<str> },
    Value { name: Box<str> },
    TooLarge { name: Box<str> },
}

impl std::error::Error for CookieError {}

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name } => write!(
                f,
                "cookie name {name:?} is empty or has a blank, \"=\", \";\" or control character"
            ),
            Self::Value { name } => write!(
                f,
                "the value of cookie {name:?} has a \";\", control character or outer blank: \
                 percent-encode it"
            ),
            Self::TooLarge { name } => {
                write!(f, "cookie {name:?} is larger than {MAX_COOKIE_BYTES} bytes")
            }
        }
    }
}

/// The cookies of one virtual user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

impl Jar {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the value of one `Set-Cookie` header of a response from `host` to a request for
    /// `path` (a query is ignored); `secure` says that it came over TLS.
    pub fn store(
        &mut self,
        set_cookie: &[u8],
        host: &str,
        path: &str,
        secure: bool,
        now_unix_s: i64,
    ) {
        let Some(parsed) = SetCookie::parse(set_cookie, now_unix_s) else {
            return;
        };
        let Some((domain, host_only)) = cookie_domain(parsed.domain, host) else {
            return;
        };
        if parsed.secure && !secure && !is_loopback(host) {
            return;
        }
        let cookie = Cookie {
            name: parsed.name.into(),
            value: parsed.value.into(),
            domain: domain.to_ascii_lowercase().into(),
            path: parsed.path.unwrap_or_else(|| default_path(path)).into(),
            host_only,
            secure: parsed.secure,
            expires_unix_s: parsed.expires_unix_s.unwrap_or(NEVER),
            created_unix_s: now_unix_s,
        };
        self.put(cookie, now_unix_s);
    }

    /// Appends `name=value; …`, the value of the `Cookie` header for a request to `path` (a query
    /// is ignored) of `host`; false, with nothing appended, when no cookie is for it.
    pub fn write_header(
        &self,
        host: &str,
        path: &str,
        secure: bool,
        now_unix_s: i64,
        out: &mut String,
    ) -> bool {
        if self.cookies.is_empty() {
            return false;
        }
        let path = without_query(path);
        let mut separator = "";
        for cookie in &self.cookies {
            if cookie.is_for(host, path, secure, now_unix_s) {
                for part in [separator, &cookie.name, "=", &cookie.value] {
                    out.push_str(part);
                }
                separator = "; ";
            }
        }
        !separator.is_empty()
    }

    /// The value of the first cookie of that name, in the order of sending.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|cookie| &*cookie.name == name).map(|cookie| &*cookie.value)
    }

    /// Sets a session cookie for every path of `host` alone.
    pub fn set(&mut self, name: &str, value: &str, host: &str) -> Result<(), CookieError> {
        if name.is_empty() || name.contains([' ', '\t', '=', ';']) || has_control(name) {
            return Err(CookieError::Name { name: name.into() });
        }
        if value.contains(';') || has_control(value) || value != value.trim_matches([' ', '\t']) {
            return Err(CookieError::Value { name: name.into() });
        }
        if name.len() + value.len() > MAX_COOKIE_BYTES {
            return Err(CookieError::TooLarge { name: name.into() });
        }
        let cookie = Cookie {
            name: name.into(),
            value: value.into(),
            domain: host.to_ascii_lowercase().into(),
            path: "/".into(),
            host_only: true,
            secure: false,
            expires_unix_s: NEVER,
            // Never the oldest: what the user set is not pushed out by what servers send.
            created_unix_s: NEVER,
        };
        self.put(cookie, i64::MIN);
        Ok(())
    }

    pub fn clear(&mut self) {
        self.cookies = Vec::new();
    }

    pub fn len(&self) -> usize {
        self.cookies.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// All cookies in the order of sending, those expired but not yet dropped included.
    pub fn iter(&self) -> impl Iterator<Item = &Cookie> {
        self.cookies.iter()
    }

    /// Stores, replaces (keeping the older one's place) or, when already expired, deletes.
    fn put(&mut self, cookie: Cookie, now_unix_s: i64) {
        let same = |old: &Cookie| {
            old.name == cookie.name && old.domain == cookie.domain && old.path == cookie.path
        };
        let place = self.cookies.iter().position(same);
        match place {
            Some(place) if cookie.expires_unix_s <= now_unix_s => {
                self.cookies.remove(place);
            }
            Some(place) => {
                let created_unix_s = self.cookies[place].created_unix_s;
                self.cookies[place] = Cookie { created_unix_s, ..cookie };
            }
            None if cookie.expires_unix_s <= now_unix_s => {}
            None => {
                self.make_room(now_unix_s);
                let length = cookie.path.len();
                let place = self.cookies.partition_point(|old| old.path.len() >= length);
                self.cookies.insert(place, cookie);
            }
        }
    }

    fn make_room(&mut self, now_unix_s: i64) {
        if self.cookies.len() < MAX_COOKIES {
            return;
        }
        self.cookies.retain(|cookie| cookie.expires_unix_s > now_unix_s);
        if self.cookies.len() >= MAX_COOKIES {
            let ages = self.cookies.iter().enumerate();
            let oldest = ages.min_by_key(|(_, cookie)| cookie.created_unix_s);
            self.cookies.remove(oldest.expect("a full jar has an oldest cookie").0);
        }
    }
}

/// The domain to store and whether it is the host alone; `None` refuses the cookie (§5.3, 4–6).
fn cookie_domain<'a>(attribute: Option<&'a str>, host: &'a str) -> Option<(&'a str, bool)> {
    match attribute {
        None => Some((host, true)),
        // A single label is a public suffix (`com`) unless it is the host itself (`localhost`).
        Some(domain) if domain.eq_ignore_ascii_case(host) => {
            Some((host, !host.contains('.') || is_address(host.as_bytes())))
        }
        Some(domain) if domain.contains('.') && domain_matches(host, domain) => {
            Some((domain, false))
        }
        Some(_) => None,
    }
}

/// §5.1.3: equal, or a subdomain of it; an IP address has no subdomains.
fn domain_matches(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.as_bytes(), domain.as_bytes());
    let Some(front) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    host[front..].eq_ignore_ascii_case(domain)
        && (front == 0 || host[front - 1] == b'.' && !is_address(host))
}

/// Only an IPv4 address has a last label of digits, only an IPv6 address has colons.
fn is_address(host: &[u8]) -> bool {
    let last_label = host.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    host.contains(&b':') || last_label.iter().all(u8::is_ascii_digit)
}

/// §5.1.4: equal, or a directory above it.
fn path_matches(path: &str, cookie_path: &str) -> bool {
    let Some(rest) = path.strip_prefix(cookie_path) else {
        return false;
    };
    rest.is_empty() || rest.starts_with('/') || cookie_path.ends_with('/')
}

/// §5.1.4: the directory of the request's path.
fn default_path(path: &str) -> &str {
    match without_query(path).rfind('/') {
        Some(last) if last > 0 && path.starts_with('/') => &path[..last],
        _ => "/",
    }
}

fn without_query(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.is_empty() { "/" } else { path }
}

/// Loopback counts as secure, as in browsers: what is under test often runs there without TLS.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn jar(host: &str, path: &str, set_cookies: &[&str]) -> Jar {
        let mut jar = Jar::new();
        for set_cookie in set_cookies {
            jar.store(set_cookie.as_bytes(), host, path, true, NOW);
        }
        jar
    }

    fn sent(jar: &Jar, host: &str, path: &str) -> String {
        let mut out = String::new();
        assert_eq!(jar.write_header(host, path, true, NOW, &mut out), !out.is_empty());
        out
    }

    #[test]
    fn an_empty_jar_is_a_vector_without_heap() {
        assert_eq!(size_of::<Jar>(), size_of::<Vec<Cookie>>());
        assert_eq!(sent(&Jar::new(), "a.test", "/"), "");
    }

    #[test]
    fn domains_decide_who_gets_a_cookie() {
        for (set_cookie, setter, receiver, is_sent) in [
            ("a=1", "shop.test", "shop.test", true),
            ("a=1", "Shop.Test", "sHOP.test", true),
            ("a=1", "shop.test", "www.shop.test", false),
            ("a=1; Domain=shop.test", "www.shop.test", "shop.test", true),
            ("a=1; domain=.SHOP.test", "www.shop.test", "api.shop.test", true),
            ("a=1; Domain=shop.test", "shop.test", "myshop.test", false),
            ("a=1; Domain=www.shop.test", "shop.test", "shop.test", false),
            ("a=1; Domain=other.test", "shop.test", "shop.test", false),
            ("a=1; Domain=test", "shop.test", "shop.test", false),
            ("a=1; Domain=localhost", "localhost", "localhost", true),
            ("a=1; Domain=", "shop.test", "shop.test", true),
            ("a=1; Domain=127.0.0.1", "127.0.0.1", "127.0.0.1", true),
            ("a=1; Domain=shop.env1", "www.shop.env1", "shop.env1", true),
            ("a=1; Domain=0.0.1", "127.0.0.1", "127.0.0.1", false),
            ("a=1", "::1", "::1", true),
        ] {
            let jar = jar(setter, "/", &[set_cookie]);
            assert_eq!(!sent(&jar, receiver, "/").is_empty(), is_sent, "{set_cookie} {receiver}");
        }
    }

    #[test]
    fn paths_decide_which_requests_get_a_cookie() {
        for (set_cookie, set_at, asked, is_sent) in [
            ("a=1", "/shop/list?x=/y/z", "/shop", true),
            ("a=1", "/shop/list", "/shop/", true),
            ("a=1", "/shop/list", "/shopping", false),
            ("a=1", "/list", "/anything?q", true),
            ("a=1; Path=/a", "/", "/a?x=1", true),
            ("a=1; Path=/a", "/", "/ab", false),
            ("a=1; Path=/a/", "/", "/a", false),
            ("a=1; Path=nonsense", "/b/c", "/b/d", true),
            ("a=1; Path=/x; Path=/y", "/", "/y", true),
        ] {
            let jar = jar("a.test", set_at, &[set_cookie]);
            assert_eq!(!sent(&jar, "a.test", asked).is_empty(), is_sent, "{set_cookie} {asked}");
        }
    }

    #[test]
    fn longer_paths_go_first_then_older_cookies() {
        let set = ["a=1; Path=/", "b=2; Path=/x/y", "c=3; Path=/x", "d=4; Path=/", "a=5; Path=/"];
        assert_eq!(sent(&jar("a.test", "/", &set), "a.test", "/x/y"), "b=2; c=3; a=5; d=4");
    }

    #[test]
    fn max_age_outranks_expires_and_the_past_deletes() {
        for (set_cookie, is_sent) in [
            ("a=1; Max-Age=10", true),
            ("a=1; Max-Age=0", false),
            ("a=1; Max-Age=-99999999999999999999", false),
            ("a=1; Max-Age=99999999999999999999", true),
            ("a=1; Max-Age=soon", true),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("a=1; Expires=Wed, 01-Jan-2098 00:00:00 GMT", true),
            ("a=1; Expires=never", true),
            ("a=1; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT", true),
            ("a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT; Max-Age=0", false),
        ] {
            let jar = jar("a.test", "/", &["a=0", set_cookie]);
            assert_eq!(sent(&jar, "a.test", "/"), if is_sent { "a=1" } else { "" }, "{set_cookie}");
            assert_eq!(jar.is_empty(), !is_sent);
        }
        let jar = jar("a.test", "/", &["a=1; Max-Age=10"]);
        assert!(!jar.write_header("a.test", "/", true, NOW + 10, &mut String::new()));
    }

    #[test]
    fn secure_cookies_travel_over_tls_or_loopback_only() {
        for (host, secure, is_sent) in
            [("a.test", true, true), ("a.test", false, false), ("127.0.0.1", false, true)]
        {
            let jar = jar(host, "/", &["a=1; Secure; HttpOnly; SameSite=Lax"]);
            assert_eq!(jar.write_header(host, "/", secure, NOW, &mut String::new()), is_sent);
        }
        let mut jar = Jar::new();
        jar.store(b"a=1; Secure", "a.test", "/", false, NOW);
        assert!(jar.is_empty());
    }

    #[test]
    fn malformed_and_oversized_cookies_are_ignored() {
        let large = format!("a={}", "x".repeat(5000));
        for set_cookie in ["", "novalue", "=x", ";a=1", "a=\u{1}", "a=b\r\nX: y", &large] {
            assert!(jar("a.test", "/", &[set_cookie]).is_empty(), "{set_cookie:?}");
        }
        let mut jar = Jar::new();
        jar.store(b"a=\xff", "a.test", "/", true, NOW);
        assert!(jar.is_empty());
    }

    #[test]
    fn values_stay_as_they_were_sent() {
        let jar = jar("a.test", "/", &["  a  =  \"q=1, é\"  ; Path=/", "b="]);
        assert_eq!(sent(&jar, "a.test", "/"), "a=\"q=1, é\"; b=");
        assert_eq!(
            (jar.get("a"), jar.get("b"), jar.get("c")),
            (Some("\"q=1, é\""), Some(""), None)
        );
    }

    #[test]
    fn a_full_jar_drops_the_oldest() {
        let mut jar = Jar::new();
        for n in 0..310 {
            jar.store(format!("c{n}=1").as_bytes(), "a.test", "/", true, NOW + n);
        }
        assert_eq!((jar.len(), jar.get("c9"), jar.get("c10")), (MAX_COOKIES, None, Some("1")));
    }

    #[test]
    fn a_users_own_cookie_is_set_or_refused() {
        let mut jar = Jar::new();
        jar.set("lang", "de", "A.test").unwrap();
        jar.set("lang", "fr", "a.test").unwrap();
        assert_eq!(sent(&jar, "a.test", "/any"), "lang=fr");
        for (name, value) in [("", "1"), ("a b", "1"), ("a", "1;2"), ("a", "\r\n"), ("a", " 1")] {
            assert!(jar.set(name, value, "a.test").is_err(), "{name:?} {value:?}");
        }
        jar.clear();
        assert!(jar.is_empty());
    }
}

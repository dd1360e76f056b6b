//! What can be asked for: the table of routes, and the way from a request to its answer.
//!
//! A route is the path's first segment, its argument what follows. Any method will do. A bad
//! argument gets 400 with the reason, an unknown path 404 with the list of what there is.

use crate::answer::{Answer, Response};
use crate::faults;
use crate::honest;
use crate::json;
use crate::query::Refusal;
use crate::request::Request;
use crate::tally::Tally;

/// A request with what a route may know about it.
pub struct Call<'a> {
    pub request: &'a Request<'a>,
    /// The path after the first segment, without its slash.
    pub argument: &'a str,
    /// What was kept of the request's body, and its whole length.
    pub body: &'a [u8],
    pub body_bytes: u64,
    /// 1 for the first request of a connection.
    pub nth_on_connection: u64,
    pub tally: &'a Tally,
}

type Route = fn(&Call<'_>) -> Result<Answer, Refusal>;

const ROUTES: [(&str, Route); 26] = [
    ("/", honest::home),
    ("/delay", honest::delay),
    ("/bytes", honest::bytes),
    ("/status", honest::status),
    ("/stall", honest::stall),
    ("/chunked", honest::chunked),
    ("/slow", honest::slow),
    ("/echo", honest::echo),
    ("/cookie", honest::cookie),
    ("/redirect", honest::redirect),
    ("/gzip", honest::gzip),
    ("/deflate", honest::deflate),
    ("/auth", honest::auth),
    ("/early-hints", honest::early_hints),
    ("/until-close", honest::until_close),
    ("/count", honest::count),
    ("/close", faults::close),
    ("/reset", faults::reset),
    ("/garbage", faults::garbage),
    ("/trailing-garbage", faults::trailing_garbage),
    ("/half-head", faults::half_head),
    ("/short", faults::short),
    ("/half-chunked", faults::half_chunked),
    ("/long-head", faults::long_head),
    ("/endless", faults::endless),
    ("/drop-keepalive", faults::drop_keepalive),
];

/// The route's name and its argument, of a path.
pub fn split(path: &str) -> (&str, &str) {
    match path.get(1..).and_then(|rest| rest.find('/')) {
        Some(slash) => (&path[..=slash], &path[slash + 2..]),
        None => (path, ""),
    }
}

/// The name a path is counted under.
pub fn name_of(path: &str) -> &'static str {
    find(path).map_or("unknown", |(name, _)| *name)
}

/// The plan for one request.
pub fn answer(call: &Call<'_>) -> Answer {
    let request = call.request;
    let Some((_, route)) = find(request.path) else {
        let names: Vec<&str> = ROUTES.iter().map(|(name, _)| *name).collect();
        let reason = format!("nothing is served at {}: ask {}", request.path, names.join(", "));
        return refuse(request, 404, &reason);
    };
    route(call).unwrap_or_else(|Refusal(reason)| refuse(request, 400, &reason))
}

fn find(path: &str) -> Option<&'static (&'static str, Route)> {
    let (name, _) = split(path);
    ROUTES.iter().find(|(known, _)| *known == name)
}

fn refuse(request: &Request<'_>, status: u16, reason: &str) -> Answer {
    Response::new(status).json(request, &json::object([("error", json::string(reason))]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{End, Release};
    use crate::body::{Body, Drip};
    use crate::request::{Parsed, header_room, parse};
    use crate::stall::Stall;

    fn ask(target: &str, headers: &str) -> Answer {
        let head = format!("GET {target} HTTP/1.1\r\n{headers}\r\n");
        let mut room = header_room();
        let Parsed::Whole(request, _) = parse(head.as_bytes(), &mut room) else {
            panic!("not a request: {head}");
        };
        let (_, argument) = split(request.path);
        let tally = &Tally::default();
        let call = Call {
            request: &request,
            argument,
            body: &[],
            body_bytes: 0,
            nth_on_connection: 1,
            tally,
        };
        answer(&call)
    }

    fn get(target: &str) -> Answer {
        ask(target, "")
    }

    fn text_of(answer: &Answer) -> String {
        String::from_utf8_lossy(&answer.bytes).into_owned()
    }

    fn assert_has(target: &str, parts: &[&str]) {
        let text = text_of(&get(target));
        for part in parts {
            assert!(text.contains(part), "{target} answers {text} without {part}");
        }
    }

    #[test]
    fn paths_split_into_route_and_argument() {
        for (path, parts) in [
            ("/", ("/", "")),
            ("/echo", ("/echo", "")),
            ("/delay/20", ("/delay", "20")),
            ("/echo/a/b", ("/echo", "a/b")),
            ("*", ("*", "")),
            ("/é", ("/é", "")),
        ] {
            assert_eq!(split(path), parts);
        }
        assert_eq!(name_of("/nowhere"), "unknown");
    }

    #[test]
    fn the_home_answer_kept_ready_is_the_one_that_would_be_made() {
        let kept = text_of(&get("/"));
        let made = text_of(&ask("/", "Connection: close\r\n"));
        assert_eq!(kept, made.replace("Connection: close\r\n", ""));
    }

    #[test]
    fn times_are_kept_to_the_nanosecond() {
        assert_eq!(get("/delay/20").release, Release::After(20_000_000));
        assert_eq!(get("/delay/0.25").release, Release::After(250_000));
        let stall = Stall { every_ns: 10_000_000_000, for_ns: 1_000_000_000, delay_ns: 5_000_000 };
        let target = "/stall?every_s=10&for_ms=1000&delay_ms=5";
        assert_eq!(get(target).release, Release::Stalled(stall));
    }

    #[test]
    fn bodies_are_planned_not_made() {
        assert_eq!(get("/bytes/9000000000").body, Body::Plain { left_bytes: 9_000_000_000 });
        assert_eq!(get("/chunked/3?size=5").body, Body::chunked(3, 5));
        assert_eq!(get("/slow/10?bytes=30").body, Body::Drip(Drip::new(30, 10)));
        assert_eq!(get("/until-close/7").end, End::Close);
        assert_eq!(get("/endless").end, End::Close);
    }

    #[test]
    fn heads_say_what_follows() {
        assert_has("/bytes/12", &["Content-Length: 12\r\n"]);
        assert_has("/chunked/3", &["Transfer-Encoding: chunked\r\n", "Trailer: X-Chunks\r\n"]);
        assert_has("/status/503", &["HTTP/1.1 503 Service Unavailable\r\n"]);
        assert_has("/status/307?location=%2Fecho", &["HTTP/1.1 307 ", "Location: /echo\r\n"]);
        assert_has("/redirect/2", &["HTTP/1.1 302 ", "Location: /redirect/1\r\n"]);
        assert_has("/redirect/0", &["HTTP/1.1 200 "]);
        assert_has("/early-hints", &["HTTP/1.1 103 ", "\r\n\r\nHTTP/1.1 200 OK\r\n"]);
        assert_has("/gzip", &["Content-Encoding: gzip\r\n"]);
        assert_has("/deflate", &["Content-Encoding: deflate\r\n"]);
        assert_has("/short/5", &["Content-Length: 1005\r\n"]);
        assert!(!text_of(&get("/until-close/7")).contains("Content-Length"));
    }

    #[test]
    fn a_cookie_is_set_with_what_was_asked() {
        let target = "/cookie?name=a&value=b%20c&path=/x&max_age=60&secure&http_only";
        assert_has(target, &["Set-Cookie: a=b c; Path=/x; Max-Age=60; Secure; HttpOnly\r\n"]);
        assert_has("/cookie?name=a", &["Set-Cookie: a=\r\n"]);
    }

    #[test]
    fn only_the_one_account_may_enter() {
        assert_has("/auth", &["HTTP/1.1 401 ", "WWW-Authenticate: Basic realm="]);
        let answer = ask("/auth", "Authorization: Basic dXNlcjpwYXNz\r\n");
        assert!(text_of(&answer).starts_with("HTTP/1.1 200 "));
    }

    #[test]
    fn a_long_head_has_exactly_its_length() {
        for head_bytes in [200, 65_536, 1 << 20] {
            assert_eq!(get(&format!("/long-head/{head_bytes}")).bytes.len(), head_bytes);
        }
    }

    #[test]
    fn bad_arguments_are_refused_with_the_remedy() {
        for target in [
            "/delay/soon",
            "/delay/-1",
            "/bytes/many",
            "/status/42",
            "/chunked/1?size=0",
            "/slow/0",
            "/stall?for_ms=10",
            "/stall?every_s=1&for_ms=1000",
            "/cookie?value=1",
            "/cookie?name=a%0d%0ab",
            "/drop-keepalive/0",
        ] {
            assert_has(target, &["HTTP/1.1 400 Bad Request\r\n", "{\"error\":"]);
        }
        assert_has("/nowhere", &["HTTP/1.1 404 ", "nothing is served at /nowhere", "/delay"]);
    }
}

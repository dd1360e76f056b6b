//! The answers that keep the rules: known delays, sizes, statuses, encodings, cookies, redirects.
//!
//! All keep the connection alive unless the client asked otherwise. HEAD gets the head alone.

use std::borrow::Cow;
use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::answer::{Answer, End, Release, Response};
use crate::body::{Body, Drip};
use crate::json;
use crate::query::{Refusal, number, parameter, parameter_for_header, parameter_number};
use crate::request::Request;
use crate::routes::Call;
use crate::stall::Stall;

const HOME_BODY: &str = r#"{"service":"calibration","truth":"known","answer_to":"/"}"#;

/// The one answer that is asked for a hundred thousand times a second.
const HOME: &str = concat!(
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 57\r\n\r\n",
    r#"{"service":"calibration","truth":"known","answer_to":"/"}"#
);

/// `user:pass`, the one account there is.
const CREDENTIALS: &[u8] = b"Basic dXNlcjpwYXNz";

const HOUR_MS: f64 = 3_600_000.0;

/// `/`: a small JSON document.
pub fn home(call: &Call<'_>) -> Result<Answer, Refusal> {
    let request = call.request;
    if request.keep_alive && !request.http_1_0 && !request.is_head() {
        return Ok(Answer::raw(HOME.as_bytes(), End::KeepAlive));
    }
    Ok(Response::new(200).json(request, HOME_BODY))
}

/// `/delay/{ms}`: answers exactly that long after the request was read; fractions are allowed.
pub fn delay(call: &Call<'_>) -> Result<Answer, Refusal> {
    let delay_ms = number("the delay in ms", call.argument, 0.0..=HOUR_MS)?;
    Ok(home(call)?.released(Release::After(ns_of_ms(delay_ms))))
}

/// `/bytes/{n}`: a body of n bytes.
pub fn bytes(call: &Call<'_>) -> Result<Answer, Refusal> {
    let left_bytes: u64 = number("the number of bytes", call.argument, 0..=u64::MAX)?;
    let response = Response::new(200).header("Content-Length", &left_bytes.to_string());
    Ok(response.streaming(call.request, Body::Plain { left_bytes }))
}

/// `/until-close/{n}`: a body of n bytes that only the end of the connection delimits.
pub fn until_close(call: &Call<'_>) -> Result<Answer, Refusal> {
    let left_bytes: u64 = number("the number of bytes", call.argument, 0..=u64::MAX)?;
    let request = Request { keep_alive: false, ..*call.request };
    Ok(Response::new(200).streaming(&request, Body::Plain { left_bytes }))
}

/// `/status/{code}[?location=…]`: that status, with a Location when asked.
pub fn status(call: &Call<'_>) -> Result<Answer, Refusal> {
    let code: u16 = number("the status", call.argument, 200..=599)?;
    let mut response = Response::new(code);
    if let Some(location) = parameter_for_header(call.request.query, "location")? {
        response = response.header("Location", &location);
    }
    Ok(response.json(call.request, &json::object([("status", code.to_string())])))
}

/// `/stall?every_s=&for_ms=[&delay_ms=][&run=]`: see `stall`.
pub fn stall(call: &Call<'_>) -> Result<Answer, Refusal> {
    let query = call.request.query;
    let missing = |name: &str| Refusal(format!("{name} is missing: /stall?every_s=10&for_ms=1000"));
    let every_s: f64 =
        parameter_number(query, "every_s", 0.001..=86_400.0)?.ok_or_else(|| missing("every_s"))?;
    let longest_ms = every_s * 1e3 * 0.99;
    let for_ms: f64 =
        parameter_number(query, "for_ms", 0.0..=longest_ms)?.ok_or_else(|| missing("for_ms"))?;
    let delay_ms = parameter_number(query, "delay_ms", 0.0..=HOUR_MS)?.unwrap_or(0.0);
    let stall = Stall {
        every_ns: ns_of_ms(every_s * 1e3),
        for_ns: ns_of_ms(for_ms),
        delay_ns: ns_of_ms(delay_ms),
    };
    Ok(home(call)?.released(Release::Stalled(stall)))
}

/// `/chunked/{n}[?size=]`: n chunks of `size` bytes (16 if not given) and a trailer `X-Chunks`.
pub fn chunked(call: &Call<'_>) -> Result<Answer, Refusal> {
    let chunks: u64 = number("the number of chunks", call.argument, 0..=u64::MAX)?;
    let size = parameter_number(call.request.query, "size", 1..=1 << 20)?.unwrap_or(16);
    let response =
        Response::new(200).header("Transfer-Encoding", "chunked").header("Trailer", "X-Chunks");
    Ok(response.streaming(call.request, Body::chunked(chunks, size)))
}

/// `/slow/{bytes_per_s}[?bytes=]`: a body dripped at that rate, one second of it if not told.
pub fn slow(call: &Call<'_>) -> Result<Answer, Refusal> {
    let bytes_per_s: u64 = number("the rate in bytes/s", call.argument, 1..=1 << 30)?;
    let bytes = parameter_number(call.request.query, "bytes", 0..=u64::MAX)?.unwrap_or(bytes_per_s);
    let response = Response::new(200).header("Content-Length", &bytes.to_string());
    Ok(response.streaming(call.request, Body::Drip(Drip::new(bytes, bytes_per_s))))
}

/// `/echo`: the request as the server understood it, as JSON. Header names are in lower case;
/// repeated headers are joined by commas. `body` is at most the first MiB.
pub fn echo(call: &Call<'_>) -> Result<Answer, Refusal> {
    let request = call.request;
    let mut headers: Vec<(String, String)> = Vec::new();
    for header in request.headers {
        let (name, value) =
            (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value));
        match headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.extend([", ", &value]),
            None => headers.push((name, value.into_owned())),
        }
    }
    let headers = headers.iter().map(|(name, value)| (name.as_str(), json::string(value)));
    let body = json::object([
        ("method", json::string(request.method)),
        ("path", json::string(request.path)),
        ("query", json::string(request.query)),
        ("headers", json::object(headers)),
        ("body_bytes", call.body_bytes.to_string()),
        ("body", json::string(&String::from_utf8_lossy(call.body))),
    ]);
    Ok(Response::new(200).json(request, &body))
}

/// `/cookie?name=&value=[&path=&domain=&max_age=&expires=&secure=&http_only=]`: sets it.
pub fn cookie(call: &Call<'_>) -> Result<Answer, Refusal> {
    let query = call.request.query;
    let value_of = |name| parameter_for_header(query, name);
    let missing = || Refusal("name is missing: /cookie?name=session&value=1".to_string());
    let name = value_of("name")?.ok_or_else(missing)?;
    let mut cookie = format!("{name}={}", value_of("value")?.unwrap_or(Cow::Borrowed("")));
    let attributes =
        [("path", "Path"), ("domain", "Domain"), ("max_age", "Max-Age"), ("expires", "Expires")];
    for (field, attribute) in attributes {
        if let Some(value) = value_of(field)? {
            cookie.extend(["; ", attribute, "=", &value]);
        }
    }
    for (field, attribute) in [("secure", "Secure"), ("http_only", "HttpOnly")] {
        if parameter(query, field).is_some() {
            cookie.extend(["; ", attribute]);
        }
    }
    Ok(Response::new(200).header("Set-Cookie", &cookie).json(call.request, HOME_BODY))
}

/// `/redirect/{n}`: n redirects (302) in a row, then 200.
pub fn redirect(call: &Call<'_>) -> Result<Answer, Refusal> {
    let left: u32 = number("the number of redirects", call.argument, 0..=1_000_000)?;
    match left.checked_sub(1) {
        None => home(call),
        Some(next) => Ok(Response::new(302)
            .header("Location", &format!("/redirect/{next}"))
            .json(call.request, &json::object([("left", left.to_string())]))),
    }
}

/// `/gzip`: the document of `/`, compressed (RFC 1952).
pub fn gzip(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(HOME_BODY.as_bytes()).expect("a Vec takes all");
    Ok(compressed(call, "gzip", &encoder.finish().expect("a Vec takes all")))
}

/// `/deflate`: the same in zlib's format (RFC 1950), which is what HTTP calls deflate.
pub fn deflate(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(HOME_BODY.as_bytes()).expect("a Vec takes all");
    Ok(compressed(call, "deflate", &encoder.finish().expect("a Vec takes all")))
}

fn compressed(call: &Call<'_>, encoding: &str, body: &[u8]) -> Answer {
    let response = Response::new(200).header("Content-Encoding", encoding);
    response.with(call.request, "application/json", body)
}

/// `/auth`: 200 for user `user` with password `pass`, 401 for everyone else.
pub fn auth(call: &Call<'_>) -> Result<Answer, Refusal> {
    if call.request.header("authorization") == Some(CREDENTIALS) {
        return home(call);
    }
    let response = Response::new(401).header("WWW-Authenticate", "Basic realm=\"calibration\"");
    Ok(response.json(call.request, &json::object([("error", json::string("who are you?"))])))
}

/// `/early-hints`: an interim 103 before the answer (RFC 8297).
pub fn early_hints(call: &Call<'_>) -> Result<Answer, Refusal> {
    let answer = home(call)?;
    let hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    Ok(Answer { bytes: Cow::Owned([&hints[..], &answer.bytes].concat()), ..answer })
}

/// `/count`: what the server has seen since it started.
pub fn count(call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Response::new(200).json(call.request, &call.tally.to_json()))
}

fn ns_of_ms(ms: f64) -> u64 {
    (ms * 1e6).round() as u64
}

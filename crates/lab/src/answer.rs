//! What the server will say and when: an `Answer` is a plan, made before anything is sent.

use std::borrow::Cow;

use crate::body::Body;
use crate::request::Request;
use crate::stall::Stall;

#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub release: Release,
    /// The head, and the body too when it is at hand.
    pub bytes: Cow<'static, [u8]>,
    /// What follows.
    pub body: Body,
    pub end: End,
}

/// When an answer's first byte is due, counted from the request's last.
#[derive(Debug, PartialEq, Eq)]
pub enum Release {
    After(u64),
    /// As the stall of this query's clock allows.
    Stalled(Stall),
}

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    KeepAlive,
    Close,
    /// An RST instead of a FIN.
    Reset,
}

impl Answer {
    /// Bytes as they are, HTTP or not, at once.
    pub fn raw(bytes: impl Into<Cow<'static, [u8]>>, end: End) -> Self {
        Self { release: Release::After(0), bytes: bytes.into(), body: Body::Empty, end }
    }

    pub fn released(self, release: Release) -> Self {
        Self { release, ..self }
    }

    pub fn ending(self, end: End) -> Self {
        Self { end, ..self }
    }
}

/// A well-formed response in the making.
pub struct Response {
    status: u16,
    headers: String,
}

impl Response {
    pub fn new(status: u16) -> Self {
        Self { status, headers: String::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// With a body at hand; HEAD, 204 and 304 get its head alone.
    pub fn with(self, request: &Request<'_>, content_type: &str, body: &[u8]) -> Answer {
        let bodiless = matches!(self.status, 204 | 304);
        let response = if bodiless {
            self
        } else {
            self.header("Content-Type", content_type)
                .header("Content-Length", &body.len().to_string())
        };
        let mut bytes = response.head(request);
        if !bodiless && !request.is_head() {
            bytes.extend_from_slice(body);
        }
        Answer::raw(bytes, end_for(request))
    }

    pub fn json(self, request: &Request<'_>, body: &str) -> Answer {
        self.with(request, "application/json", body.as_bytes())
    }

    /// With a body that is produced as it leaves; HEAD gets its head alone.
    pub fn streaming(self, request: &Request<'_>, body: Body) -> Answer {
        let bytes = self.header("Content-Type", "application/octet-stream").head(request);
        let body = if request.is_head() { Body::Empty } else { body };
        Answer { body, ..Answer::raw(bytes, end_for(request)) }
    }

    /// The head alone, of a response that says when the connection ends.
    pub fn head(self, request: &Request<'_>) -> Vec<u8> {
        let persistence = match (request.keep_alive, request.http_1_0) {
            (false, _) => "Connection: close\r\n",
            (true, true) => "Connection: keep-alive\r\n",
            (true, false) => "",
        };
        let (status, headers) = (self.status, self.headers);
        format!("HTTP/1.1 {status} {}\r\n{persistence}{headers}\r\n", reason(status)).into_bytes()
    }
}

pub fn end_for(request: &Request<'_>) -> End {
    if request.keep_alive { End::KeepAlive } else { End::Close }
}

/// The reason phrase, which clients ignore and people read.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Parsed, header_room, parse};

    fn answer_to(head: &str, make: impl FnOnce(&Request<'_>) -> Answer) -> (String, End) {
        let mut room = header_room();
        let Parsed::Whole(request, _) = parse(head.as_bytes(), &mut room) else {
            panic!("not a request: {head}");
        };
        let answer = make(&request);
        (String::from_utf8(answer.bytes.into_owned()).unwrap(), answer.end)
    }

    #[test]
    fn a_response_tells_its_length_and_whether_the_connection_stays() {
        let make = |request: &Request<'_>| Response::new(200).json(request, "{}");
        let body = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(
            answer_to("GET / HTTP/1.1\r\n\r\n", make),
            (format!("HTTP/1.1 200 OK\r\n{body}"), End::KeepAlive)
        );
        assert_eq!(
            answer_to("GET / HTTP/1.0\r\n\r\n", make),
            (format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{body}"), End::Close)
        );
        assert_eq!(
            answer_to("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", make),
            (format!("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n{body}"), End::KeepAlive)
        );
    }

    #[test]
    fn head_gets_the_length_without_the_body() {
        let make = |request: &Request<'_>| Response::new(200).json(request, "{}");
        let (text, _) = answer_to("HEAD / HTTP/1.1\r\n\r\n", make);
        assert!(text.ends_with("Content-Length: 2\r\n\r\n"), "{text}");
    }

    #[test]
    fn no_content_has_neither_body_nor_length() {
        let make = |request: &Request<'_>| Response::new(204).json(request, "{}");
        let (text, _) = answer_to("GET / HTTP/1.1\r\n\r\n", make);
        assert_eq!(text, "HTTP/1.1 204 No Content\r\n\r\n");
    }
}

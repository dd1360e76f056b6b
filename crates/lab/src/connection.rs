//! One connection as a state machine over bytes and times; it touches no socket and no clock.
//!
//! ```text
//!             ┌──────────────────────────────────────────────┐
//!             ▼                                              │ End::KeepAlive
//!         Reading ──whole request──► Waiting ──due──► Sending ──► Over(Close | Reset)
//!          ▲   │                                     ▲   │
//!          └───┘ Upload: body comes in               └───┘ body goes out, piece by piece
//! ```
//!
//! Pipelined requests are answered one after the other; a request counts as read when the answer
//! before it is complete. While an answer waits or goes out, no input is wanted, so that a client
//! that never reads cannot make the server buffer.

use crate::answer::{Answer, End, Release, Response};
use crate::body::{Body, Progress};
use crate::buffer::Buffer;
use crate::json;
use crate::request::{Framing, Parsed, Request, header_room, parse};
use crate::routes::{self, Call};
use crate::stall::StallClocks;
use crate::tally::Tally;
use crate::upload::Upload;

/// Answers to pipelined requests are collected up to here before they are sent.
const OUTPUT_BYTES_MAX: usize = 64 * 1024;

/// What all connections of a server share.
#[derive(Default)]
pub struct Shared {
    pub tally: Tally,
    pub stalls: StallClocks,
}

enum Phase {
    Reading,
    Waiting { answer: Answer, due_ns: u64 },
    Sending { body: Body, progress: Progress, end: End },
    Over(End),
}

pub struct Connection {
    input: Buffer,
    output: Buffer,
    upload: Option<Upload>,
    phase: Phase,
    requests: u64,
}

impl Connection {
    pub fn new() -> Self {
        Self {
            input: Buffer::default(),
            output: Buffer::default(),
            upload: None,
            phase: Phase::Reading,
            requests: 0,
        }
    }

    /// Bytes that came from the client.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    /// Goes as far as bytes, time and unsent output allow. True when only the output stands in
    /// the way: once it is sent, `advance` can go on.
    pub fn advance(&mut self, now_ns: u64, shared: &mut Shared) -> bool {
        while self.step(now_ns, shared) {
            if self.output.unread().len() >= OUTPUT_BYTES_MAX {
                return true;
            }
        }
        false
    }

    /// Bytes for the client.
    pub fn unsent(&self) -> &[u8] {
        self.output.unread()
    }

    pub fn sent(&mut self, count: usize) {
        self.output.consume(count);
    }

    /// When the answer under way can go on; None when there is none, and input is wanted.
    pub fn due_ns(&self) -> Option<u64> {
        match self.phase {
            Phase::Waiting { due_ns, .. } => Some(due_ns),
            Phase::Sending { progress: Progress::NotBefore(due_ns), .. } => Some(due_ns),
            Phase::Reading | Phase::Sending { .. } | Phase::Over(_) => None,
        }
    }

    /// How the connection ends, once everything is sent.
    pub fn over(&self) -> Option<End> {
        match self.phase {
            Phase::Over(end) if self.output.is_empty() => Some(end),
            _ => None,
        }
    }

    /// One move; false when there is none to make now.
    fn step(&mut self, now_ns: u64, shared: &mut Shared) -> bool {
        match &mut self.phase {
            Phase::Reading if self.upload.is_some() => self.read_upload(now_ns, shared),
            Phase::Reading => self.read_head(now_ns, shared),
            Phase::Waiting { due_ns, .. } if now_ns < *due_ns => false,
            Phase::Waiting { answer, due_ns } => {
                if answer.release != Release::After(0) {
                    shared.tally.lateness.record(now_ns - *due_ns);
                }
                self.output.push(&answer.bytes);
                let body = std::mem::replace(&mut answer.body, Body::Empty);
                self.phase = Phase::Sending { body, progress: Progress::More, end: answer.end };
                true
            }
            Phase::Sending { progress: Progress::NotBefore(due_ns), .. } if now_ns < *due_ns => {
                false
            }
            Phase::Sending { body, progress, end } => {
                *progress = body.fill(now_ns, self.output.tail());
                if *progress == Progress::Done {
                    shared.tally.answered += 1;
                    self.phase = match *end {
                        End::KeepAlive => Phase::Reading,
                        end => Phase::Over(end),
                    };
                }
                true
            }
            Phase::Over(_) => false,
        }
    }

    fn read_head(&mut self, now_ns: u64, shared: &mut Shared) -> bool {
        if self.input.is_empty() {
            return false;
        }
        let input = self.input.unread();
        let mut room = header_room();
        let head_bytes = match parse(input, &mut room) {
            Parsed::Partial => return false,
            Parsed::Bad(status, reason) => {
                self.refuse(status, &reason);
                return true;
            }
            Parsed::Whole(request, head_bytes) if request.framing == Framing::Length(0) => {
                self.requests += 1;
                self.phase = plan(&request, &[], 0, self.requests, now_ns, shared);
                head_bytes
            }
            Parsed::Whole(request, head_bytes) => {
                self.upload = Some(Upload::new(&input[..head_bytes], request.framing));
                if request.expects_continue {
                    self.output.push(b"HTTP/1.1 100 Continue\r\n\r\n");
                }
                head_bytes
            }
        };
        self.input.consume(head_bytes);
        true
    }

    fn read_upload(&mut self, now_ns: u64, shared: &mut Shared) -> bool {
        let Some(upload) = &mut self.upload else {
            return false;
        };
        match upload.take(self.input.unread()) {
            Ok(count) => self.input.consume(count),
            Err(reason) => {
                self.refuse(400, &reason);
                return true;
            }
        }
        if !upload.is_done() {
            return false;
        }
        if let Parsed::Whole(request, _) = parse(&upload.head, &mut header_room()) {
            self.requests += 1;
            let (body, total_bytes) = (&upload.kept, upload.total_bytes);
            self.phase = plan(&request, body, total_bytes, self.requests, now_ns, shared);
        }
        self.upload = None;
        true
    }

    /// Answers what is not HTTP, and gives the connection up.
    fn refuse(&mut self, status: u16, reason: &str) {
        let request = Request::unreadable();
        let body = json::object([("error", json::string(reason))]);
        let answer = Response::new(status).json(&request, &body);
        self.output.push(&answer.bytes);
        self.input.clear();
        self.phase = Phase::Over(End::Close);
    }
}

/// From a whole request to the instant its answer is due.
fn plan(
    request: &Request<'_>,
    body: &[u8],
    body_bytes: u64,
    nth_on_connection: u64,
    now_ns: u64,
    shared: &mut Shared,
) -> Phase {
    shared.tally.receive(routes::name_of(request.path));
    let (_, argument) = routes::split(request.path);
    let tally = &shared.tally;
    let call = Call { request, argument, body, body_bytes, nth_on_connection, tally };
    let answer = routes::answer(&call);
    let due_ns = match answer.release {
        Release::After(delay_ns) => now_ns + delay_ns,
        Release::Stalled(stall) => {
            let started_ns = shared.stalls.started_ns(request.query, now_ns);
            started_ns + stall.answer_due_ns(now_ns - started_ns)
        }
    };
    Phase::Waiting { answer, due_ns }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const HOME_END: &str = r#""answer_to":"/"}"#;

    /// A connection with its server's shared state, on a clock moved by hand.
    struct Client {
        connection: Connection,
        shared: Shared,
        now_ns: u64,
    }

    impl Client {
        fn new() -> Self {
            Self { connection: Connection::new(), shared: Shared::default(), now_ns: 1_000 * MS }
        }

        fn send(&mut self, bytes: &str) -> &mut Self {
            self.connection.receive(bytes.as_bytes());
            self
        }

        fn after_ms(&mut self, ms: u64) -> &mut Self {
            self.now_ns += ms * MS;
            self
        }

        /// All that comes without time passing.
        fn receive(&mut self) -> String {
            let mut all = Vec::new();
            loop {
                self.connection.advance(self.now_ns, &mut self.shared);
                let unsent = self.connection.unsent().to_vec();
                if unsent.is_empty() {
                    return String::from_utf8(all).unwrap();
                }
                self.connection.sent(unsent.len());
                all.extend(unsent);
            }
        }

        fn get(&mut self, target: &str) -> String {
            self.send(&format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n")).receive()
        }
    }

    #[test]
    fn a_request_in_pieces_is_answered_when_it_is_whole() {
        let mut client = Client::new();
        assert_eq!(client.send("GET / HT").receive(), "");
        assert_eq!(client.send("TP/1.1\r\n").receive(), "");
        assert!(client.send("\r\n").receive().ends_with(HOME_END));
        assert_eq!(client.connection.over(), None);
    }

    #[test]
    fn a_delay_is_counted_from_the_end_of_the_request() {
        let mut client = Client::new();
        client.send("GET /delay/20 HTTP/1.1\r\n").receive();
        assert_eq!(client.after_ms(5).send("\r\n").receive(), "");
        assert_eq!(client.connection.due_ns(), Some(client.now_ns + 20 * MS));
        assert_eq!(client.after_ms(19).receive(), "");
        assert!(client.after_ms(1).receive().starts_with("HTTP/1.1 200 OK\r\n"));
    }

    #[test]
    fn pipelined_requests_are_answered_in_order() {
        let mut client = Client::new();
        let both = "GET /delay/10 HTTP/1.1\r\n\r\nGET /status/404 HTTP/1.1\r\n\r\n";
        assert_eq!(client.send(both).receive(), "");
        assert!(client.connection.due_ns().is_some());
        let answers = client.after_ms(10).receive();
        assert!(answers.starts_with("HTTP/1.1 200") && answers.contains("HTTP/1.1 404"));
        assert_eq!(client.connection.due_ns(), None);
    }

    #[test]
    fn many_pipelined_requests_are_all_answered() {
        let mut client = Client::new();
        let answers = client.send(&"GET / HTTP/1.1\r\n\r\n".repeat(5_000)).receive();
        assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 5_000);
        assert_eq!(client.shared.tally.answered, 5_000);
    }

    #[test]
    fn a_client_that_asks_to_close_is_closed_after_its_answer() {
        let mut client = Client::new();
        client.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
        client.connection.advance(client.now_ns, &mut client.shared);
        assert_eq!(client.connection.over(), None, "the answer is not sent yet");
        assert!(client.receive().contains("Connection: close\r\n"));
        assert_eq!(client.connection.over(), Some(End::Close));
    }

    #[test]
    fn a_request_body_is_echoed_and_the_next_request_is_found_behind_it() {
        let mut client = Client::new();
        client.send("POST /echo?a=1 HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 5\r\n\r\nhe");
        assert_eq!(client.receive(), "");
        let answers = client.send("lloGET / HTTP/1.1\r\n\r\n").receive();
        let echoed = concat!(
            r#"{"method":"POST","path":"/echo","query":"a=1","#,
            r#""headers":{"x-a":"1, 2","content-length":"5"},"body_bytes":5,"body":"hello"}"#
        );
        assert!(answers.contains(echoed), "{answers}");
        assert!(answers.ends_with(HOME_END));
    }

    #[test]
    fn a_client_that_waits_for_continue_gets_it() {
        let mut client = Client::new();
        let head = "PUT /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
        assert_eq!(client.send(head).receive(), "HTTP/1.1 100 Continue\r\n\r\n");
        assert!(client.send("x").receive().ends_with(r#""body":"x"}"#));
    }

    #[test]
    fn broken_requests_get_their_status_and_the_connection_ends() {
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n";
        for bytes in ["\u{1}\u{2}\r\n\r\n", chunked] {
            let mut client = Client::new();
            assert!(client.send(bytes).receive().starts_with("HTTP/1.1 400 Bad Request\r\n"));
            assert_eq!(client.connection.over(), Some(End::Close));
        }
    }

    #[test]
    fn a_stall_holds_every_connection_of_its_query() {
        let target = "/stall?every_s=10&for_ms=1000&delay_ms=5";
        let mut client = Client::new();
        assert_eq!(client.get(target), "");
        assert!(client.after_ms(5).receive().ends_with(HOME_END));
        client.after_ms(4_600).get(target);
        assert_eq!(client.after_ms(800).receive(), "");
        assert!(client.after_ms(95).receive().ends_with(HOME_END));
        client.get("/stall?every_s=10&for_ms=1000&delay_ms=5&run=2");
        assert!(client.after_ms(5).receive().ends_with(HOME_END));
    }

    #[test]
    fn faults_end_the_connection_as_they_say() {
        let cases = [
            ("/close", "", End::Close),
            ("/reset", "", End::Reset),
            ("/half-head", "HTTP/1.1 200 OK\r\nContent-Type: applic", End::Close),
        ];
        for (target, answer, end) in cases {
            let mut client = Client::new();
            assert_eq!(client.get(target), answer);
            assert_eq!(client.connection.over(), Some(end), "{target}");
        }
    }

    #[test]
    fn a_kept_connection_is_dropped_after_its_nth_answer_without_a_word() {
        let mut client = Client::new();
        client.get("/drop-keepalive/2");
        assert_eq!(client.connection.over(), None);
        assert!(!client.get("/drop-keepalive/2").contains("Connection"));
        assert_eq!(client.connection.over(), Some(End::Close));
    }

    #[test]
    fn a_dripped_body_comes_at_its_rate() {
        let mut client = Client::new();
        assert!(client.get("/slow/100?bytes=3").ends_with("\r\n\r\n"));
        assert_eq!(client.connection.due_ns(), Some(client.now_ns + 10 * MS));
        assert_eq!(client.after_ms(10).receive(), "x");
        assert_eq!(client.after_ms(25).receive(), "xx");
        assert_eq!(client.connection.due_ns(), None);
    }

    #[test]
    fn long_bodies_are_produced_only_as_they_leave() {
        let mut client = Client::new();
        client.send("GET /bytes/9999999999 HTTP/1.1\r\n\r\n");
        assert!(client.connection.advance(client.now_ns, &mut client.shared));
        assert!(client.connection.unsent().len() < 1 << 20);
    }

    #[test]
    fn the_count_tells_what_was_received_and_answered() {
        let mut client = Client::new();
        client.get("/");
        client.get("/delay/0.5?x");
        client.after_ms(1).get("/nowhere");
        let count = client.get("/count");
        let expected = r#""received_by_route":{"/":1,"/count":1,"/delay":1,"unknown":1}}"#;
        assert!(count.ends_with(expected), "{count}");
        assert!(count.contains(r#""received":4,"answered":3"#), "{count}");
        assert!(count.contains(r#""lateness_us":{"p50":500,"p99":500,"max":500}"#), "{count}");
    }
}

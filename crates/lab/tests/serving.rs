//! The server over real sockets: what a client on the wire sees. All on 127.0.0.1.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A server on a thread of its own, stopped when dropped.
struct Lab {
    address: SocketAddr,
    serving: Arc<AtomicBool>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Lab {
    fn start() -> Self {
        let (announce, announced) = mpsc::channel();
        let serving = Arc::new(AtomicBool::new(true));
        let asked = Arc::clone(&serving);
        let thread = std::thread::spawn(move || {
            let on_ready = |address| announce.send(address).unwrap();
            perfwright_lab::serve("127.0.0.1:0", on_ready, || asked.load(Ordering::Relaxed))
        });
        Self { address: announced.recv().unwrap(), serving, thread: Some(thread) }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Client { stream, ahead: Vec::new() }
    }

    fn count(&self) -> String {
        self.connect().get("/count").body
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.serving.store(false, Ordering::Relaxed);
        let outcome = self.thread.take().unwrap().join();
        if !std::thread::panicking() {
            outcome.unwrap().unwrap();
        }
    }
}

/// A blocking client that understands heads and Content-Length, no more.
struct Client {
    stream: TcpStream,
    ahead: Vec<u8>,
}

struct Answer {
    head: String,
    body: String,
}

impl Client {
    fn send(&mut self, bytes: &[u8]) -> &mut Self {
        self.stream.write_all(bytes).unwrap();
        self
    }

    fn ask(&mut self, target: &str) -> &mut Self {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: lab\r\n\r\n").as_bytes())
    }

    fn get(&mut self, target: &str) -> Answer {
        self.ask(target).answer()
    }

    fn answer(&mut self) -> Answer {
        let head = self.read_until(|ahead| {
            ahead.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
        });
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .map_or(0, |length| length.parse().unwrap());
        let body = self.read_until(|ahead| (ahead.len() >= length).then_some(length));
        Answer { head, body }
    }

    fn read_until(&mut self, end: impl Fn(&[u8]) -> Option<usize>) -> String {
        loop {
            if let Some(end) = end(&self.ahead) {
                return String::from_utf8(self.ahead.drain(..end).collect()).unwrap();
            }
            let mut piece = [0; 16 * 1024];
            let count = self.stream.read(&mut piece).unwrap();
            assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&self.ahead));
            self.ahead.extend_from_slice(&piece[..count]);
        }
    }

    /// All that comes until the server closes, or the error that ended it.
    fn read_to_end(&mut self) -> std::io::Result<Vec<u8>> {
        let mut all = std::mem::take(&mut self.ahead);
        self.stream.read_to_end(&mut all).map(|_| all)
    }

    fn is_closed(&mut self) -> bool {
        self.read_to_end().unwrap().is_empty()
    }
}

#[test]
fn one_connection_carries_many_requests() {
    let lab = Lab::start();
    let mut client = lab.connect();
    for _ in 0..100 {
        assert_eq!(client.get("/").body.len(), 57);
    }
    let count = client.get("/count").body;
    assert!(count.contains(r#""connections_opened":1,"connections_open":1,"#), "{count}");
    assert!(count.contains(r#"{"/":100,"/count":1}"#), "{count}");
}

#[test]
fn no_answer_comes_before_its_delay() {
    let lab = Lab::start();
    let mut client = lab.connect();
    let start = Instant::now();
    assert!(client.get("/delay/30.5").head.starts_with("HTTP/1.1 200"));
    assert!(start.elapsed() >= Duration::from_micros(30_500));
}

#[test]
fn delays_of_many_connections_run_side_by_side() {
    let lab = Lab::start();
    let mut patient = lab.connect();
    patient.ask("/delay/3600000");
    let mut clients: Vec<Client> = (0..200).map(|_| lab.connect()).collect();
    for client in &mut clients {
        client.ask("/delay/100");
    }
    for client in &mut clients {
        assert_eq!(client.answer().body.len(), 57);
    }
    assert!(lab.count().contains(r#""/delay":201"#));
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let lab = Lab::start();
    let mut client = lab.connect();
    client.ask("/delay/10").ask("/status/404").ask("/");
    let statuses: Vec<String> = (0..3).map(|_| client.answer().head[9..12].to_string()).collect();
    assert_eq!(statuses, ["200", "404", "200"]);
}

#[test]
fn long_bodies_arrive_whole() {
    let lab = Lab::start();
    let mut client = lab.connect();
    assert_eq!(client.get("/bytes/50000000").body.len(), 50_000_000);
    assert_eq!(client.get("/").body.len(), 57);
}

#[test]
fn long_uploads_are_taken_whole() {
    let lab = Lab::start();
    let mut client = lab.connect();
    client.send(b"POST /echo HTTP/1.1\r\nContent-Length: 20000000\r\n\r\n");
    client.send(&vec![b'x'; 20_000_000]);
    assert!(client.answer().body.contains(r#""body_bytes":20000000,"#));
}

#[test]
fn an_endless_body_leaves_the_server_to_others_and_ends_with_its_client() {
    let lab = Lab::start();
    let mut glutton = lab.connect();
    glutton.ask("/endless");
    glutton.stream.read_exact(&mut vec![0; 10_000_000]).unwrap();
    assert_eq!(lab.connect().get("/").body.len(), 57);
    drop(glutton);
    let alone = r#""connections_open":1,"#;
    assert!((0..10_000).any(|_| lab.count().contains(alone)), "the connection was never freed");
}

#[test]
fn a_client_that_asks_to_close_is_closed() {
    let lab = Lab::start();
    let mut client = lab.connect();
    client.send(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(client.answer().body.len(), 57);
    assert!(client.is_closed());
}

#[test]
fn a_client_that_has_shut_its_side_still_gets_its_answer() {
    let lab = Lab::start();
    let mut client = lab.connect();
    client.ask("/delay/20").stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(client.answer().body.len(), 57);
    assert!(client.is_closed());
}

#[test]
fn faults_look_on_the_wire_as_they_say() {
    let lab = Lab::start();
    assert!(lab.connect().ask("/close").is_closed());
    let reset = lab.connect().ask("/reset").read_to_end().unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    let garbage = lab.connect().ask("/garbage").read_to_end().unwrap();
    assert!(!garbage.starts_with(b"HTTP"));
    let half = lab.connect().ask("/half-head").read_to_end().unwrap();
    assert_eq!(half, b"HTTP/1.1 200 OK\r\nContent-Type: applic");
    let short = String::from_utf8(lab.connect().ask("/short/5").read_to_end().unwrap()).unwrap();
    assert!(short.contains("Content-Length: 1005\r\n") && short.ends_with("\r\n\r\nxxxxx"));
    let chunked = lab.connect().ask("/half-chunked").read_to_end().unwrap();
    assert!(chunked.ends_with(b"\r\n20\r\nhalf of "));
    let long = lab.connect().get("/long-head/1000000");
    assert_eq!(long.head.len(), 1_000_000);
}

#[test]
fn a_kept_connection_is_dropped_after_its_nth_answer() {
    let lab = Lab::start();
    let mut client = lab.connect();
    for _ in 0..3 {
        assert!(!client.get("/drop-keepalive/3").head.contains("Connection"));
    }
    assert!(client.is_closed());
}

#[test]
fn a_body_without_length_ends_with_the_connection() {
    let lab = Lab::start();
    let bytes = lab.connect().ask("/until-close/1000").read_to_end().unwrap();
    assert!(bytes.ends_with(&[b'x'; 1_000]));
}

#[test]
fn what_is_not_http_gets_400_and_is_closed() {
    let lab = Lab::start();
    let mut client = lab.connect();
    let answer = client.send(b"\x16\x03\x01 hello?\r\n\r\n").answer();
    assert!(answer.head.starts_with("HTTP/1.1 400 "), "{}", answer.head);
    assert!(client.is_closed());
}

#[test]
fn an_address_in_use_is_an_error() {
    let lab = Lab::start();
    let address = lab.address.to_string();
    let error = perfwright_lab::serve(&address, |_| unreachable!(), || false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

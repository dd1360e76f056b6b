//! Moving bytes: what a readiness event means for a connection, writing, reading, time-outs,
//! breakage.

use super::{Reactor, Timer};
use crate::clock::Clock;
use crate::connection::Phase;
use crate::driver::Driver;
use crate::exchange::Failure;
use crate::http1::response::Progress;
use crate::outcome::Outcome;
use crate::poller::{Poller, Ready};
use crate::request::Body;
use crate::slab::Key;
use crate::transport::Received;

const BODY_PIECE_BYTES: usize = 256 * 1024;
/// Reads in a row from one connection: an endless body must hold up neither the others nor time.
const PIECES_PER_TURN: usize = 16;

impl<D: Driver, P: Poller, C: Clock> Reactor<D, P, C> {
    pub(super) fn on_ready(&mut self, event: Ready) {
        let key = Key::from_bits(event.token);
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.transport.readable(event.closed);
        match connection.phase {
            Phase::Connecting { .. } if event.writable || event.closed => {
                let now_ns = self.clock.now_ns();
                self.on_connected(key, now_ns);
            }
            Phase::Handshaking { .. } => {
                let now_ns = self.clock.now_ns();
                self.on_handshake(key, now_ns);
            }
            _ => {}
        }
        // This edge is the only report of what came along with it, so it is read in any phase; and
        // before anything is written, as the answer may be that no more is wanted.
        if event.readable || event.closed {
            self.on_readable(key);
        }
        if event.writable {
            self.on_writable(key);
        }
    }

    /// Sends `bytes` now as far as the socket takes them; the rest follows when there is room.
    pub(super) fn write(&mut self, key: Key, bytes: &[u8]) -> Result<(), Failure> {
        let connection = &mut self.connections[key];
        let mut sent = 0;
        while sent < bytes.len() {
            match connection.transport.send(&bytes[sent..]) {
                Ok(len) => sent += len,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) => return connection.cannot_send(&error),
            }
            match connection.transport.flush() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return connection.cannot_send(&error),
            }
        }
        connection.unsent.extend_from_slice(&bytes[sent..]);
        let exchange = connection.exchange;
        if let Some(exchange) = exchange.and_then(|key| self.exchanges.get_mut(key)) {
            exchange.bytes_sent += sent as u64;
            if let Body::Mapped(_) = exchange.request.body {
                return self.write_body(key);
            }
        }
        Ok(())
    }

    /// Goes on with what could not be sent before.
    fn on_writable(&mut self, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let sends =
            matches!(connection.phase, Phase::Tunnelling { .. } | Phase::Busy | Phase::Idle);
        if !sends || connection.send_failed.is_some() {
            return;
        }
        if let Err(error) = connection.transport.flush() {
            if let Err(failure) = connection.cannot_send(&error) {
                self.broken(key, failure);
            }
            return;
        }
        let exchange = connection.exchange;
        let unsent = std::mem::take(&mut connection.unsent);
        let written = match unsent.is_empty() {
            true => self.write_body(key),
            false => self.write(key, &unsent),
        };
        if let Err(failure) = written {
            self.broken(key, failure);
        } else if let (Some(exchange), false) = (exchange, unsent.is_empty()) {
            self.exchanges[exchange].times.written_ns = self.clock.now_ns();
        }
    }

    /// Feeds a mapped body to the socket, never copying more than a piece.
    fn write_body(&mut self, key: Key) -> Result<(), Failure> {
        let connection = &mut self.connections[key];
        let Some(exchange) = connection.exchange else {
            return Ok(());
        };
        let exchange = &mut self.exchanges[exchange];
        let Body::Mapped(file) = &exchange.request.body else {
            return Ok(());
        };
        let body = file.bytes();
        if !matches!(connection.phase, Phase::Busy) {
            return Ok(());
        }
        let sent_before = connection.body_sent;
        while connection.unsent.is_empty() && connection.body_sent < body.len() {
            let end = body.len().min(connection.body_sent + BODY_PIECE_BYTES);
            match connection.transport.send(&body[connection.body_sent..end]) {
                Ok(len) => {
                    connection.body_sent += len;
                    exchange.bytes_sent += len as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return connection.cannot_send(&error),
            }
            match connection.transport.flush() {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return connection.cannot_send(&error),
            }
        }
        if connection.body_sent > sent_before {
            exchange.times.written_ns = self.clock.now_ns();
        }
        Ok(())
    }

    /// Reads what there is; of a peer that sends faster than we read, a turn's share.
    pub(super) fn on_readable(&mut self, key: Key) {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut pieces = 0;
        while let Some(connection) = self.connections.get_mut(key) {
            if matches!(connection.phase, Phase::Connecting { .. } | Phase::Handshaking { .. }) {
                break;
            }
            if pieces == PIECES_PER_TURN {
                self.unread.push(key);
                break;
            }
            pieces += 1;
            match connection.transport.receive(&mut buffer) {
                Ok(Received::Bytes(bytes)) => self.on_bytes(key, bytes),
                Ok(Received::Drained) => break,
                Ok(Received::Closed) => self.on_closed(key),
                Err(error) => {
                    let tls = connection.transport.is_tls();
                    self.broken(key, Failure::of_io(&error, tls, "receive"));
                }
            }
        }
        self.buffer = buffer;
    }

    fn on_bytes(&mut self, key: Key, bytes: &[u8]) {
        let now_ns = self.clock.now_ns();
        let connection = &mut self.connections[key];
        let Some(exchange_key) = connection.exchange else {
            // Nobody asked: the peer is out of step, so the connection is of no more use.
            self.shared.recorder.borrow_mut().reconnects += 1;
            self.close(key);
            return;
        };
        let tunnelling = matches!(connection.phase, Phase::Tunnelling { .. });
        let exchange = &mut self.exchanges[exchange_key];
        if exchange.times.first_byte_ns == 0 && !tunnelling {
            exchange.times.first_byte_ns = now_ns;
        }
        let limit = if D::KEEPS_BODIES { self.settings.keep_limit } else { 0 };
        match connection.parser.feed(bytes, Some(&mut connection.kept), limit) {
            Ok(_) if tunnelling => {
                if connection.parser.head().is_some() {
                    self.on_tunnelled(key, now_ns);
                }
            }
            Ok(fed) if fed.progress == Progress::NeedMore => {}
            Ok(fed) => self.answered(key, now_ns, bytes.len() - fed.consumed),
            Err(error) => {
                let failure = Failure::new(Outcome::Malformed, error.to_string());
                self.broken(key, failure);
            }
        }
    }

    fn on_closed(&mut self, key: Key) {
        let connection = &mut self.connections[key];
        if connection.exchange.is_none() {
            self.shared.recorder.borrow_mut().reconnects += u64::from(connection.served > 0);
            self.close(key);
            return;
        }
        let finished = connection.parser.finish();
        let send_failed = connection.send_failed.take();
        match finished {
            Ok(()) => {
                let now_ns = self.clock.now_ns();
                self.answered(key, now_ns, 0);
            }
            Err(error) => {
                let closed = Failure::new(Outcome::ClosedEarly, error.to_string());
                self.broken(key, send_failed.map_or(closed, |failure| *failure));
            }
        }
        self.close(key);
    }

    /// The connection failed under its exchange, which is retried once where that is safe: on a
    /// reused connection that the peer was closing while we sent an idempotent request (RFC 9112
    /// §9.3.1).
    pub(super) fn broken(&mut self, key: Key, failure: Failure) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let (exchange, served) = (connection.exchange.take(), connection.served);
        let closing = matches!(failure.outcome, Outcome::Reset | Outcome::ClosedEarly);
        let lost_race = closing && served > 0 && !connection.parser.started();
        let received_bytes = connection.parser.received_bytes();
        self.close(key);
        let Some(exchange_key) = exchange else { return };
        let Some(exchange) = self.exchanges.get_mut(exchange_key) else {
            return;
        };
        exchange.connection = None;
        exchange.bytes_received += received_bytes;
        if lost_race && !exchange.retried && exchange.request.is_idempotent() {
            exchange.retried = true;
            exchange.addresses = None;
            if exchange.redirects == 0 {
                exchange.times.sent_ns = 0; // the time in service begins anew
            }
            self.shared.recorder.borrow_mut().reconnects += 1;
            let now_ns = self.clock.now_ns();
            self.acquire(exchange_key, now_ns);
        } else {
            self.fail(exchange_key, failure);
        }
    }

    pub(super) fn on_connection_timer(&mut self, key: Key, now_ns: u64) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.timer_ns = 0;
        let Some(exchange) = connection.exchange else {
            return;
        };
        let (phase, reading) = (connection.phase, connection.parser.started());
        let exchange = &self.exchanges[exchange];
        let settings = &self.settings;
        let connect_ns = exchange.request.connect_timeout_ns.unwrap_or(settings.connect_timeout_ns);
        let (limit_ns, outcome, what) = match phase {
            Phase::Connecting { since_ns }
            | Phase::Tunnelling { since_ns }
            | Phase::Handshaking { since_ns } => {
                (since_ns + connect_ns, Outcome::ConnectTimeout, "to connect")
            }
            _ if reading => (u64::MAX, Outcome::Timeout, ""),
            _ => {
                let waited_from_ns = exchange.times.written_ns;
                (
                    waited_from_ns + settings.response_timeout_ns,
                    Outcome::Timeout,
                    "for the first byte",
                )
            }
        };
        let deadline_ns = exchange.deadline_ns.min(limit_ns);
        if deadline_ns > now_ns {
            connection.timer_ns = deadline_ns;
            self.timers.push(deadline_ns, Timer::Connection(key));
            return;
        }
        let waited_s = (now_ns - exchange.times.start_ns) as f64 / 1e9;
        let what = if exchange.deadline_ns <= limit_ns { "in all" } else { what };
        let message = format!("no answer within the time allowed: {waited_s:.3} s {what}");
        self.broken(key, Failure::new(outcome, message));
    }

    /// The exchange still had no connection when its time was over.
    pub(super) fn on_exchange_timer(&mut self, key: Key) {
        let Some(exchange) = self.exchanges.get(key) else {
            return;
        };
        if exchange.connection.is_some() {
            return;
        }
        let (outcome, what) = if exchange.addresses.is_none() && exchange.look_up_ns > 0 {
            (Outcome::Dns, "the name was not resolved in time")
        } else {
            (Outcome::Timeout, "no connection of this user became free in time")
        };
        self.fail(key, Failure::new(outcome, what));
    }
}

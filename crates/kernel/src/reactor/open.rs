//! Where connections come from: the user's own, the shared pool, or a new one (look-up, connect,
//! proxy tunnel, TLS), each phase timed.

use std::os::fd::AsRawFd;
use std::sync::Arc;

use super::{Reactor, Timer};
use crate::clock::Clock;
use crate::connection::{Connection, Phase, SHARED};
use crate::driver::Driver;
use crate::exchange::Failure;
use crate::http1::response::Expect;
use crate::origins::OriginId;
use crate::outcome::Outcome;
use crate::poller::Poller;
use crate::resolver::Lookup;
use crate::schedule::UserId;
use crate::settings::{Proxy, Reuse};
use crate::slab::Key;
use crate::socket;
use crate::tls;
use crate::transport::Transport;
use crate::url::Origin;

/// What browsers allow themselves per user and origin.
const MAX_PER_ORIGIN: usize = 6;

impl<D: Driver, P: Poller, C: Clock> Reactor<D, P, C> {
    /// Finds or opens a connection for the exchange and sends its request as soon as it can.
    pub(super) fn acquire(&mut self, exchange: Key, now_ns: u64) {
        let (user, origin) = {
            let exchange = &self.exchanges[exchange];
            (exchange.user, exchange.request.origin)
        };
        match self.settings.reuse {
            Reuse::PerUser => {
                if self.by_user.len() <= user as usize {
                    self.by_user.resize_with(user as usize + 1, Vec::new);
                }
                let (idle, open) = self.of_user(user, origin);
                if let Some(connection) = idle {
                    self.dispatch(connection, exchange, now_ns);
                } else if open >= MAX_PER_ORIGIN {
                    self.arm(exchange);
                    self.queued.push(exchange);
                } else {
                    self.look_up(exchange, now_ns);
                }
            }
            Reuse::Shared => match self.shared_idle.entry(origin).or_default().pop() {
                Some(connection) => self.dispatch(connection, exchange, now_ns),
                None => self.look_up(exchange, now_ns),
            },
            Reuse::New => self.look_up(exchange, now_ns),
        }
    }

    /// The connection is free again: for whoever waits for it, or to be kept.
    pub(super) fn release(&mut self, key: Key) {
        let connection = &mut self.connections[key];
        connection.phase = Phase::Idle;
        connection.exchange = None;
        let (owner, origin) = (connection.owner, connection.origin);
        if owner == SHARED {
            self.shared_idle.entry(origin).or_default().push(key);
        } else {
            self.next_in_queue(owner, origin);
        }
    }

    /// Forgets the connection; dropping it closes the socket, which the poller forgets by itself.
    pub(super) fn close(&mut self, key: Key) {
        let Some(connection) = self.connections.remove(key) else {
            return;
        };
        let (owner, origin) = (connection.owner, connection.origin);
        if owner == SHARED {
            if let Some(idle) = self.shared_idle.get_mut(&origin) {
                idle.retain(|other| *other != key);
            }
        } else {
            self.by_user[owner as usize].retain(|other| *other != key);
            self.next_in_queue(owner, origin);
        }
    }

    /// The user's idle connection to the origin, and how many it has open.
    fn of_user(&self, user: UserId, origin: OriginId) -> (Option<Key>, usize) {
        let (mut idle, mut open) = (None, 0);
        for key in &self.by_user[user as usize] {
            let connection = &self.connections[*key];
            if connection.origin == origin {
                open += 1;
                if connection.phase == Phase::Idle {
                    idle = Some(*key);
                }
            }
        }
        (idle, open)
    }

    fn next_in_queue(&mut self, user: UserId, origin: OriginId) {
        if self.queued.is_empty() {
            return;
        }
        self.queued.retain(|key| self.exchanges.get(*key).is_some());
        let waiting = self.queued.iter().position(|key| {
            let exchange = &self.exchanges[*key];
            exchange.user == user && exchange.request.origin == origin
        });
        if let Some(position) = waiting {
            let exchange = self.queued.remove(position);
            let now_ns = self.clock.now_ns();
            self.acquire(exchange, now_ns);
        }
    }

    /// An exchange without a connection needs a deadline of its own.
    fn arm(&mut self, exchange: Key) {
        let deadline_ns = self.exchanges[exchange].deadline_ns;
        self.timers.push(deadline_ns, Timer::Exchange(exchange));
    }

    fn look_up(&mut self, exchange_key: Key, now_ns: u64) {
        let exchange = &mut self.exchanges[exchange_key];
        let origins = self.shared.origins.borrow();
        let origin = Arc::clone(origins.origin(exchange.request.origin));
        drop(origins);
        let peer = self.settings.proxy.as_ref().map_or(&*origin, |proxy| &proxy.origin);
        match self.resolver.look_up(&peer.host, peer.port) {
            Lookup::Known(addresses) => {
                let guard = self.settings.proxy.is_none().then_some(&self.settings.guard);
                if let Some(refusal) = guard.and_then(|it| it.refusal(&peer.host, &addresses)) {
                    self.fail(exchange_key, Failure::new(Outcome::NotAllowed, refusal));
                    return;
                }
                let since_ns = std::mem::take(&mut exchange.look_up_ns);
                if since_ns > 0 {
                    exchange.times.dns_ns = Some(now_ns.saturating_sub(since_ns));
                }
                exchange.addresses = Some((addresses, 0));
                self.connect(exchange_key, now_ns);
            }
            Lookup::Pending => {
                exchange.look_up_ns = now_ns;
                self.arm(exchange_key);
            }
        }
    }

    /// Look-ups that finished: their exchanges go on.
    pub(super) fn on_resolved(&mut self) {
        if self.resolver.is_idle() {
            return;
        }
        let now_ns = self.clock.now_ns();
        for resolved in self.resolver.finished() {
            let proxied = self.settings.proxy.is_some();
            let origins = self.shared.origins.borrow();
            let asked =
                |origin: &Origin| *origin.host == *resolved.host && origin.port == resolved.port;
            let waiting: Vec<Key> = self
                .exchanges
                .iter()
                .filter(|(_, exchange)| {
                    let waits = exchange.look_up_ns > 0;
                    waits && (proxied || asked(origins.origin(exchange.request.origin)))
                })
                .map(|(key, _)| key)
                .collect();
            drop(origins);
            for exchange in waiting {
                match &resolved.failure {
                    None => self.look_up(exchange, now_ns),
                    Some(reason) => self.fail(exchange, Failure::new(Outcome::Dns, reason.clone())),
                }
            }
        }
    }

    /// Tries the exchange's next address.
    pub(super) fn connect(&mut self, exchange_key: Key, now_ns: u64) {
        let exchange = &mut self.exchanges[exchange_key];
        let Some((addresses, next)) = &mut exchange.addresses else {
            return;
        };
        let address = addresses[*next];
        *next += 1;
        let (user, origin) = (exchange.user, exchange.request.origin);
        let connected = socket::connect(&address);
        let stream = match connected {
            Ok(stream) => stream,
            Err(error) => {
                self.connect_failed(exchange_key, &error, &address.to_string(), now_ns);
                return;
            }
        };
        let fd = stream.as_raw_fd();
        let owner = if self.settings.reuse == Reuse::Shared { SHARED } else { user };
        let key = self.connections.insert(Connection::new(
            Transport::plain(stream),
            origin,
            owner,
            now_ns,
        ));
        if let Err(error) = self.poller.register(fd, key.to_bits()) {
            self.connections.remove(key);
            self.connect_failed(exchange_key, &error, &address.to_string(), now_ns);
            return;
        }
        if owner != SHARED {
            if self.by_user.len() <= owner as usize {
                self.by_user.resize_with(owner as usize + 1, Vec::new);
            }
            self.by_user[owner as usize].push(key);
        }
        let exchange = &mut self.exchanges[exchange_key];
        exchange.connection = Some(key);
        let limit_ns =
            exchange.request.connect_timeout_ns.unwrap_or(self.settings.connect_timeout_ns);
        let deadline_ns = exchange.deadline_ns.min(now_ns + limit_ns);
        let connection = &mut self.connections[key];
        connection.exchange = Some(exchange_key);
        connection.timer_ns = deadline_ns;
        self.timers.push(deadline_ns, Timer::Connection(key));
    }

    fn connect_failed(&mut self, exchange: Key, error: &std::io::Error, to: &str, now_ns: u64) {
        let another =
            matches!(&self.exchanges[exchange].addresses, Some((all, next)) if *next < all.len());
        if another {
            self.connect(exchange, now_ns);
        } else {
            self.fail(exchange, Failure::of_io(error, false, &format!("connect to {to}")));
        }
    }

    /// The connecting socket became writable or failed.
    pub(super) fn on_connected(&mut self, key: Key, now_ns: u64) {
        let connection = &mut self.connections[key];
        let Phase::Connecting { since_ns } = connection.phase else {
            return;
        };
        let Some(exchange_key) = connection.exchange else {
            return;
        };
        let refused = match connection.transport.stream.take_error() {
            Ok(None) => connection.transport.stream.peer_addr().err(),
            Ok(Some(error)) | Err(error) => Some(error),
        };
        if let Some(error) = refused {
            if error.kind() == std::io::ErrorKind::NotConnected {
                return;
            }
            let to = self.addresses_tried(exchange_key);
            self.connections[key].exchange = None;
            self.exchanges[exchange_key].connection = None;
            self.close(key);
            self.connect_failed(exchange_key, &error, &to, now_ns);
            return;
        }
        let exchange = &mut self.exchanges[exchange_key];
        exchange.times.connect_ns = Some(now_ns.saturating_sub(since_ns));
        let origin = Arc::clone(self.shared.origins.borrow().origin(exchange.request.origin));
        if !origin.is_https() {
            self.dispatch(key, exchange_key, now_ns);
        } else if self.settings.proxy.is_some() {
            self.tunnel(key, &origin, now_ns);
        } else {
            self.start_tls(key, &origin, now_ns);
        }
    }

    fn addresses_tried(&self, exchange: Key) -> String {
        match &self.exchanges[exchange].addresses {
            Some((all, next)) => all[next.saturating_sub(1)].to_string(),
            None => String::new(),
        }
    }

    fn tunnel(&mut self, key: Key, origin: &Origin, now_ns: u64) {
        let to = origin.host_and_port();
        let credentials = self.settings.proxy.as_ref().map(Proxy::credentials);
        let credentials = credentials.unwrap_or_default();
        let ask = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{credentials}\r\n");
        let connection = &mut self.connections[key];
        connection.phase = Phase::Tunnelling { since_ns: now_ns };
        connection.parser.reset(Expect { head_request: false, connect: true });
        if let Err(failure) = self.write(key, ask.as_bytes()) {
            self.broken(key, failure);
        }
    }

    /// The proxy answered our CONNECT.
    pub(super) fn on_tunnelled(&mut self, key: Key, now_ns: u64) {
        let connection = &mut self.connections[key];
        let status = connection.parser.head().map_or(0, |head| head.status);
        connection.kept.clear();
        let Some(exchange) = connection.exchange else {
            return;
        };
        if !(200..300).contains(&status) {
            let message = format!("the proxy refused to CONNECT: HTTP {status}");
            self.broken(key, Failure::new(Outcome::ConnectFailed, message));
            return;
        }
        let origin = self.exchanges[exchange].request.origin;
        let origin = Arc::clone(self.shared.origins.borrow().origin(origin));
        self.start_tls(key, &origin, now_ns);
    }

    fn start_tls(&mut self, key: Key, origin: &Origin, now_ns: u64) {
        let config = match &self.tls {
            Some(config) => Arc::clone(config),
            None => match tls::client_config(&self.settings.tls) {
                Ok(config) => Arc::clone(self.tls.insert(config)),
                Err(message) => {
                    self.broken(key, Failure::new(Outcome::Tls, message));
                    return;
                }
            },
        };
        let connection = &mut self.connections[key];
        connection.phase = Phase::Handshaking { since_ns: now_ns };
        let host = origin.host.trim_matches(['[', ']']);
        match connection.transport.start_tls(&config, host) {
            Ok(()) => self.on_handshake(key, now_ns),
            Err(message) => self.broken(key, Failure::new(Outcome::Tls, message)),
        }
    }

    /// Bytes or room for the handshake.
    pub(super) fn on_handshake(&mut self, key: Key, now_ns: u64) {
        let connection = &mut self.connections[key];
        let Phase::Handshaking { since_ns } = connection.phase else {
            return;
        };
        match connection.transport.handshake() {
            Ok(false) => {}
            Ok(true) => {
                let Some(exchange) = connection.exchange else {
                    return;
                };
                let now_ns = self.clock.now_ns().max(now_ns);
                self.exchanges[exchange].times.tls_ns = Some(now_ns.saturating_sub(since_ns));
                self.dispatch(key, exchange, now_ns);
            }
            Err(error) => {
                let outcome = match error.kind() {
                    std::io::ErrorKind::ConnectionReset => Outcome::Reset,
                    _ => Outcome::Tls,
                };
                let message = format!("TLS handshake: {}", tls::explain(&error));
                self.broken(key, Failure::new(outcome, message));
            }
        }
    }
}

//! The loop: one thread, one poller, all connections and all timers.
//!
//! Timers are looked at after each event, not after each batch: under full load an answer that
//! has fallen due waits for one request's work at most, not for a thousand.
//!
//! Fails when the address cannot be bound (in use, not ours) or a poller cannot be had. When
//! descriptors run out, new clients wait in the backlog until some are free again.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use perfwright_kernel::clock::monotonic_ns;
use perfwright_kernel::poller::{Poller, Ready, SystemPoller};
use perfwright_kernel::timers::Timers;

use crate::answer::End;
use crate::connection::Shared;
use crate::peer::{Peer, READ_BYTES, Turn};
use crate::slab::Slab;

/// Connections' tokens are greater (see `slab`).
const LISTENER: u64 = 0;

/// Clients that may wait for `accept`; the system caps it at net.core.somaxconn.
const BACKLOG: libc::c_int = 4_096;

/// How often `keep_serving` is asked.
const ASK_EVERY_NS: u64 = 100_000_000;

/// The end of a wait for a timer is spent polling instead of sleeping. A core woken from idle makes
/// an answer 80 µs late in the median (measured, /delay/20); one that is awake, 1 µs.
const AWAKE_BEFORE_DUE_NS: u64 = 100_000;

/// How long to wait for a free descriptor before accepting again.
const ACCEPT_RETRY_NS: u64 = 10_000_000;

/// Serves on `address` (`127.0.0.1:0` takes any free port) until `keep_serving`, asked about
/// every 100 ms, says no. `on_ready` gets the bound address once clients can connect.
pub fn serve(
    address: &str,
    on_ready: impl FnOnce(SocketAddr),
    mut keep_serving: impl FnMut() -> bool,
) -> io::Result<()> {
    let mut server = Server::bind(address)?;
    on_ready(server.listener.local_addr()?);
    while keep_serving() {
        server.serve_until(monotonic_ns() + ASK_EVERY_NS)?;
    }
    Ok(())
}

struct Server {
    listener: TcpListener,
    poller: SystemPoller,
    timers: Timers<u64>,
    peers: Slab<Peer>,
    shared: Shared,
    scratch: Vec<u8>,
    ready: Vec<Ready>,
}

impl Server {
    fn bind(address: &str) -> io::Result<Self> {
        raise_descriptor_limit();
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        // SAFETY: no pointers. Listening again on a listening socket resizes its backlog, which
        // the standard library leaves at 128: too short for a thousand users arriving at once.
        unsafe { libc::listen(listener.as_raw_fd(), BACKLOG) };
        let mut poller = SystemPoller::new()?;
        poller.register(listener.as_raw_fd(), LISTENER)?;
        Ok(Self {
            listener,
            poller,
            timers: Timers::new(),
            peers: Slab::new(),
            shared: Shared::default(),
            scratch: vec![0; READ_BYTES],
            ready: Vec::new(),
        })
    }

    fn serve_until(&mut self, until_ns: u64) -> io::Result<()> {
        loop {
            let timeout_ns = self.timeout_ns(until_ns);
            let mut ready = std::mem::take(&mut self.ready);
            self.poller.wait(&mut ready, Some(timeout_ns))?;
            for event in &ready {
                self.on_event(event)?;
                self.fire_timers()?;
            }
            self.ready = ready;
            self.fire_timers()?;
            if monotonic_ns() >= until_ns {
                return Ok(());
            }
        }
    }

    fn timeout_ns(&self, until_ns: u64) -> u64 {
        let timer_ns = self
            .timers
            .next_due()
            .map_or(u64::MAX, |due_ns| due_ns.saturating_sub(AWAKE_BEFORE_DUE_NS));
        timer_ns.min(until_ns).saturating_sub(monotonic_ns())
    }

    fn on_event(&mut self, event: &Ready) -> io::Result<()> {
        if event.token == LISTENER {
            return self.accept_all();
        }
        if let Some(peer) = self.peers.get_mut(event.token) {
            peer.note(event.readable, event.closed);
            self.drive(event.token);
        }
        Ok(())
    }

    /// Whatever is pushed meanwhile falls due later than `now_ns`, so this ends.
    fn fire_timers(&mut self) -> io::Result<()> {
        if self.timers.is_empty() {
            return Ok(());
        }
        let now_ns = monotonic_ns();
        while let Some((_, token)) = self.timers.pop_due(now_ns) {
            if token == LISTENER {
                self.accept_all()?;
            } else if let Some(peer) = self.peers.get_mut(token) {
                peer.timed = false;
                self.drive(token);
            }
        }
        Ok(())
    }

    fn drive(&mut self, token: u64) {
        let Some(peer) = self.peers.get_mut(token) else {
            return;
        };
        match peer.drive(&mut self.scratch, &mut self.shared) {
            Ok(Turn::Idle) => {}
            Ok(Turn::Until(_)) if peer.timed => {}
            Ok(Turn::Until(due_ns)) => {
                peer.timed = true;
                self.timers.push(due_ns.max(monotonic_ns() + 1), token);
            }
            Ok(Turn::Over(end)) => self.end(token, end),
            // The client is gone: nobody is left to be told.
            Err(_) => self.end(token, End::Close),
        }
    }

    fn end(&mut self, token: u64, end: End) {
        if let Some(peer) = self.peers.remove(token) {
            self.shared.tally.connections_open -= 1;
            peer.end(end, &mut self.scratch);
        }
    }

    fn accept_all(&mut self) -> io::Result<()> {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => self.welcome(stream)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_out_of_descriptors(&error) => {
                    self.timers.push(monotonic_ns() + ACCEPT_RETRY_NS, LISTENER);
                    return Ok(());
                }
                // A client that left before it was accepted, or a signal.
                Err(_) => {}
            }
        }
    }

    fn welcome(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        // Fails only for a client that is gone already, which the first read will tell.
        let _ = stream.set_nodelay(true);
        let fd = stream.as_raw_fd();
        let token = self.peers.insert(Peer::new(stream));
        self.shared.tally.connections_opened += 1;
        self.shared.tally.connections_open += 1;
        self.poller.register(fd, token)
    }
}

fn is_out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM))
}

/// As many connections as the system lets us have without asking an administrator.
fn raise_descriptor_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is valid for both calls. If they fail, the limit stays as it was.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}

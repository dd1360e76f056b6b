//! Moves bytes between one socket and its connection.
//!
//! The socket is watched edge-triggered, so `readable` remembers an edge until a read has come
//! back short. After a write that would block, the poller's next edge calls `drive` again.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;

use perfwright_kernel::clock::monotonic_ns;

use crate::answer::End;
use crate::connection::{Connection, Shared};

/// Pieces of a long body that one turn may send before the others get theirs.
const PIECES_PER_TURN: usize = 8;

/// What one read takes at most.
pub const READ_BYTES: usize = 64 * 1024;

pub struct Peer {
    stream: TcpStream,
    connection: Connection,
    readable: bool,
    /// The client has closed its side: reads must go on until they say so.
    closing: bool,
    /// Whether a timer for this peer is under way. There is at most one.
    pub timed: bool,
}

/// What a turn has led to.
pub enum Turn {
    /// Waits for the socket.
    Idle,
    /// Has something to do at this time; one already passed means as soon as it is its turn.
    Until(u64),
    Over(End),
}

impl Peer {
    /// `stream` must not block.
    pub fn new(stream: TcpStream) -> Self {
        let connection = Connection::new();
        Self { stream, connection, readable: false, closing: false, timed: false }
    }

    pub fn note(&mut self, readable: bool, closing: bool) {
        self.readable |= readable || closing;
        self.closing |= closing;
    }

    /// Reads, answers and sends until the socket or the clock says wait. `scratch` is read into.
    /// An error means that the client is gone.
    pub fn drive(&mut self, scratch: &mut [u8], shared: &mut Shared) -> io::Result<Turn> {
        for _ in 0..PIECES_PER_TURN {
            let has_more = self.connection.advance(monotonic_ns(), shared);
            if !self.flush()? {
                return Ok(Turn::Idle);
            }
            if let Some(end) = self.connection.over() {
                return Ok(Turn::Over(end));
            }
            if has_more {
                continue;
            }
            if let Some(due_ns) = self.connection.due_ns() {
                return Ok(Turn::Until(due_ns));
            }
            if !self.readable {
                return Ok(Turn::Idle);
            }
            match self.read(scratch)? {
                Some(0) => return Ok(Turn::Over(End::Close)),
                Some(count) => self.connection.receive(&scratch[..count]),
                None => return Ok(Turn::Idle),
            }
        }
        Ok(Turn::Until(0))
    }

    /// Ends the connection. What the client still had under way is read first where it can be,
    /// since closing over unread bytes sends an RST that may overtake the answer.
    pub fn end(mut self, end: End, scratch: &mut [u8]) {
        match end {
            End::Reset => reset_on_close(&self.stream),
            End::Close | End::KeepAlive => {
                let _ = self.stream.read(scratch);
            }
        }
    }

    /// False when the socket takes no more for now.
    fn flush(&mut self) -> io::Result<bool> {
        while !self.connection.unsent().is_empty() {
            match self.stream.write(self.connection.unsent()) {
                Ok(count) => self.connection.sent(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// None when there is nothing to read now; Some(0) when the client has finished.
    fn read(&mut self, scratch: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.stream.read(scratch) {
                Ok(count) => {
                    // A short read has emptied the socket: the next bytes are a new edge.
                    self.readable = count == scratch.len() || self.closing;
                    return Ok(Some(count));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.readable = false;
                    return Ok(None);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Makes closing send an RST: linger, for no time at all.
fn reset_on_close(stream: &TcpStream) {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: the pointer and the length describe `linger`, which outlives the call. It can only
    // fail on a bad descriptor, and the stream owns a good one.
    unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        );
    }
}

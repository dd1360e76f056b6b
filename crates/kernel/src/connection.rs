//! One connection of a user (or of all users) to an origin.
//!
//! ```text
//! Connecting ──► Tunnelling (proxy + TLS) ──► Handshaking (TLS) ──► Idle ⇄ Busy
//!      └──────────────┴───────────────────────────┴── failure: exchange and connection end
//! ```

use std::io;

use crate::exchange::Failure;
use crate::http1::response::ResponseParser;
use crate::origins::OriginId;
use crate::outcome::Outcome;
use crate::schedule::UserId;
use crate::slab::Key;
use crate::transport::Transport;

/// The owner of connections that all users share.
pub const SHARED: UserId = UserId::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Connecting { since_ns: u64 },
    Tunnelling { since_ns: u64 },
    Handshaking { since_ns: u64 },
    Idle,
    Busy,
}

pub struct Connection {
    pub transport: Transport,
    pub phase: Phase,
    pub origin: OriginId,
    pub owner: UserId,
    /// The exchange it works for; None while idle.
    pub exchange: Option<Key>,
    pub parser: ResponseParser,
    /// The answer so far: head, then body.
    pub kept: Vec<u8>,
    /// What the socket did not take at once, and how much of a mapped body is sent.
    pub unsent: Vec<u8>,
    pub body_sent: usize,
    /// Why no more can be sent; what the peer said before that is still to be read.
    pub send_failed: Option<Box<Failure>>,
    /// Answers it has brought: a reused connection may turn out to be closed.
    pub served: u32,
    /// When the earliest armed timer for it rings; 0 when none is armed.
    pub timer_ns: u64,
}

impl Connection {
    pub fn new(transport: Transport, origin: OriginId, owner: UserId, since_ns: u64) -> Connection {
        Connection {
            transport,
            phase: Phase::Connecting { since_ns },
            origin,
            owner,
            exchange: None,
            parser: ResponseParser::new(),
            kept: Vec::new(),
            unsent: Vec::new(),
            body_sent: 0,
            send_failed: None,
            served: 0,
            timer_ns: 0,
        }
    }

    /// A peer that closes while we send may have answered before (413, say): reading will bring
    /// that answer, or the end, so such a failure only stops the sending.
    pub fn cannot_send(&mut self, error: &io::Error) -> Result<(), Failure> {
        let failure = Failure::of_io(error, false, "send");
        if failure.outcome != Outcome::Reset {
            return Err(failure);
        }
        self.unsent.clear();
        self.send_failed = Some(Box::new(failure));
        Ok(())
    }
}

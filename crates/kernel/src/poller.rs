//! Which file descriptors can move bytes: one small trait, one file per operating system.
//!
//! Each fd is registered once, edge-triggered, for reading, writing and hang-up together. It is
//! never re-armed: whoever owns the fd tries the call first and, on EAGAIN, remembers what it
//! waits for. (Load generators that re-arm write interest per request pay two system calls for
//! it.) Edge-triggered means: after a report, read or write until EAGAIN, or no further report
//! need come.
//!
//! Timeouts are whole nanoseconds, since pacing at 5,000 arrivals/s cannot live with the
//! milliseconds of `epoll_wait` and of `mio`.
//!
//! Linux: `epoll.rs`. macOS and the BSDs would be `kqueue.rs` (EV_CLEAR on EVFILT_READ and
//! EVFILT_WRITE, EVFILT_USER or a pipe as the waker, a timespec timeout), chosen below.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;

#[cfg(target_os = "linux")]
mod epoll;
#[cfg(target_os = "linux")]
pub use epoll::EpollPoller as SystemPoller;

#[cfg(not(target_os = "linux"))]
compile_error!("this system has no poller yet: write kernel/src/poller/kqueue.rs beside epoll.rs");

/// What one registered fd can do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The token the fd was registered with.
    pub token: u64,
    pub readable: bool,
    pub writable: bool,
    /// The peer has closed its side, or the fd has failed. What the peer sent before is still
    /// there to be read.
    pub closed: bool,
}

pub trait Poller {
    /// Watches `fd` for everything, edge-triggered, from now on. Once per fd: a second call is an
    /// error. The first `wait` after it reports what is already possible.
    fn register(&mut self, fd: RawFd, token: u64) -> io::Result<()>;

    /// Forgets `fd`. Closing an fd that has no duplicate forgets it too.
    fn deregister(&mut self, fd: RawFd) -> io::Result<()>;

    /// Clears `ready`, waits up to `timeout_ns` (None: without end, 0: not at all) and fills it.
    /// A timeout, a signal and a wake-up leave it empty; it may be empty before the time is up.
    fn wait(&mut self, ready: &mut Vec<Ready>, timeout_ns: Option<u64>) -> io::Result<()>;

    /// A handle by which any thread makes `wait` return.
    fn waker(&self) -> Waker;
}

/// Makes a poller's `wait` return, or its next one if it is not waiting. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Waker {
    signal: Arc<File>,
}

impl Waker {
    /// `signal`: an fd that turns readable in the poller for each 8 bytes written to it.
    fn new(signal: OwnedFd) -> Self {
        Self { signal: Arc::new(File::from(signal)) }
    }

    /// May be called from any thread, any number of times; wake-ups not yet seen count as one.
    pub fn wake(&self) {
        // The only failure is a counter at its limit, and then a wake-up is under way already.
        let _ = (&*self.signal).write(&1_u64.to_ne_bytes());
    }
}

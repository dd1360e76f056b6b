//! One request under way: from the moment a task asked until its task has the answer.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use crate::driver::Task;
use crate::outcome::Outcome;
use crate::recorder::Times;
use crate::request::Request;
use crate::schedule::UserId;
use crate::slab::Key;
use crate::trace_context::TraceContext;

pub struct Exchange {
    pub task: Task,
    pub user: UserId,
    /// None where it carries no `traceparent` of ours.
    pub trace: Option<Box<TraceContext>>,
    /// What is on the wire now; differs from the task's request after a redirect.
    pub request: Arc<Request>,
    pub times: Times,
    pub deadline_ns: u64,
    pub connection: Option<Key>,
    /// Addresses of the origin that are still to be tried.
    pub addresses: Option<(Rc<[SocketAddr]>, usize)>,
    /// When it began to wait for a look-up.
    pub look_up_ns: u64,
    pub redirects: u8,
    /// Of the redirects before this hop: how long sending and waiting took.
    pub earlier_send_ns: u64,
    pub earlier_wait_ns: u64,
    pub retried: bool,
    pub bytes_sent: u64,
    pub bytes_received: u64,
}

impl Exchange {
    /// This hop's answer leads elsewhere: its phases are kept apart from those of the next.
    pub fn next_hop(&mut self, request: Arc<Request>) {
        if self.redirects == 0 {
            self.earlier_send_ns = self.times.written_ns.saturating_sub(self.times.sent_ns);
        }
        self.earlier_wait_ns += self.times.first_byte_ns.saturating_sub(self.times.written_ns);
        self.times.first_byte_ns = 0;
        self.redirects += 1;
        self.request = request;
        self.addresses = None;
    }

    /// Lays the hops' phases end to end, so that they add up to the service time; what lies between
    /// hops counts as receiving.
    pub fn join_hops(&mut self) {
        let times = &mut self.times;
        if self.redirects == 0 {
            return;
        }
        let last_wait_ns = times.first_byte_ns.saturating_sub(times.written_ns);
        times.written_ns = times.sent_ns + self.earlier_send_ns;
        times.first_byte_ns = times.written_ns + self.earlier_wait_ns + last_wait_ns;
    }
}

/// Why an exchange ended without an answer.
#[derive(Debug)]
pub struct Failure {
    pub outcome: Outcome,
    pub message: String,
}

impl Failure {
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Failure {
        Failure { outcome, message: message.into() }
    }

    /// What a failed system call on a connection means.
    pub fn of_io(error: &std::io::Error, tls: bool, doing: &str) -> Failure {
        use std::io::ErrorKind;
        let outcome = match (error.kind(), error.raw_os_error()) {
            (_, Some(libc::EMFILE | libc::ENFILE)) => Outcome::TooManyFiles,
            (ErrorKind::AddrNotAvailable, _) => Outcome::NoPorts,
            (ErrorKind::ConnectionRefused, _) => Outcome::ConnectRefused,
            (ErrorKind::ConnectionReset | ErrorKind::BrokenPipe, _) => Outcome::Reset,
            (ErrorKind::TimedOut, _) => Outcome::ConnectTimeout,
            (ErrorKind::UnexpectedEof, _) => Outcome::ClosedEarly,
            (ErrorKind::InvalidData, _) if tls => Outcome::Tls,
            _ => Outcome::ConnectFailed,
        };
        let advice = match outcome {
            Outcome::TooManyFiles => {
                "; raise the limit of open files (ulimit -n) or use fewer users"
            }
            Outcome::NoPorts => {
                "; every local port to this address is taken: keep connections alive, or widen \
                 net.ipv4.ip_local_port_range"
            }
            _ => "",
        };
        Failure::new(outcome, format!("{doing}: {error}{advice}"))
    }
}

//! What drives virtual users: the kernel asks "what does this task do next?" and knows no more.
//!
//! ```text
//! reactor ── wakes: Begin, Answer, Slept, Stop ──► driver.turn
//!    ▲                                                 │
//!    └───── actions: Request, Sleep, Cancel, End ◄─────┘
//! ```
//!
//! A *task* is one strand of a user: a user has one, and more while it gathers. Its generation
//! grows each time the driver gives up what the task was waiting for, so that a late wake is
//! recognised.

use std::sync::Arc;

use crate::outcome::Outcome;
use crate::recorder::Times;
use crate::request::Request;
use crate::schedule::{Begin, UserId};
use crate::slab::Key;

/// A strand of a user; only the driver knows what the key means.
pub type Task = Key;

/// A finished request, as its task gets it.
pub struct Answer {
    /// 0 when no answer came.
    pub status: u16,
    pub outcome: Outcome,
    /// Why it failed, in words; None when it did not.
    pub message: Option<Box<str>>,
    /// What was last on the wire: after a redirect not what the task asked for.
    pub request: Arc<Request>,
    pub content: Content,
    pub times: Times,
}

/// What an answer consisted of.
#[derive(Default)]
pub struct Content {
    /// The raw head and then the body, as far as it was kept.
    pub bytes: Vec<u8>,
    pub head_len: usize,
    /// The body's true length, kept or not.
    pub body_bytes: u64,
    pub truncated: bool,
}

/// What happened to a task or user. An answer is by far the commonest, so it is not boxed.
#[allow(clippy::large_enum_variant)]
pub enum Wake {
    Begin(Begin),
    Answer(Task, Answer),
    /// It fell due at `due_ns`.
    Slept(Task, u64),
    /// The run is over: unwind what this user is doing.
    Stop(UserId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Completed,
    Failed,
    Interrupted,
}

/// What a task does next.
pub enum Action {
    Request {
        task: Task,
        user: UserId,
        request: Arc<Request>,
        intended_ns: u64,
        eligible_ns: u64,
    },
    Sleep {
        task: Task,
        until_ns: u64,
    },
    /// Nobody waits for this task's request any more.
    Cancel(Task),
    End {
        user: UserId,
        how: Ended,
    },
    /// Nothing more is to begin: the load ends when what is under way has ended.
    Finish,
}

pub trait Driver {
    /// Whether answers' bodies are wanted at all.
    const KEEPS_BODIES: bool;

    /// Takes every wake and appends what the woken tasks do next.
    fn turn(&mut self, wakes: &mut Vec<Wake>, actions: &mut Vec<Action>);

    /// Whether something other than a wake waits for a turn (a foreign completion).
    fn wants_turn(&self) -> bool {
        false
    }
}

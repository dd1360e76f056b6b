//! The driver of URL mode: every iteration is the same fixed list of requests, no Python anywhere.

use std::sync::Arc;

use crate::driver::{Action, Driver, Ended, Wake};
use crate::request::Request;
use crate::slab::Key;

pub struct NativeDriver {
    requests: Vec<Arc<Request>>,
    /// The position of each user in the list.
    positions: Vec<u32>,
}

impl NativeDriver {
    /// `requests` must not be empty.
    pub fn new(requests: Vec<Arc<Request>>) -> NativeDriver {
        NativeDriver { requests, positions: Vec::new() }
    }

    fn request(&self, user: u32, position: u32, intended_ns: u64, eligible_ns: u64) -> Action {
        let request = Arc::clone(&self.requests[position as usize]);
        let task = Key { index: user, generation: 0 };
        Action::Request { task, user, request, intended_ns, eligible_ns }
    }
}

impl Driver for NativeDriver {
    const KEEPS_BODIES: bool = false;

    fn turn(&mut self, wakes: &mut Vec<Wake>, actions: &mut Vec<Action>) {
        for wake in wakes.drain(..) {
            match wake {
                Wake::Begin(begin) => {
                    let user = begin.user;
                    if self.positions.len() <= user as usize {
                        self.positions.resize(user as usize + 1, 0);
                    }
                    self.positions[user as usize] = 0;
                    actions.push(self.request(user, 0, begin.intended_ns, begin.eligible_ns));
                }
                Wake::Answer(task, answer) => {
                    let user = task.index;
                    self.positions[user as usize] += 1;
                    let position = self.positions[user as usize];
                    actions.push(if (position as usize) < self.requests.len() {
                        self.request(user, position, answer.times.done_ns, answer.times.done_ns)
                    } else {
                        Action::End { user, how: Ended::Completed }
                    });
                }
                Wake::Stop(user) => {
                    actions.push(Action::Cancel(Key { index: user, generation: 0 }));
                    actions.push(Action::End { user, how: Ended::Interrupted });
                }
                Wake::Slept(..) => unreachable!("a native user never sleeps"),
            }
        }
    }
}

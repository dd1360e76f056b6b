//! The driver of a replay: arrival n is request n of a recording, no Python anywhere.
//!
//! Each request is rendered when it is due, so that memory does not grow with the recording.
//! Redirects are not followed: where the recorded client followed one, that request is in the list,
//! too. A 4xx that was recorded with the request is no error when it comes again. A request that
//! cannot be rendered counts as a failed iteration (the writer of the list leaves such out).

use std::rc::Rc;
use std::sync::Arc;

use crate::driver::{Action, Driver, Ended, Wake};
use crate::http1::request::HeaderPrefix;
use crate::origins::OriginId;
use crate::reactor::Shared;
use crate::recorder::StepKind;
use crate::recording::{Recorded, Recording};
use crate::request::{BodyParts, Parts, Request};
use crate::schedule::Begin;
use crate::slab::Key;
use crate::step_name;
use crate::url::Origin;

pub struct ReplayDriver {
    recording: Arc<Recording>,
    shared: Shared,
    origin: OriginId,
    prefix: Rc<HeaderPrefix>,
    headers: Vec<(String, String)>,
    step_name: String,
}

impl ReplayDriver {
    /// `headers` go with every request.
    pub fn new(
        recording: Arc<Recording>,
        shared: Shared,
        origin: &Origin,
        headers: Vec<(String, String)>,
    ) -> ReplayDriver {
        let mut origins = shared.origins.borrow_mut();
        let id = origins.intern(origin);
        let prefix = Rc::clone(origins.prefix(id));
        drop(origins);
        ReplayDriver { recording, shared, origin: id, prefix, headers, step_name: String::new() }
    }

    fn begin(&mut self, begin: Begin) -> Action {
        let recording = Arc::clone(&self.recording);
        match recording.request(begin.number).and_then(|recorded| self.rendered(recorded)) {
            Some(request) => Action::Request {
                task: Key { index: begin.user, generation: 0 },
                user: begin.user,
                request: Arc::new(request),
                intended_ns: begin.intended_ns,
                eligible_ns: begin.eligible_ns,
            },
            None => Action::End { user: begin.user, how: Ended::Failed },
        }
    }

    fn rendered(&mut self, recorded: Recorded<'_>) -> Option<Request> {
        let Recorded { method, target, status, step } = recorded;
        let name = step.unwrap_or_else(|| {
            self.step_name.clear();
            step_name::fold(method, target, &mut self.step_name);
            &self.step_name
        });
        let step = self.shared.recorder.borrow_mut().step(name, StepKind::Request);
        let headers = borrowed(&self.headers);
        let parts = Parts {
            step,
            origin: self.origin,
            prefix: &self.prefix,
            method,
            target,
            headers: &headers,
            body: BodyParts::None,
        };
        let request = Request::new(parts).ok()?;
        let expected = (400..500).contains(&status).then_some(status);
        let expect = expected.into_iter().collect();
        Some(Request { expect, follow_redirects: false, ..request })
    }
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, Option<&str>)> {
    headers.iter().map(|(name, value)| (name.as_str(), Some(value.as_str()))).collect()
}

impl Driver for ReplayDriver {
    const KEEPS_BODIES: bool = false;

    fn turn(&mut self, wakes: &mut Vec<Wake>, actions: &mut Vec<Action>) {
        for wake in wakes.drain(..) {
            match wake {
                Wake::Begin(begin) => actions.push(self.begin(begin)),
                Wake::Answer(task, _) => {
                    actions.push(Action::End { user: task.index, how: Ended::Completed });
                }
                Wake::Stop(user) => {
                    actions.push(Action::Cancel(Key { index: user, generation: 0 }));
                    actions.push(Action::End { user, how: Ended::Interrupted });
                }
                Wake::Slept(..) => unreachable!("a replayed user never sleeps"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::tests::recording;

    fn begun(number: u64, driver: &mut ReplayDriver) -> Action {
        let mut wakes = vec![Wake::Begin(Begin {
            user: 3,
            number,
            scenario: 0,
            iteration: 0,
            intended_ns: 70,
            eligible_ns: 90,
        })];
        let mut actions = Vec::new();
        driver.turn(&mut wakes, &mut actions);
        actions.pop().expect("an action")
    }

    fn driver(requests: &[(u64, &str, &str, u16)]) -> ReplayDriver {
        let (origin, _) = crate::url::parse("http://shop.test/").unwrap();
        ReplayDriver::new(recording(requests), Shared::default(), &origin, Vec::new())
    }

    #[test]
    fn an_arrival_is_the_request_of_its_number_and_keeps_its_times() {
        let mut driver = driver(&[(0, "GET", "/a", 200), (9, "HEAD", "/items/7?x=1", 404)]);
        let action = begun(1, &mut driver);
        let Action::Request { request, user, intended_ns, eligible_ns, .. } = action else {
            panic!("a request");
        };
        assert_eq!((request.method(), request.target()), ("HEAD", "/items/7?x=1"));
        assert_eq!((user, intended_ns, eligible_ns), (3, 70, 90));
        assert_eq!((&request.expect[..], request.follow_redirects), (&[404][..], false));
    }

    #[test]
    fn a_server_error_of_the_recording_is_an_error_when_it_comes_again() {
        let mut driver = driver(&[(0, "GET", "/a", 503)]);
        let Action::Request { request, .. } = begun(0, &mut driver) else { panic!("a request") };
        assert!(request.expect.is_empty());
    }

    #[test]
    fn what_cannot_be_a_request_is_a_failed_iteration() {
        let mut driver = driver(&[(0, "GET", "/a b", 200)]);
        for number in [0, 1] {
            assert!(matches!(begun(number, &mut driver), Action::End { how: Ended::Failed, .. }));
        }
    }
}

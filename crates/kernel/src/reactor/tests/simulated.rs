//! A reactor under a simulated clock.
//!
//! The poller reports nothing and lets time pass; sockets connect for real, but nobody ever hears
//! of it. The driver runs a script for every iteration and keeps the answers.

use std::net::TcpListener;
use std::os::fd::RawFd;

use crate::arrivals::Process;
use crate::clock::SimulatedClock;
use crate::driver::Answer;
use crate::guard::Guard;
use crate::reactor::*;
use crate::recorder::StepKind;
use crate::request::{BodyParts, Parts, Request};
use crate::schedule::{GroupPlan, Model, Share};
use crate::settings::Reuse;
use crate::shape::Segment;
use crate::tls::TlsOptions;

pub const MS: u64 = 1_000_000;
pub const ORIGIN_NS: u64 = 5_000 * MS;

pub struct Silence {
    clock: SimulatedClock,
    waker: Waker,
}

impl Poller for Silence {
    fn register(&mut self, _: RawFd, _: u64) -> std::io::Result<()> {
        Ok(())
    }

    fn deregister(&mut self, _: RawFd) -> std::io::Result<()> {
        Ok(())
    }

    fn wait(&mut self, ready: &mut Vec<Ready>, timeout_ns: Option<u64>) -> std::io::Result<()> {
        ready.clear();
        self.clock.advance(timeout_ns.expect("a simulated wait has an end"));
        Ok(())
    }

    fn waker(&self) -> Waker {
        self.waker.clone()
    }
}

#[derive(Clone)]
pub enum Do {
    Sleep(u64),
    Ask(Arc<Request>),
    /// Holds the loop, as slow code in a scenario would; in the first iteration only.
    Hold(u64),
}

pub struct Script {
    clock: SimulatedClock,
    steps: Vec<Do>,
    /// What a stopped user does before it ends.
    cleanup_ns: u64,
    /// Each user's next step, and what it counts its next request from; None once it was stopped.
    users: Vec<Option<(usize, u64, u64)>>,
    pub answers: Vec<Answer>,
    held: bool,
}

impl Script {
    fn go_on(&mut self, user: UserId, actions: &mut Vec<Action>) {
        let task = Key { index: user, generation: 0 };
        while let Some((step, intended_ns, eligible_ns)) = self.users[user as usize] {
            self.users[user as usize] = Some((step + 1, intended_ns, eligible_ns));
            match self.steps.get(step).cloned() {
                Some(Do::Hold(ns)) => {
                    let again = std::mem::replace(&mut self.held, true);
                    self.clock.advance(if again { 0 } else { ns });
                }
                Some(Do::Sleep(ns)) => {
                    let until_ns = self.clock.now_ns() + ns;
                    return actions.push(Action::Sleep { task, until_ns });
                }
                Some(Do::Ask(request)) => {
                    return actions.push(Action::Request {
                        task,
                        user,
                        request,
                        intended_ns,
                        eligible_ns,
                    });
                }
                None => {
                    let how = Ended::Completed;
                    return actions.push(Action::End { user, how });
                }
            }
        }
        let how = Ended::Interrupted;
        actions.push(Action::End { user, how });
    }
}

impl Driver for Script {
    const KEEPS_BODIES: bool = true;

    fn turn(&mut self, wakes: &mut Vec<Wake>, actions: &mut Vec<Action>) {
        for wake in wakes.drain(..) {
            let user = match wake {
                Wake::Begin(begin) => {
                    let users = self.users.len().max(begin.user as usize + 1);
                    self.users.resize(users, None);
                    let start = (0, begin.intended_ns, begin.eligible_ns);
                    self.users[begin.user as usize] = Some(start);
                    begin.user
                }
                Wake::Answer(task, answer) => {
                    self.answers.push(answer);
                    task.index
                }
                Wake::Slept(task, _) => task.index,
                Wake::Stop(user) => {
                    self.users[user as usize] = None;
                    let task = Key { index: user, generation: 0 };
                    actions.push(Action::Cancel(task));
                    if self.cleanup_ns > 0 {
                        let until_ns = self.clock.now_ns() + self.cleanup_ns;
                        actions.push(Action::Sleep { task, until_ns });
                        continue;
                    }
                    user
                }
            };
            self.go_on(user, actions);
        }
    }
}

/// A run of one simulated second; `deaf` is connected to, and never heard of.
pub struct Run {
    pub reactor: Reactor<Script, Silence, SimulatedClock>,
    clock: SimulatedClock,
    _deaf: TcpListener,
}

#[derive(Clone)]
pub struct Plan {
    pub model: Model,
    pub level: f64,
    pub max_users: usize,
    pub cleanup_ns: u64,
}

pub const ONE_USER: Plan =
    Plan { model: Model::Closed, level: 1.0, max_users: usize::MAX, cleanup_ns: 0 };

pub const TEN_A_SECOND: Plan = Plan {
    model: Model::Open(Process::Uniform),
    level: 10.0,
    max_users: usize::MAX,
    cleanup_ns: 0,
};

pub fn settings() -> Settings {
    Settings {
        reuse: Reuse::PerUser,
        connect_timeout_ns: 250 * MS,
        response_timeout_ns: 60_000 * MS,
        total_timeout_ns: 60_000 * MS,
        grace_ns: 400 * MS,
        cleanup_ns: 100 * MS,
        keep_limit: 1000,
        max_redirects: 3,
        tls: TlsOptions::default(),
        resolve: Vec::new(),
        proxy: None,
        guard: Guard::default(),
        traces: None,
    }
}

impl Run {
    /// `steps` gets the one request there is.
    pub fn new(plan: Plan, settings: Settings, steps: impl Fn(Arc<Request>) -> Vec<Do>) -> Run {
        let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", deaf.local_addr().unwrap());
        let clock = SimulatedClock::at(ORIGIN_NS);
        let shared = Shared::default();
        let driver = Script {
            clock: clock.clone(),
            steps: steps(request(&shared, &url)),
            cleanup_ns: plan.cleanup_ns,
            users: Vec::new(),
            answers: Vec::new(),
            held: false,
        };
        let group = GroupPlan {
            model: plan.model,
            segments: vec![Segment {
                start_ns: 0,
                end_ns: 1_000 * MS,
                from: plan.level,
                to: plan.level,
            }],
            scenarios: vec![(0, 1.0)],
        };
        let share = Share { worker: 0, workers: 1 };
        let schedule = Schedule::new(vec![group], ORIGIN_NS, 1, share, plan.max_users).unwrap();
        let poller = Silence { clock: clock.clone(), waker: SystemPoller::new().unwrap().waker() };
        let reactor =
            Reactor::with(driver, shared, settings, schedule, poller, clock.clone()).unwrap();
        Run { reactor, clock, _deaf: deaf }
    }

    /// Until `ms` after the origin, or the end; says whether it is over.
    pub fn until(&mut self, ms: u64) -> bool {
        let until_ns = ORIGIN_NS + ms * MS;
        while self.clock.now_ns() < until_ns && self.reactor.state() != State::Over {
            self.reactor.run(until_ns).unwrap();
        }
        self.reactor.state() == State::Over
    }

    pub fn now_ms(&self) -> u64 {
        (self.clock.now_ns() - ORIGIN_NS) / MS
    }

    pub fn tally(&mut self) -> Tally {
        let mut tally = Tally::default();
        self.reactor.take_tally(&mut tally);
        tally
    }
}

fn request(shared: &Shared, url: &str) -> Arc<Request> {
    let (origin, target) = crate::url::parse(url).unwrap();
    let mut origins = shared.origins.borrow_mut();
    let origin = origins.intern(&origin);
    let parts = Parts {
        step: shared.recorder.borrow_mut().step("deaf", StepKind::Request),
        origin,
        prefix: &Rc::clone(origins.prefix(origin)),
        method: "GET",
        target: &target,
        headers: &[],
        body: BodyParts::None,
    };
    Arc::new(Request::new(parts).unwrap())
}

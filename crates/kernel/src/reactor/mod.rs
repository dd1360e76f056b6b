//! The event loop: one thread, one poller, any driver.
//!
//! ```text
//!  ┌─► release what is due ─► driver.turn ─► perform actions ─► wait ─► read what is ready ─┐
//!  └────────────────────────────────────────────────────────────────────────────────────────┘
//!
//!  Running ──time up──► Draining ──grace over──► Unwinding ──cleanup over──► Over
//!                           └──── no user busy ──────┴─────────────────────────┘
//! ```
//!
//! A turn does all reads first, then drives every woken task in one batch (one hold of the GIL for
//! a Python driver), then writes. `requests.rs` carries a request along, `io.rs` moves bytes.

mod io;
mod open;
mod requests;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use rustls::ClientConfig;

use crate::clock::{Clock, SystemClock, thread_cpu_ns};
use crate::connection::Connection;
use crate::driver::{Action, Driver, Ended, Task, Wake};
use crate::exchange::Exchange;
use crate::jars::Jars;
use crate::origins::{OriginId, Origins};
use crate::poller::{Poller, Ready, SystemPoller, Waker};
use crate::recorder::Recorder;
use crate::resolver::Resolver;
use crate::schedule::{Begin, Schedule, UserId};
use crate::settings::Settings;
use crate::slab::{Key, Slab};
use crate::tally::Tally;
use crate::tls;

const READ_BUFFER_BYTES: usize = 256 * 1024;
/// A tally is taken just after its second has ended; its targets are those of the second.
const JUST_BEFORE_NS: u64 = 10_000_000;
/// Driver turns between two looks at the sockets: tasks that never wait must not starve those that
/// do.
const TURNS_PER_WAIT: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running,
    Draining { until_ns: u64 },
    Unwinding { until_ns: u64 },
    Over,
}

/// What the driver and the reactor both look at.
#[derive(Clone, Default)]
pub struct Shared {
    pub recorder: Rc<RefCell<Recorder>>,
    pub origins: Rc<RefCell<Origins>>,
    pub jars: Rc<RefCell<Jars>>,
}

#[derive(Clone, Copy)]
enum Timer {
    Task(Task),
    Connection(Key),
    Exchange(Key),
}

#[derive(Default)]
struct Counts {
    started: u64,
    completed: u64,
    failed: u64,
    interrupted: u64,
    dropped: u64,
}

pub struct Reactor<D: Driver, P: Poller = SystemPoller, C: Clock = SystemClock> {
    pub driver: D,
    shared: Shared,
    settings: Settings,
    tls: Option<Arc<ClientConfig>>,
    poller: P,
    clock: C,
    schedule: Schedule,
    state: State,
    timers: crate::timers::Timers<Timer>,
    connections: Slab<Connection>,
    exchanges: Slab<Exchange>,
    resolver: Resolver,
    /// Each user's connections, and the idle ones of the shared pool.
    by_user: Vec<Vec<Key>>,
    shared_idle: HashMap<OriginId, Vec<Key>>,
    /// Exchanges that wait for one of their user's connections.
    queued: Vec<Key>,
    wakes: Vec<Wake>,
    actions: Vec<Action>,
    /// Tasks whose requests nobody waits for any more.
    cancelled: HashSet<Task>,
    begins: Vec<Begin>,
    ready: Vec<Ready>,
    /// Connections with more to read than one turn allows them.
    unread: Vec<Key>,
    buffer: Box<[u8]>,
    scratch: Vec<u8>,
    counts: Counts,
    cpu_ns: u64,
}

impl<D: Driver> Reactor<D> {
    /// A reactor on this thread. Fails when a TLS file cannot be used or the system refuses a
    /// poller.
    pub fn new(
        driver: D,
        shared: Shared,
        settings: Settings,
        schedule: Schedule,
    ) -> Result<Self, String> {
        let poller = SystemPoller::new().map_err(|error| format!("epoll: {error}"))?;
        Self::with(driver, shared, settings, schedule, poller, SystemClock)
    }
}

impl<D: Driver, P: Poller, C: Clock> Reactor<D, P, C> {
    /// With this poller and clock: simulated ones in tests.
    pub fn with(
        driver: D,
        shared: Shared,
        settings: Settings,
        schedule: Schedule,
        poller: P,
        clock: C,
    ) -> Result<Self, String> {
        let resolver = Resolver::new(poller.waker(), settings.resolve.clone());
        let asks_for_tls = settings.tls.insecure
            || settings.tls.ca.is_some()
            || settings.tls.client.is_some()
            || shared.origins.borrow().any_https();
        let tls = if asks_for_tls { Some(tls::client_config(&settings.tls)?) } else { None };
        Ok(Reactor {
            driver,
            shared,
            tls,
            poller,
            clock,
            schedule,
            state: State::Running,
            timers: crate::timers::Timers::new(),
            connections: Slab::default(),
            exchanges: Slab::default(),
            resolver,
            by_user: Vec::new(),
            shared_idle: HashMap::new(),
            queued: Vec::new(),
            wakes: Vec::new(),
            actions: Vec::new(),
            cancelled: HashSet::new(),
            begins: Vec::new(),
            ready: Vec::new(),
            unread: Vec::new(),
            buffer: vec![0; READ_BUFFER_BYTES].into_boxed_slice(),
            scratch: Vec::new(),
            counts: Counts::default(),
            cpu_ns: thread_cpu_ns(),
            settings,
        })
    }

    pub fn waker(&self) -> Waker {
        self.poller.waker()
    }

    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub fn schedule_mut(&mut self) -> &mut Schedule {
        &mut self.schedule
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// Runs until `until_ns` (monotonic) or until everything is over; the waker ends it early.
    pub fn run(&mut self, until_ns: u64) -> std::io::Result<State> {
        loop {
            let now_ns = self.clock.now_ns();
            self.schedule.release(now_ns, &mut self.begins);
            self.counts.started += self.begins.len() as u64;
            self.wakes.extend(self.begins.drain(..).map(Wake::Begin));
            self.advance(now_ns);
            self.ring(now_ns);
            self.drive();
            if self.state == State::Over || now_ns >= until_ns {
                return Ok(self.state);
            }
            let timeout_ns = self.wait_ns(until_ns);
            let mut ready = std::mem::take(&mut self.ready);
            let unread = std::mem::take(&mut self.unread);
            self.poller.wait(&mut ready, Some(timeout_ns))?;
            let woken = ready.is_empty() && timeout_ns > 0;
            for event in ready.drain(..) {
                self.on_ready(event);
            }
            self.ready = ready;
            for key in unread {
                self.on_readable(key);
            }
            self.on_resolved();
            if woken && self.clock.now_ns() < until_ns && self.nothing_due() {
                return Ok(self.state);
            }
        }
    }

    /// No new iterations; those under way may finish within the grace period.
    pub fn stop(&mut self) {
        if self.state == State::Running {
            self.counts.dropped += self.schedule.close();
            self.state = State::Draining { until_ns: self.clock.now_ns() + self.settings.grace_ns };
        }
    }

    /// Unwinds every user now.
    pub fn stop_now(&mut self) {
        self.stop();
        if let State::Draining { .. } = self.state {
            self.state = State::Draining { until_ns: self.clock.now_ns() };
        }
    }

    /// Everything counted since the last call.
    pub fn take_tally(&mut self, tally: &mut Tally) {
        let now_ns = self.clock.now_ns();
        let cpu_ns = thread_cpu_ns();
        self.shared.recorder.borrow_mut().take(tally);
        let counts = std::mem::take(&mut self.counts);
        tally.iterations_started = counts.started;
        tally.iterations_completed = counts.completed;
        tally.iterations_failed = counts.failed;
        tally.iterations_interrupted = counts.interrupted;
        tally.dropped = counts.dropped;
        tally.users_active = self.schedule.busy_users() as u64;
        tally.waiting = self.schedule.waiting();
        (tally.users_target, tally.arrivals_target_per_s) =
            self.schedule.targets(now_ns.saturating_sub(JUST_BEFORE_NS));
        tally.cpu_ns = cpu_ns - std::mem::replace(&mut self.cpu_ns, cpu_ns);
    }

    fn advance(&mut self, now_ns: u64) {
        if self.state == State::Running && now_ns >= self.schedule.end_ns() {
            self.stop();
        }
        if self.schedule.busy_users() == 0 && self.state != State::Running && self.wakes.is_empty()
        {
            self.state = State::Over;
        }
        match self.state {
            State::Draining { until_ns } if now_ns >= until_ns => {
                self.state = State::Unwinding { until_ns: now_ns + self.settings.cleanup_ns };
                let busy =
                    (0..self.schedule.users() as UserId).filter(|user| self.schedule.busy(*user));
                self.wakes.extend(busy.map(Wake::Stop));
            }
            State::Unwinding { until_ns } if now_ns >= until_ns => {
                self.counts.interrupted += self.schedule.busy_users() as u64;
                let unanswered = self.exchanges.iter().count() as u64;
                self.shared.recorder.borrow_mut().requests_interrupted += unanswered;
                self.state = State::Over;
            }
            _ => {}
        }
    }

    /// Turns the driver until nobody has anything to do without waiting.
    fn drive(&mut self) {
        for _ in 0..TURNS_PER_WAIT {
            if self.wakes.is_empty() && !self.driver.wants_turn() {
                return;
            }
            self.driver.turn(&mut self.wakes, &mut self.actions);
            let mut actions = std::mem::take(&mut self.actions);
            for action in actions.drain(..) {
                self.perform(action);
            }
            self.actions = actions;
            if !self.cancelled.is_empty() {
                self.cancel();
            }
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Request { task, user, request, intended_ns, eligible_ns } => {
                self.begin(task, user, request, intended_ns, eligible_ns);
            }
            Action::Sleep { task, until_ns } => self.timers.push(until_ns, Timer::Task(task)),
            Action::Cancel(task) => {
                self.cancelled.insert(task);
            }
            Action::Finish => self.stop(),
            Action::End { user, how } => {
                match how {
                    Ended::Completed => self.counts.completed += 1,
                    Ended::Failed => self.counts.failed += 1,
                    Ended::Interrupted => self.counts.interrupted += 1,
                }
                if let Some(begin) = self.schedule.finished(user, self.clock.now_ns()) {
                    self.counts.started += 1;
                    self.wakes.push(Wake::Begin(begin));
                }
            }
        }
    }

    fn ring(&mut self, now_ns: u64) {
        while let Some((due_ns, timer)) = self.timers.pop_due(now_ns) {
            match timer {
                Timer::Task(task) => self.wakes.push(Wake::Slept(task, due_ns)),
                Timer::Connection(key) => self.on_connection_timer(key, now_ns),
                Timer::Exchange(key) => self.on_exchange_timer(key),
            }
        }
    }

    fn wait_ns(&self, until_ns: u64) -> u64 {
        if !self.wakes.is_empty() || !self.unread.is_empty() || self.driver.wants_turn() {
            return 0;
        }
        let phase_ends = match self.state {
            State::Draining { until_ns } | State::Unwinding { until_ns } => Some(until_ns),
            State::Running => Some(self.schedule.end_ns()),
            State::Over => None,
        };
        let none_busy = self.state != State::Running && self.schedule.busy_users() == 0;
        if none_busy {
            return 0;
        }
        [self.schedule.next_due_ns(), self.timers.next_due(), phase_ends]
            .into_iter()
            .flatten()
            .fold(until_ns, u64::min)
            .saturating_sub(self.clock.now_ns())
    }

    /// Whether the waker, not work of ours, ended a wait.
    fn nothing_due(&self) -> bool {
        self.wait_ns(u64::MAX) > 0
    }
}

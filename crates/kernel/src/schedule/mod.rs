//! Who begins an iteration, and when: closed and open groups of users.
//!
//! ```text
//! closed   user j exists while target(t) > j; it begins again as soon as it ends
//!          target 3 ─┐      j=2 ████████████
//!                    │      j=1 ██████████████████
//!                    └───   j=0 ████████████████████████  → t
//!
//! open     arrival due ──► most recently idle user ──► begins now
//!                    └───► none idle: a new user, up to max_users
//!                          └──► else waits its turn; its intended start stays when it was due
//! ```
//!
//! Worker w of N owns the users and arrivals whose number is w modulo N. The scheduler knows no
//! clock and no socket: times come in as absolute monotonic ns.

mod group;

pub use group::{GroupPlan, Model, Share};

use self::group::{Flow, Group};
use crate::rng;
use crate::shape::{Segment, ShapeError};

pub type UserId = u32;

/// An iteration to begin. It is late by `start - eligible_ns`; its response times count from
/// `intended_ns`, which is earlier when it had to wait for a free user. `number`: of the arrival
/// in the open model, of the user in the closed one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Begin {
    pub user: UserId,
    pub number: u64,
    pub scenario: u16,
    pub iteration: u32,
    pub intended_ns: u64,
    pub eligible_ns: u64,
}

struct UserSlot {
    group: u16,
    /// Its place in the group: member k of a closed group, k-th user made by an open one.
    local: u32,
    iterations: u32,
    busy: bool,
}

/// All groups of one worker.
pub struct Schedule {
    origin_ns: u64,
    share: Share,
    max_users: usize,
    groups: Vec<Group>,
    users: Vec<UserSlot>,
    busy: usize,
    closed: bool,
}

impl Schedule {
    /// `max_users` caps the users of this worker's open groups.
    pub fn new(
        plans: Vec<GroupPlan>,
        origin_ns: u64,
        seed: u64,
        share: Share,
        max_users: usize,
    ) -> Result<Schedule, ShapeError> {
        let groups = plans
            .into_iter()
            .enumerate()
            .map(|(index, plan)| Group::new(plan, rng::derive(seed, index as u64, 0), share))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Schedule {
            origin_ns,
            share,
            max_users,
            groups,
            users: Vec::new(),
            busy: 0,
            closed: false,
        })
    }

    /// When the last shape ends (absolute).
    pub fn end_ns(&self) -> u64 {
        let longest = self.groups.iter().map(|group| group.shape().end_ns()).max().unwrap_or(0);
        self.origin_ns + longest
    }

    /// When the next iteration becomes due (absolute), if any will.
    pub fn next_due_ns(&self) -> Option<u64> {
        if self.closed {
            return None;
        }
        self.groups.iter().filter_map(Group::next_ns).min().map(|due_ns| self.origin_ns + due_ns)
    }

    /// Releases everything due by `now_ns`.
    pub fn release(&mut self, now_ns: u64, begins: &mut Vec<Begin>) {
        if self.closed || now_ns < self.origin_ns {
            return;
        }
        for index in 0..self.groups.len() {
            match self.groups[index].flow {
                Flow::Closed { .. } => self.release_closed(index, now_ns, begins),
                Flow::Open { .. } => self.release_open(index, now_ns, begins),
            }
        }
    }

    /// The user's iteration ended: what it does next, or None when it goes idle.
    pub fn finished(&mut self, user: UserId, now_ns: u64) -> Option<Begin> {
        let slot = &mut self.users[user as usize];
        slot.busy = false;
        let (group, local) = (slot.group as usize, slot.local as usize);
        self.busy -= 1;
        if self.closed {
            return None;
        }
        let share = self.share;
        match &mut self.groups[group].flow {
            Flow::Closed { shape, started, next_ns, .. } => {
                let t_ns = now_ns - self.origin_ns;
                if shape.target(t_ns) <= share.global(local) as f64 {
                    *started = (*started).min(local);
                    *next_ns = shape.first_above(share.global(*started) as f64, t_ns);
                    return None;
                }
                let (number, iteration) =
                    (share.global(local), self.users[user as usize].iterations);
                Some(self.begin(user, (number, u64::from(iteration)), now_ns, now_ns))
            }
            Flow::Open { idle, waiting, .. } => match waiting.pop_front() {
                Some((number, due_ns)) => Some(self.begin(user, (number, 0), due_ns, now_ns)),
                None => {
                    idle.push(user);
                    None
                }
            },
        }
    }

    /// Time is up: nothing more begins. Returns how many arrivals never started.
    pub fn close(&mut self) -> u64 {
        self.closed = true;
        let dropped = self.waiting();
        self.groups.iter_mut().for_each(Group::dismiss_waiting);
        dropped
    }

    /// A live change: from `at_ns` (absolute) on, the group follows `segments` (ns since the
    /// origin).
    pub fn replace_from(
        &mut self,
        group: usize,
        at_ns: u64,
        segments: Vec<Segment>,
    ) -> Result<(), ShapeError> {
        let at_ns = at_ns - self.origin_ns;
        self.groups[group].replace_from(at_ns, segments, self.share)
    }

    pub fn origin_ns(&self) -> u64 {
        self.origin_ns
    }

    /// The user's current (or last) iteration, from 0.
    pub fn iteration(&self, user: UserId) -> u32 {
        self.users[user as usize].iterations.saturating_sub(1)
    }

    pub fn busy_users(&self) -> usize {
        self.busy
    }

    pub fn users(&self) -> usize {
        self.users.len()
    }

    pub fn busy(&self, user: UserId) -> bool {
        self.users[user as usize].busy
    }

    /// The user's number among all workers.
    pub fn global_number(&self, user: UserId) -> u64 {
        self.share.global(user as usize)
    }

    pub fn waiting(&self) -> u64 {
        self.groups.iter().map(Group::waiting).sum()
    }

    /// (users asked for, arrivals per second asked for) now: this worker's share.
    pub fn targets(&self, now_ns: u64) -> (f64, f64) {
        let t_ns = now_ns.saturating_sub(self.origin_ns);
        let share = 1.0 / self.share.workers as f64;
        self.groups.iter().fold((0.0, 0.0), |(users, per_s), group| match &group.flow {
            Flow::Closed { shape, .. } => (users + shape.target(t_ns) * share, per_s),
            Flow::Open { arrivals, .. } => (users, per_s + arrivals.shape().target(t_ns) * share),
        })
    }

    fn release_closed(&mut self, index: usize, now_ns: u64, begins: &mut Vec<Begin>) {
        loop {
            let Flow::Closed { members, started, next_ns, .. } = &self.groups[index].flow else {
                return;
            };
            let Some(due_ns) = next_ns.filter(|due_ns| self.origin_ns + due_ns <= now_ns) else {
                return;
            };
            let (local, known) = (*started, members.get(*started).copied());
            let user = known.unwrap_or_else(|| self.make_user(index, local as u32));
            if let Flow::Closed { shape, members, started, next_ns } = &mut self.groups[index].flow
            {
                if known.is_none() {
                    members.push(user);
                }
                *started += 1;
                *next_ns = shape.first_above(self.share.global(*started) as f64, due_ns);
            }
            if !self.users[user as usize].busy {
                let due_ns = self.origin_ns + due_ns;
                let identity =
                    (self.share.global(local), u64::from(self.users[user as usize].iterations));
                begins.push(self.begin(user, identity, due_ns, due_ns));
            }
        }
    }

    fn release_open(&mut self, index: usize, now_ns: u64, begins: &mut Vec<Begin>) {
        loop {
            let room = self.users.len() < self.max_users;
            let Flow::Open { arrivals, idle, waiting, made } = &mut self.groups[index].flow else {
                return;
            };
            if arrivals.next_ns().is_none_or(|due_ns| self.origin_ns + due_ns > now_ns) {
                return;
            }
            let Some((number, due_ns)) = arrivals.take() else {
                return;
            };
            let due_ns = self.origin_ns + due_ns;
            let user = match idle.pop() {
                Some(user) => user,
                None if room => {
                    let local = *made;
                    *made += 1;
                    self.make_user(index, local)
                }
                None => {
                    waiting.push_back((number, due_ns));
                    continue;
                }
            };
            begins.push(self.begin(user, (number, 0), due_ns, due_ns));
        }
    }

    fn make_user(&mut self, group: usize, local: u32) -> UserId {
        self.users.push(UserSlot { group: group as u16, local, iterations: 0, busy: false });
        (self.users.len() - 1) as UserId
    }

    fn begin(
        &mut self,
        user: UserId,
        identity: (u64, u64),
        intended_ns: u64,
        eligible_ns: u64,
    ) -> Begin {
        let slot = &mut self.users[user as usize];
        let iteration = slot.iterations;
        slot.iterations += 1;
        slot.busy = true;
        self.busy += 1;
        let scenario = self.groups[slot.group as usize].pick(identity.0, identity.1);
        Begin { user, number: identity.0, scenario, iteration, intended_ns, eligible_ns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrivals::Process;

    const S: u64 = 1_000_000_000;
    const ORIGIN: u64 = 1_000 * S;
    const ALONE: Share = Share { worker: 0, workers: 1 };

    fn plan(model: Model, parts: &[(u64, u64, f64, f64)]) -> GroupPlan {
        let segments = parts
            .iter()
            .map(|&(from_s, to_s, from, to)| Segment {
                start_ns: from_s * S,
                end_ns: to_s * S,
                from,
                to,
            })
            .collect();
        GroupPlan { model, segments, scenarios: vec![(0, 1.0)] }
    }

    fn open(per_s: f64, seconds: u64, max_users: usize) -> Schedule {
        let plan = plan(Model::Open(Process::Uniform), &[(0, seconds, per_s, per_s)]);
        Schedule::new(vec![plan], ORIGIN, 1, ALONE, max_users).unwrap()
    }

    fn released(schedule: &mut Schedule, at_ns: u64) -> Vec<Begin> {
        let mut begins = Vec::new();
        schedule.release(ORIGIN + at_ns, &mut begins);
        begins
    }

    #[test]
    fn closed_users_all_begin_at_once_and_again_when_they_end() {
        let plan = plan(Model::Closed, &[(0, 10, 3.0, 3.0)]);
        let mut schedule = Schedule::new(vec![plan], ORIGIN, 1, ALONE, 100).unwrap();
        let begins = released(&mut schedule, 0);
        assert_eq!(begins.iter().map(|begin| begin.user).collect::<Vec<_>>(), [0, 1, 2]);
        let again = schedule.finished(1, ORIGIN + S).unwrap();
        assert_eq!((again.user, again.iteration, again.intended_ns), (1, 1, ORIGIN + S));
    }

    #[test]
    fn a_ramp_down_lets_users_finish_and_a_later_ramp_takes_them_back() {
        let shape = [(0, 1, 2.0, 2.0), (1, 2, 1.0, 1.0), (2, 4, 2.0, 2.0)];
        let mut schedule =
            Schedule::new(vec![plan(Model::Closed, &shape)], ORIGIN, 1, ALONE, 100).unwrap();
        assert_eq!(released(&mut schedule, 0).len(), 2);
        assert!(schedule.finished(1, ORIGIN + S + 1).is_none());
        assert!(schedule.finished(0, ORIGIN + S + 1).is_some());
        assert_eq!(schedule.next_due_ns(), Some(ORIGIN + 2 * S));
        assert_eq!(released(&mut schedule, 2 * S)[0].user, 1);
    }

    #[test]
    fn an_arrival_takes_the_most_recently_idle_user() {
        let mut schedule = open(10.0, 10, 100);
        assert_eq!(released(&mut schedule, S / 10).len(), 2);
        schedule.finished(0, ORIGIN + S / 10);
        schedule.finished(1, ORIGIN + S / 10);
        assert_eq!(released(&mut schedule, S / 5)[0].user, 1);
        assert_eq!(schedule.users(), 2);
    }

    #[test]
    fn an_arrival_beyond_the_cap_waits_and_counts_from_when_it_was_due() {
        let mut schedule = open(10.0, 10, 1);
        assert_eq!(released(&mut schedule, 0).len(), 1);
        assert_eq!(released(&mut schedule, S / 2).len(), 0);
        assert_eq!(schedule.waiting(), 5);
        let begin = schedule.finished(0, ORIGIN + S / 2).unwrap();
        assert_eq!((begin.intended_ns, begin.eligible_ns), (ORIGIN + S / 10, ORIGIN + S / 2));
    }

    #[test]
    fn what_never_started_is_counted_as_dropped() {
        let mut schedule = open(10.0, 1, 1);
        released(&mut schedule, S);
        assert_eq!(schedule.close(), 9);
        assert_eq!(schedule.next_due_ns(), None);
    }

    #[test]
    fn users_add_up_exactly_over_workers() {
        let total: usize = (0..3)
            .map(|worker| {
                let share = Share { worker, workers: 3 };
                let plan = plan(Model::Closed, &[(0, 1, 10.0, 10.0)]);
                let mut schedule = Schedule::new(vec![plan], ORIGIN, 1, share, 100).unwrap();
                released(&mut schedule, 0).len()
            })
            .sum();
        assert_eq!(total, 10);
    }

    #[test]
    fn weights_decide_how_often_a_scenario_is_picked() {
        let mut weighted = plan(Model::Open(Process::Uniform), &[(0, 10, 1000.0, 1000.0)]);
        weighted.scenarios = vec![(0, 3.0), (1, 1.0)];
        let mut schedule = Schedule::new(vec![weighted], ORIGIN, 1, ALONE, 100_000).unwrap();
        let begins = released(&mut schedule, 10 * S);
        let share = begins.iter().filter(|begin| begin.scenario == 0).count() as f64 / 10_000.0;
        assert!((share - 0.75).abs() < 0.02, "{share}");
    }
}

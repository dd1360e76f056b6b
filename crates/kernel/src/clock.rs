//! Time in integer nanoseconds: monotonic, wall-clock and CPU time, three that never mix.
//!
//! `monotonic_ns` reads CLOCK_MONOTONIC, whose origin is the machine's boot: two processes of one
//! machine may compare their readings, two machines may not. `wall_unix_ns` reads CLOCK_REALTIME,
//! which steps when the clock is set: it labels a run and never measures a duration.
//! `thread_cpu_ns` is the user + system time of the calling thread.
//!
//! All three cost some 20–200 ns. They do not fail: POSIX lets `clock_gettime` refuse only a clock
//! that does not exist, and these exist on every system we build for.

use std::cell::Cell;
use std::rc::Rc;

pub const NS_PER_S: u64 = 1_000_000_000;

/// Nanoseconds since the machine's boot; never goes back.
#[inline]
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Nanoseconds since 1970-01-01 UTC.
pub fn wall_unix_ns() -> i64 {
    read(libc::CLOCK_REALTIME) as i64
}

/// CPU time, user + system, that the calling thread has spent so far.
pub fn thread_cpu_ns() -> u64 {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

#[inline]
fn read(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid timespec that outlives the call.
    let status = unsafe { libc::clock_gettime(clock, &mut time) };
    assert_eq!(status, 0, "clock_gettime refused clock {clock}");
    time.tv_sec as u64 * NS_PER_S + time.tv_nsec as u64
}

/// What tells the time to code that must also run under a simulated clock.
pub trait Clock {
    /// Nanoseconds from an origin of the clock's own choice; never goes back.
    fn now_ns(&self) -> u64;
}

/// The machine's monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[inline]
    fn now_ns(&self) -> u64 {
        monotonic_ns()
    }
}

/// A clock that moves only by hand. Its clones share one time.
#[derive(Clone, Debug, Default)]
pub struct SimulatedClock {
    now_ns: Rc<Cell<u64>>,
}

impl SimulatedClock {
    pub fn at(now_ns: u64) -> Self {
        Self { now_ns: Rc::new(Cell::new(now_ns)) }
    }

    pub fn advance(&self, by_ns: u64) {
        self.now_ns.set(self.now_ns.get() + by_ns);
    }

    /// Moves on to `to_ns`; a time already passed leaves the clock where it is.
    pub fn advance_to(&self, to_ns: u64) {
        self.now_ns.set(self.now_ns.get().max(to_ns));
    }
}

impl Clock for SimulatedClock {
    fn now_ns(&self) -> u64 {
        self.now_ns.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monotonic_time_never_goes_back() {
        let readings: Vec<u64> = (0..1_000).map(|_| monotonic_ns()).collect();
        assert!(readings.is_sorted());
        assert!(readings[0] > 0);
    }

    #[test]
    fn wall_time_is_in_this_century() {
        let year_2020_ns = 1_577_836_800 * NS_PER_S as i64;
        assert!(wall_unix_ns() > year_2020_ns);
    }

    #[test]
    fn cpu_time_grows_with_work_and_stays_below_elapsed_time() {
        let (start_ns, cpu_start_ns) = (monotonic_ns(), thread_cpu_ns());
        let sum: u64 = (0..100_000_u64).map(std::hint::black_box).sum();
        let (cpu_ns, elapsed_ns) = (thread_cpu_ns() - cpu_start_ns, monotonic_ns() - start_ns);
        assert_eq!(sum, 4_999_950_000);
        assert!(cpu_ns > 0 && cpu_ns <= elapsed_ns);
    }

    #[test]
    fn clones_of_a_simulated_clock_share_one_time() {
        let clock = SimulatedClock::at(5);
        let seen_elsewhere = clock.clone();
        clock.advance(10);
        assert_eq!(seen_elsewhere.now_ns(), 15);
        clock.advance_to(12);
        assert_eq!(clock.now_ns(), 15);
        clock.advance_to(20);
        assert_eq!(seen_elsewhere.now_ns(), 20);
    }
}

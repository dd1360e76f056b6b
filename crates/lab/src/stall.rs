//! A server-wide stall, as a pure function of time: every `every_ns`, for `for_ns`, nothing is
//! answered. What a garbage collection, a failover or a full disk queue does to a service, but at
//! a known instant and for a known time.
//!
//! ```text
//!         first request                                   first request + every
//!              │◄────────────── every ──────────────────────────►│
//!   answers    ████████████████████                ██████████████████████████████
//!   window                         │◄──── for ────►│
//!              0            (every − for)/2   (every + for)/2
//! ```
//!
//! The window sits in the middle of the period, so that a run of one period holds one whole
//! stall with undisturbed traffic on both sides. An answer that falls due inside the window is
//! given at the window's end, whether its request came before or during it.
//!
//! Each distinct query string has a clock of its own, which starts with its first request: a fresh
//! `&run=2` gives a fresh period, and a second test need not restart the server.
//!
//! Worked example, the one a load generator must reproduce: `every_s=10&for_ms=1000&delay_ms=5`
//! under 500 arrivals/s for 10 s with at most 20 in flight. An arrival s seconds into the stall
//! waits 1 − s for its end and 500·s/4000 for those before it (20 in flight / 5 ms = 4000/s), so
//! its response time is 1 − 0.875·s seconds. The slowest 1% (50 of 5,000) arrived before s = 0.1:
//! p99 = 0.91 s; the slowest 5% before s = 0.5: p95 = 0.56 s. Only 20 requests were on the wire,
//! so service time has p99 ≈ 5 ms: what coordinated omission would report.

use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// The period; greater than `for_ns`.
    pub every_ns: u64,
    pub for_ns: u64,
    /// From request to answer outside the window.
    pub delay_ns: u64,
}

impl Stall {
    /// When a request that arrives at `arrival_ns` is answered; both counted from the clock's
    /// start.
    pub fn answer_due_ns(&self, arrival_ns: u64) -> u64 {
        let due_ns = arrival_ns + self.delay_ns;
        let period_start_ns = due_ns - due_ns % self.every_ns;
        let window_start_ns = period_start_ns + (self.every_ns - self.for_ns) / 2;
        let window_end_ns = window_start_ns + self.for_ns;
        if (window_start_ns..window_end_ns).contains(&due_ns) { window_end_ns } else { due_ns }
    }
}

/// Clocks beyond these are forgotten, all at once: memory stays bounded whatever is asked.
const CLOCKS_KEPT: usize = 1_024;

/// When each stall's clock started, by query string.
#[derive(Default)]
pub struct StallClocks {
    started_ns: HashMap<String, u64>,
}

impl StallClocks {
    /// The start of this query's clock: now, if this is its first request.
    pub fn started_ns(&mut self, query: &str, now_ns: u64) -> u64 {
        if let Some(&started_ns) = self.started_ns.get(query) {
            return started_ns;
        }
        if self.started_ns.len() == CLOCKS_KEPT {
            self.started_ns.clear();
        }
        self.started_ns.insert(query.to_string(), now_ns);
        now_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const ONE_SECOND_IN_TEN: Stall =
        Stall { every_ns: 10_000 * MS, for_ns: 1_000 * MS, delay_ns: 5 * MS };

    fn due_ms(arrival_ms: u64) -> u64 {
        ONE_SECOND_IN_TEN.answer_due_ns(arrival_ms * MS) / MS
    }

    #[test]
    fn outside_the_window_answers_take_their_delay() {
        assert_eq!(due_ms(0), 5);
        assert_eq!(due_ms(4_494), 4_499);
        assert_eq!(due_ms(5_500), 5_505);
        assert_eq!(due_ms(9_999), 10_004);
    }

    #[test]
    fn what_falls_due_in_the_window_is_answered_at_its_end() {
        assert_eq!(due_ms(4_495), 5_500);
        assert_eq!(due_ms(5_000), 5_500);
        assert_eq!(due_ms(5_494), 5_500);
        assert_eq!(due_ms(5_495), 5_500);
    }

    #[test]
    fn every_period_has_its_window() {
        assert_eq!(due_ms(34_500), 35_500);
        assert_eq!(due_ms(30_000), 30_005);
    }

    #[test]
    fn a_query_keeps_its_clock_and_a_new_query_starts_one() {
        let mut clocks = StallClocks::default();
        assert_eq!(clocks.started_ns("every_s=1", 100), 100);
        assert_eq!(clocks.started_ns("every_s=1", 250), 100);
        assert_eq!(clocks.started_ns("every_s=1&run=2", 300), 300);
    }

    #[test]
    fn clocks_are_bounded() {
        let mut clocks = StallClocks::default();
        for run in 0..5_000_u64 {
            assert_eq!(clocks.started_ns(&format!("run={run}"), run), run);
        }
        assert!(clocks.started_ns.len() <= CLOCKS_KEPT);
    }

    /// The worked example above, simulated arrival by arrival: 20 servers, first come first served.
    #[test]
    fn a_stall_under_open_load_has_the_percentiles_that_theory_says() {
        let (arrivals, gap_ns) = (5_000, 2 * MS);
        let mut free_ns = [0_u64; 20];
        let mut response_ns = Vec::new();
        let mut service_ns = Vec::new();
        for arrival in 0..arrivals {
            let due_ns = arrival * gap_ns;
            let user = free_ns.iter_mut().min().unwrap();
            let sent_ns = due_ns.max(*user);
            let done_ns = ONE_SECOND_IN_TEN.answer_due_ns(sent_ns);
            *user = done_ns;
            response_ns.push(done_ns - due_ns);
            service_ns.push(done_ns - sent_ns);
        }
        response_ns.sort_unstable();
        service_ns.sort_unstable();
        let at = |sorted: &[u64], ratio: f64| sorted[(sorted.len() as f64 * ratio) as usize] / MS;
        assert!((905..=920).contains(&at(&response_ns, 0.99)), "{}", at(&response_ns, 0.99));
        assert!((555..=570).contains(&at(&response_ns, 0.95)), "{}", at(&response_ns, 0.95));
        assert_eq!(at(&service_ns, 0.99), 5);
    }
}

//! What must hold to the nanosecond: ends, time limits, lateness, waiting for a user.

mod simulated;

use simulated::{Do, MS, ONE_USER, ORIGIN_NS, Plan, Run, TEN_A_SECOND, settings};

use crate::arrivals::Process;
use crate::outcome::Outcome;
use crate::recording::tests::recording;
use crate::schedule::Model;
use crate::settings::Settings;
use crate::tally::Tally;

/// (started, completed, interrupted, dropped)
fn iterations(tally: &Tally) -> (u64, u64, u64, u64) {
    (
        tally.iterations_started,
        tally.iterations_completed,
        tally.iterations_interrupted,
        tally.dropped,
    )
}

#[test]
fn a_closed_user_begins_again_as_soon_as_it_ends() {
    let mut run = Run::new(ONE_USER, settings(), |_| vec![Do::Sleep(10 * MS)]);
    assert!(run.until(5_000));
    assert_eq!(run.now_ms(), 1_000);
    assert_eq!(iterations(&run.tally()), (100, 100, 0, 0));
}

#[test]
fn what_is_under_way_when_time_is_up_may_finish_within_the_grace() {
    let mut run = Run::new(ONE_USER, settings(), |_| vec![Do::Sleep(300 * MS)]);
    assert!(run.until(5_000));
    assert_eq!(run.now_ms(), 1_200);
    assert_eq!(iterations(&run.tally()), (4, 4, 0, 0));
}

#[test]
fn what_outlasts_the_grace_is_unwound() {
    let mut run = Run::new(ONE_USER, settings(), |_| vec![Do::Sleep(9_000 * MS)]);
    assert!(run.until(5_000));
    assert_eq!(run.now_ms(), 1_400);
    assert_eq!(iterations(&run.tally()), (1, 0, 1, 0));
}

#[test]
fn unwinding_waits_for_cleanup_but_not_for_ever() {
    for (cleanup_ms, over_ms) in [(60, 1_460), (5_000, 1_500)] {
        let plan = Plan { cleanup_ns: cleanup_ms * MS, ..ONE_USER };
        let mut run = Run::new(plan, settings(), |_| vec![Do::Sleep(9_000 * MS)]);
        assert!(run.until(9_000));
        assert_eq!(run.now_ms(), over_ms);
        assert_eq!(iterations(&run.tally()), (1, 0, 1, 0));
    }
}

#[test]
fn stopping_ends_beginnings_and_stopping_now_ends_all() {
    let mut run = Run::new(TEN_A_SECOND, settings(), |_| vec![Do::Sleep(250 * MS)]);
    run.until(450);
    run.reactor.stop();
    assert!(!run.until(500));
    assert_eq!(run.tally().iterations_started, 5);
    run.reactor.stop_now();
    assert!(run.until(501));
    assert_eq!(iterations(&run.tally()), (0, 0, 2, 0));
}

#[test]
fn a_connection_that_is_not_made_in_time_ends_at_that_very_time() {
    let mut run = Run::new(ONE_USER, settings(), |ask| vec![Do::Ask(ask)]);
    assert!(run.until(5_000));
    let answer = &run.reactor.driver.answers[0];
    assert_eq!(answer.outcome, Outcome::ConnectTimeout);
    assert_eq!(answer.times.response_ns(), 250 * MS);
    assert_eq!(answer.times.service_ns(), None);
    let tally = run.tally();
    assert_eq!(tally.steps["deaf"].requests, 4);
    assert_eq!(tally.steps["deaf"].error_kinds["connect_timeout"], 4);
}

#[test]
fn a_request_that_is_connecting_when_all_stops_is_counted_as_interrupted() {
    let mut run = Run::new(ONE_USER, settings(), |ask| vec![Do::Ask(ask)]);
    run.until(100);
    run.reactor.stop_now();
    assert!(run.until(101));
    let tally = run.tally();
    assert_eq!(tally.requests_interrupted, 1);
    assert!(tally.steps.is_empty());
    assert_eq!(run.reactor.connections.iter().count(), 0);
    assert_eq!(run.reactor.exchanges.iter().count(), 0);
}

#[test]
fn a_request_of_a_user_that_never_ends_is_counted_as_interrupted() {
    let plan = Plan { cleanup_ns: 9_000 * MS, ..ONE_USER };
    let patient = Settings { connect_timeout_ns: 60_000 * MS, ..settings() };
    let mut run = Run::new(plan, patient, |ask| vec![Do::Ask(ask)]);
    assert!(run.until(5_000));
    assert_eq!(run.now_ms(), 1_500);
    assert_eq!(run.tally().requests_interrupted, 1);
}

#[test]
fn an_arrival_that_waits_for_a_user_counts_from_when_it_was_due() {
    let plan = Plan { max_users: 1, ..TEN_A_SECOND };
    let mut run = Run::new(plan, settings(), |ask| vec![Do::Ask(ask)]);
    assert!(run.until(5_000));
    let responses_ms: Vec<u64> =
        run.reactor.driver.answers.iter().map(|answer| answer.times.response_ns() / MS).collect();
    assert_eq!(responses_ms, [250, 400, 550, 700]);
    let tally = run.tally();
    assert_eq!(iterations(&tally), (4, 4, 0, 6));
    assert_eq!(tally.lateness.maximum, 0, "waiting at the cap is not our lateness");
}

#[test]
fn code_that_holds_the_loop_makes_later_arrivals_late() {
    let steps = |ask| vec![Do::Hold(135 * MS), Do::Ask(ask)];
    let mut run = Run::new(TEN_A_SECOND, settings(), steps);
    assert!(run.until(5_000));
    let tally = run.tally();
    assert_eq!(iterations(&tally), (10, 10, 0, 0));
    assert_eq!(tally.lateness.maximum, 135 * MS);
    let late: Vec<u64> =
        run.reactor.driver.answers.iter().map(|answer| answer.times.lateness_ns() / MS).collect();
    assert_eq!(late[..3], [135, 35, 0]);
}

#[test]
fn what_is_replayed_begins_at_the_instants_of_the_recording() {
    let due_ns = [0, 3 * MS + 1, 3 * MS + 1, 640 * MS, 641 * MS];
    let listed = recording(&due_ns.map(|due_ns| (due_ns, "GET", "/", 200)));
    let plan = Plan { model: Model::Open(Process::Listed(listed)), ..TEN_A_SECOND };
    let mut run = Run::new(plan, settings(), |ask| vec![Do::Ask(ask)]);
    assert!(run.until(5_000));
    let mut starts_ns: Vec<(u64, u64)> = Vec::new();
    for answer in &run.reactor.driver.answers {
        let since_origin = |ns: u64| ns - ORIGIN_NS;
        starts_ns
            .push((since_origin(answer.times.intended_ns), since_origin(answer.times.start_ns)));
    }
    starts_ns.sort_unstable();
    assert_eq!(starts_ns, due_ns.map(|due_ns| (due_ns, due_ns)));
    assert_eq!(iterations(&run.tally()), (5, 5, 0, 0));
}

//! What the server has seen since it started, so that a test can check that nothing was lost.

use std::collections::BTreeMap;

use crate::json;
use crate::lateness::Lateness;

#[derive(Default)]
pub struct Tally {
    /// Requests read whole, by first path segment (`/delay`); `unknown` for what is not served.
    received_by_route: BTreeMap<&'static str, u64>,
    /// Answers handed to the operating system in full; those that end in a planted fault count.
    pub answered: u64,
    /// Of the answers held back by a delay or a stall.
    pub lateness: Lateness,
    pub connections_opened: u64,
    pub connections_open: u64,
}

impl Tally {
    pub fn receive(&mut self, route: &'static str) {
        *self.received_by_route.entry(route).or_default() += 1;
    }

    pub fn to_json(&self) -> String {
        let received: u64 = self.received_by_route.values().sum();
        let by_route = self.received_by_route.iter().map(|(route, n)| (*route, n.to_string()));
        json::object([
            ("received", received.to_string()),
            ("answered", self.answered.to_string()),
            ("connections_opened", self.connections_opened.to_string()),
            ("connections_open", self.connections_open.to_string()),
            ("lateness_us", self.lateness_us()),
            ("received_by_route", json::object(by_route)),
        ])
    }

    fn lateness_us(&self) -> String {
        let us = |ns: u64| (ns as f64 / 1e3).to_string();
        json::object([
            ("p50", us(self.lateness.quantile_ns(0.5))),
            ("p99", us(self.lateness.quantile_ns(0.99))),
            ("max", us(self.lateness.max_ns())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route() {
        let mut tally = Tally::default();
        ["/delay", "/", "/delay"].into_iter().for_each(|route| tally.receive(route));
        let text = tally.to_json();
        assert!(text.starts_with(r#"{"received":3,"answered":0,"#), "{text}");
        assert!(text.ends_with(r#""received_by_route":{"/":1,"/delay":2}}"#), "{text}");
    }
}

//! A request's way: begin → connection → sent → answered (or failed) → recorded → its task wakes.

use std::rc::Rc;
use std::sync::Arc;

use super::{Reactor, Timer};
use crate::clock::{Clock, wall_unix_ns};
use crate::connection::Phase;
use crate::driver::{Answer, Content, Driver, Task, Wake};
use crate::exchange::{Exchange, Failure};
use crate::http1::head;
use crate::http1::response::Expect;
use crate::outcome::Outcome;
use crate::poller::Poller;
use crate::recorder::{Finished, MEASURES, Times};
use crate::redirect;
use crate::request::{Body, Request};
use crate::schedule::UserId;
use crate::settings::Reuse;
use crate::slab::Key;
use crate::tally::Exemplar;
use crate::trace_context::TraceContext;
use crate::url;

const EXEMPLAR_BODY_BYTES: usize = 400;

impl<D: Driver, P: Poller, C: Clock> Reactor<D, P, C> {
    pub(super) fn begin(
        &mut self,
        task: Task,
        user: UserId,
        request: Arc<Request>,
        intended_ns: u64,
        eligible_ns: u64,
    ) {
        let start_ns = self.clock.now_ns();
        let total_ns = request.timeout_ns.unwrap_or(self.settings.total_timeout_ns);
        let trace = self.trace_context(&request, start_ns);
        let exchange = self.exchanges.insert(Exchange {
            task,
            user,
            trace,
            request,
            times: Times { intended_ns, eligible_ns, start_ns, ..Times::default() },
            deadline_ns: start_ns + total_ns,
            connection: None,
            addresses: None,
            look_up_ns: 0,
            redirects: 0,
            earlier_send_ns: 0,
            earlier_wait_ns: 0,
            retried: false,
            bytes_sent: 0,
            bytes_received: 0,
        });
        self.acquire(exchange, start_ns);
    }

    /// Sends the exchange's request on a ready connection. `now_ns` is fresh.
    pub(super) fn dispatch(&mut self, key: Key, exchange_key: Key, now_ns: u64) {
        let exchange = &mut self.exchanges[exchange_key];
        let connection = &mut self.connections[key];
        let request = Arc::clone(&exchange.request);
        exchange.connection = Some(key);
        if exchange.times.sent_ns == 0 {
            exchange.times.sent_ns = now_ns;
        }
        exchange.times.written_ns = now_ns;
        connection.exchange = Some(exchange_key);
        connection.phase = Phase::Busy;
        connection.body_sent = 0;
        let head_request = request.wire.starts_with(b"HEAD ");
        connection.parser.reset(Expect { head_request, connect: false });
        let deadline_ns = exchange.deadline_ns.min(now_ns + self.settings.response_timeout_ns);
        if connection.timer_ns == 0 || connection.timer_ns > deadline_ns {
            connection.timer_ns = deadline_ns;
            self.timers.push(deadline_ns, Timer::Connection(key));
        }
        let sent = if self.compose(exchange_key, &request) {
            let scratch = std::mem::take(&mut self.scratch);
            let sent = self.write(key, &scratch);
            self.scratch = scratch;
            sent
        } else {
            self.write(key, &request.wire)
        };
        if let Err(failure) = sent {
            self.broken(key, failure);
        }
    }

    /// Puts cookies, the trace context or a proxy's absolute form into `scratch`. False when the
    /// wire is good as it is.
    fn compose(&mut self, exchange: Key, request: &Request) -> bool {
        let Exchange { user, ref trace, .. } = self.exchanges[exchange];
        let jars = self.shared.jars.borrow();
        let jar = jars.get(user).filter(|_| head::header(request.head(), "cookie").is_none());
        if jar.is_none() && self.settings.proxy.is_none() && trace.is_none() {
            return false;
        }
        let origins = self.shared.origins.borrow();
        let origin = origins.origin(request.origin);
        let mut cookies = String::new();
        let has_cookies = jar.is_some_and(|jar| {
            let now_s = wall_unix_ns() / 1_000_000_000;
            let path = request.target().split('?').next().unwrap_or("/");
            jar.write_header(&origin.host, path, origin.is_https(), now_s, &mut cookies)
        });
        let proxy = self.settings.proxy.as_ref().filter(|_| !origin.is_https());
        if !has_cookies && proxy.is_none() && trace.is_none() {
            return false;
        }
        self.scratch.clear();
        let mut head = &request.head()[..request.head().len() - 2];
        let mut credentials = String::new();
        if let Some(proxy) = proxy {
            let method = request.method();
            self.scratch.extend_from_slice(method.as_bytes());
            self.scratch.extend_from_slice(format!(" {origin}").as_bytes());
            head = &head[method.len() + 1..];
            credentials = proxy.credentials();
        }
        self.scratch.extend_from_slice(head);
        self.scratch.extend_from_slice(credentials.as_bytes());
        if has_cookies {
            self.scratch.extend_from_slice(b"Cookie: ");
            self.scratch.extend_from_slice(cookies.as_bytes());
            self.scratch.extend_from_slice(b"\r\n");
        }
        if let Some(trace) = trace {
            trace.write(&mut self.scratch);
        }
        self.scratch.extend_from_slice(b"\r\n");
        if let Body::Inline = request.body {
            self.scratch.extend_from_slice(request.body_bytes());
        }
        true
    }

    /// What to tell the system of this request's trace; a `traceparent` of the user's own stays.
    fn trace_context(&mut self, request: &Request, now_ns: u64) -> Option<Box<TraceContext>> {
        let traces = self.settings.traces.as_mut()?;
        let own = head::header(request.head(), "traceparent").is_some();
        (!own).then(|| Box::new(traces.next(now_ns)))
    }

    /// The whole answer is in. `garbage`: how many bytes followed it that nobody asked for.
    pub(super) fn answered(&mut self, key: Key, now_ns: u64, garbage: usize) {
        let connection = &mut self.connections[key];
        let Some(exchange_key) = connection.exchange.take() else {
            return;
        };
        let head = *connection.parser.head().expect("a complete answer has a head");
        let (head_len, body_bytes) = (connection.parser.head_len(), connection.parser.body_bytes());
        let truncated = connection.parser.truncated();
        let mut kept = std::mem::take(&mut connection.kept);
        connection.served += 1;
        let exchange = &mut self.exchanges[exchange_key];
        let all_sent = connection.unsent.is_empty()
            && connection.send_failed.is_none()
            && connection.body_sent == exchange.request.mapped_bytes().len();
        let clean = garbage == 0 && all_sent;
        exchange.times.done_ns = now_ns;
        exchange.bytes_received += connection.parser.received_bytes();
        if head.has_set_cookie {
            self.store_cookies(exchange_key, &kept[..head_len]);
        }
        let reusable = head.keep_alive && clean && self.settings.reuse != Reuse::New;
        if reusable {
            self.release(key);
        } else {
            self.close(key);
        }
        if garbage > 0 {
            let message = format!("{garbage} bytes followed the complete answer");
            self.fail(exchange_key, Failure::new(Outcome::Malformed, message));
            return;
        }
        let moved = head.has_location && self.exchanges[exchange_key].request.follow_redirects;
        if moved && self.follow(exchange_key, head.status, &kept[..head_len]) {
            return;
        }
        if !D::KEEPS_BODIES && reusable {
            kept.clear();
            self.connections[key].kept = std::mem::take(&mut kept);
        }
        let head_len = head_len.min(kept.len());
        let content = Content { bytes: kept, head_len, body_bytes, truncated };
        let expected = self.exchanges[exchange_key].request.expect.contains(&head.status);
        let outcome = if expected { Outcome::Ok } else { Outcome::of_status(head.status) };
        let message = (outcome != Outcome::Ok).then(|| format!("HTTP {}", head.status).into());
        self.settle(exchange_key, outcome, head.status, message, content);
    }

    fn store_cookies(&mut self, exchange: Key, head: &[u8]) {
        if !D::KEEPS_BODIES {
            return;
        }
        let exchange = &self.exchanges[exchange];
        let origins = self.shared.origins.borrow();
        let origin = origins.origin(exchange.request.origin);
        let path = exchange.request.target().split('?').next().unwrap_or("/");
        let now_s = wall_unix_ns() / 1_000_000_000;
        let mut jars = self.shared.jars.borrow_mut();
        let jar = jars.get_mut(exchange.user);
        for (_, value) in
            head::headers(head).filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        {
            jar.store(value, &origin.host, path, origin.is_https(), now_s);
        }
    }

    /// Follows a redirect. False when this answer is none.
    fn follow(&mut self, exchange_key: Key, status: u16, head: &[u8]) -> bool {
        let exchange = &self.exchanges[exchange_key];
        let request = Arc::clone(&exchange.request);
        let location = head::header(head, "location");
        let Some((method, keep_body)) = redirect::next(request.method(), status, location) else {
            return false;
        };
        let location = String::from_utf8_lossy(location.unwrap_or_default());
        if exchange.redirects >= self.settings.max_redirects {
            let message = format!("more than {} redirects", self.settings.max_redirects);
            self.fail(exchange_key, Failure::new(Outcome::TooManyRedirects, message));
            return true;
        }
        match self.redirected(&request, &location, method, keep_body) {
            Ok(next) => {
                self.exchanges[exchange_key].next_hop(Arc::new(next));
                let now_ns = self.clock.now_ns();
                self.acquire(exchange_key, now_ns);
            }
            Err(message) => self.fail(exchange_key, Failure::new(Outcome::Malformed, message)),
        }
        true
    }

    fn redirected(
        &mut self,
        request: &Request,
        location: &str,
        method: &str,
        keep_body: bool,
    ) -> Result<Request, String> {
        let mut origins = self.shared.origins.borrow_mut();
        let base = Arc::clone(origins.origin(request.origin));
        let (origin, target) = url::resolve(&base, request.target(), location)
            .map_err(|error| format!("redirected to {location:?}: {error}"))?;
        let keep_credentials = redirect::keeps_credentials(&base, &origin);
        let id = origins.intern(&origin);
        let prefix = Rc::clone(origins.prefix(id));
        request
            .redirected(method, keep_body, keep_credentials, (id, &prefix, &target))
            .map_err(|error| format!("redirected to {location:?}: {error}"))
    }

    /// The exchange ended without an answer.
    pub(super) fn fail(&mut self, exchange: Key, failure: Failure) {
        let now_ns = self.clock.now_ns();
        let times = &mut self.exchanges[exchange].times;
        times.done_ns = times.done_ns.max(now_ns);
        self.settle(exchange, failure.outcome, 0, Some(failure.message.into()), Content::default());
    }

    /// Records the exchange and wakes its task.
    fn settle(
        &mut self,
        exchange: Key,
        outcome: Outcome,
        status: u16,
        message: Option<Box<str>>,
        content: Content,
    ) {
        let Some(mut exchange) = self.exchanges.remove(exchange) else {
            return;
        };
        exchange.join_hops();
        let finished = Finished {
            step: exchange.request.step,
            outcome,
            status,
            times: &exchange.times,
            bytes_sent: exchange.bytes_sent,
            bytes_received: exchange.bytes_received,
        };
        let mut recorder = self.shared.recorder.borrow_mut();
        recorder.request(&finished);
        if recorder.wants_exemplar(&finished) {
            let step = recorder.step_name(finished.step).to_owned();
            let exemplar = self.exemplar(step, &finished, &exchange, message.as_deref(), &content);
            recorder.keep(finished.step, exemplar);
        }
        drop(recorder);
        let answer = Answer {
            status,
            outcome,
            message,
            request: exchange.request,
            content,
            times: exchange.times,
        };
        self.wakes.push(Wake::Answer(exchange.task, answer));
    }

    fn exemplar(
        &self,
        step: String,
        finished: &Finished<'_>,
        exchange: &Exchange,
        message: Option<&str>,
        content: &Content,
    ) -> Exemplar {
        let times = finished.times;
        let origins = self.shared.origins.borrow();
        let trace = exchange.trace.as_deref();
        let (method, target) = (exchange.request.method(), exchange.request.target());
        let body = &content.bytes[content.head_len..];
        let body = &body[..body.len().min(EXEMPLAR_BODY_BYTES)];
        Exemplar {
            step,
            outcome: finished.outcome.name(),
            status: finished.status,
            method: method.to_owned(),
            url: format!("{}{target}", origins.origin(exchange.request.origin)),
            intended_ns: times.intended_ns.saturating_sub(self.schedule.origin_ns()),
            response_ns: times.response_ns(),
            service_ns: times.service_ns().unwrap_or(0),
            phases_ns: times.phases().map(|(m, ns)| (MEASURES[m as usize], ns)).collect(),
            message: message.unwrap_or_default().to_owned(),
            body_head: String::from_utf8_lossy(body).into_owned(),
            user: self.schedule.global_number(exchange.user),
            iteration: self.schedule.iteration(exchange.user),
            trace_id: trace.and_then(TraceContext::sampled_trace_id).unwrap_or_default(),
        }
    }

    /// Gives up the requests of the cancelled tasks, in one walk: at a stop that may be all users'.
    pub(super) fn cancel(&mut self) {
        let cancelled = std::mem::take(&mut self.cancelled);
        let given_up = |(key, exchange): (Key, &Exchange)| {
            cancelled.contains(&exchange.task).then_some((key, exchange.connection))
        };
        let found: Vec<_> = self.exchanges.iter().filter_map(given_up).collect();
        // All of them first: a connection that closes makes room for the next in the queue.
        for (key, _) in &found {
            self.exchanges.remove(*key);
        }
        self.shared.recorder.borrow_mut().requests_interrupted += found.len() as u64;
        for connection in found.into_iter().filter_map(|(_, connection)| connection) {
            self.close(connection);
        }
    }
}

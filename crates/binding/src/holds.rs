//! Scenario code that holds the loop, caught in the act.
//!
//! While one user's code runs, no other user is served: a `time.sleep` or a slow parse makes every
//! answer look late. A watching thread wakes every few milliseconds; when the same code has run for
//! longer than `LONG_NS`, it takes the GIL as soon as it can and asks Python where the reactor's
//! thread is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use perfwright_kernel::clock::monotonic_ns;
use pyo3::prelude::*;

pub const LONG_NS: u64 = 10_000_000;
const LOOK_EVERY: Duration = Duration::from_millis(4);

type Place = (String, u32);

#[derive(Default)]
struct Seen {
    /// When the user code now running began; 0 when none runs.
    since_ns: AtomicU64,
    over: AtomicBool,
    /// Where it was, and which start that belongs to.
    place: Mutex<Option<(u64, Place)>>,
}

#[derive(Clone, Copy, Default)]
pub struct Hold {
    pub count: u64,
    pub total_ns: u64,
    pub longest_ns: u64,
}

/// Watches the thread that made it.
pub struct HoldWatch {
    seen: Arc<Seen>,
    watcher: Option<JoinHandle<()>>,
    held: HashMap<Place, Hold>,
}

impl HoldWatch {
    /// `locate(thread_id) -> (file, line)` is called with the GIL, from the watching thread.
    pub fn start(locate: Py<PyAny>, thread_id: u64) -> HoldWatch {
        let seen = Arc::new(Seen::default());
        let watched = Arc::clone(&seen);
        let watcher = std::thread::spawn(move || watch(&watched, &locate, thread_id));
        HoldWatch { seen, watcher: Some(watcher), held: HashMap::new() }
    }

    /// User code begins at `now_ns`.
    #[inline]
    pub fn enter(&self, now_ns: u64) {
        self.seen.since_ns.store(now_ns, Ordering::Relaxed);
    }

    /// All user code of this batch has returned.
    #[inline]
    pub fn idle(&self) {
        self.seen.since_ns.store(0, Ordering::Relaxed);
    }

    /// User code that began at `since_ns` has returned at `now_ns`; `fallback` is where it stands
    /// now.
    #[inline]
    pub fn leave(&mut self, since_ns: u64, now_ns: u64, fallback: impl FnOnce() -> Place) {
        if now_ns - since_ns >= LONG_NS {
            self.note(since_ns, now_ns - since_ns, fallback);
        }
    }

    #[cold]
    fn note(&mut self, since_ns: u64, held_ns: u64, fallback: impl FnOnce() -> Place) {
        let caught = self.seen.place.lock().ok().and_then(|mut place| place.take());
        let place = match caught {
            Some((since, place)) if since == since_ns => place,
            _ => fallback(),
        };
        let hold = self.held.entry(place).or_default();
        hold.count += 1;
        hold.total_ns += held_ns;
        hold.longest_ns = hold.longest_ns.max(held_ns);
    }

    /// Every hold since the last call.
    pub fn take(&mut self) -> Vec<(Place, Hold)> {
        self.held.drain().collect()
    }

    /// Ends the watching thread; the GIL must not be held, for that thread may wait for it.
    pub fn stop(&mut self) {
        self.seen.over.store(true, Ordering::Relaxed);
        if let Some(watcher) = self.watcher.take() {
            // It has nothing to tell, not even how it ended.
            let _ = watcher.join();
        }
    }
}

fn watch(seen: &Seen, locate: &Py<PyAny>, thread_id: u64) {
    let mut looked_at_ns = 0;
    while !seen.over.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK_EVERY);
        let since_ns = seen.since_ns.load(Ordering::Relaxed);
        let long = since_ns != 0 && monotonic_ns().saturating_sub(since_ns) >= LONG_NS;
        if !long || since_ns == looked_at_ns {
            continue;
        }
        looked_at_ns = since_ns;
        let place = Python::attach(|py| locate.call1(py, (thread_id,))?.extract::<Place>(py));
        if let (Ok(place), Ok(mut found)) = (place, seen.place.lock()) {
            *found = Some((since_ns, place));
        }
    }
}

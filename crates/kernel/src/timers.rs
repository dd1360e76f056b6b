//! Timers: what falls due when, earliest first; first in, first out among equal dues.
//!
//! A binary heap of `(due_ns, sequence, item)`: O(log n) to push and to pop, 24 bytes an entry
//! when the item is a u64 token, so a million sleeping users cost 24 MB. There is no cancellation:
//! an owner that no longer cares ignores the item when it comes, which is cheaper than finding it.
//!
//! Times are on the caller's clock; the heap reads none. Nothing here fails.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

struct Entry<T> {
    due_ns: u64,
    sequence: u64,
    item: T,
}

impl<T> Entry<T> {
    fn key(&self) -> (u64, u64) {
        (self.due_ns, self.sequence)
    }
}

/// The greatest of a `BinaryHeap` comes first, so the order is turned round: earliest is greatest.
impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Entry<T> {}

/// Items waiting for their time.
pub struct Timers<T> {
    heap: BinaryHeap<Entry<T>>,
    pushed: u64,
}

impl<T> Timers<T> {
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), pushed: 0 }
    }

    /// Adds an item that falls due at `due_ns`; a time already passed is due at once.
    pub fn push(&mut self, due_ns: u64, item: T) {
        self.heap.push(Entry { due_ns, sequence: self.pushed, item });
        self.pushed += 1;
    }

    /// When the earliest item falls due.
    pub fn next_due(&self) -> Option<u64> {
        self.heap.peek().map(|entry| entry.due_ns)
    }

    /// Takes the earliest item if it is due by `now_ns`, with the time it was due.
    pub fn pop_due(&mut self, now_ns: u64) -> Option<(u64, T)> {
        if self.next_due()? > now_ns {
            return None;
        }
        self.heap.pop().map(|entry| (entry.due_ns, entry.item))
    }

    pub fn len(&self) -> usize {
        self.heap.len()
    }

    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drain(timers: &mut Timers<u64>, now_ns: u64) -> Vec<(u64, u64)> {
        std::iter::from_fn(|| timers.pop_due(now_ns)).collect()
    }

    #[test]
    fn an_entry_with_a_token_costs_24_bytes() {
        assert_eq!(size_of::<Entry<u64>>(), 24);
    }

    #[test]
    fn nothing_comes_before_its_time() {
        let mut timers = Timers::new();
        timers.push(100, 1_u64);
        assert_eq!(timers.pop_due(99), None);
        assert_eq!(timers.pop_due(100), Some((100, 1)));
        assert!(timers.is_empty());
        assert_eq!(timers.next_due(), None);
    }

    #[test]
    fn equal_dues_come_in_the_order_they_were_pushed() {
        let mut timers = Timers::new();
        (0..50_u64).for_each(|item| timers.push(7, item));
        let items: Vec<u64> = drain(&mut timers, 7).into_iter().map(|(_, item)| item).collect();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }

    #[derive(Clone, Debug)]
    enum Action {
        Push(u64),
        PopDue(u64),
    }

    fn actions() -> impl Strategy<Value = Vec<Action>> {
        let action =
            prop_oneof![(0..40_u64).prop_map(Action::Push), (0..40_u64).prop_map(Action::PopDue),];
        proptest::collection::vec(action, 0..200)
    }

    proptest! {
        /// The oracle is a Vec kept stably sorted by due time.
        #[test]
        fn agrees_with_a_sorted_vec(actions in actions()) {
            let mut timers = Timers::new();
            let mut oracle: Vec<(u64, u64)> = Vec::new();
            for (item, action) in (0_u64..).zip(actions) {
                match action {
                    Action::Push(due_ns) => {
                        timers.push(due_ns, item);
                        oracle.push((due_ns, item));
                        oracle.sort_by_key(|&(due_ns, _)| due_ns);
                    }
                    Action::PopDue(now_ns) => {
                        let due = oracle.partition_point(|&(due_ns, _)| due_ns <= now_ns);
                        let expected: Vec<_> = oracle.drain(..due).collect();
                        prop_assert_eq!(drain(&mut timers, now_ns), expected);
                    }
                }
                prop_assert_eq!(timers.len(), oracle.len());
                prop_assert_eq!(timers.next_due(), oracle.first().map(|&(due_ns, _)| due_ns));
            }
        }
    }
}

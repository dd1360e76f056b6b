//! The coroutines under way, and what each waits for.
//!
//! A strand is one coroutine of a user: the scenario's own, and one more for each awaitable it
//! gathers. What a strand waits for has a ticket; a wake with another ticket comes too late and is
//! ignored.

use perfwright_kernel::driver::Task;
use perfwright_kernel::recorder::StepId;
use perfwright_kernel::schedule::UserId;
use pyo3::prelude::*;

use crate::context::Context;
use crate::session::Current;

/// The strand that gathers this one, and its place in the result.
#[derive(Clone, Copy)]
pub struct Parent {
    pub strand: u32,
    pub position: usize,
}

/// What a gathering strand has so far.
pub struct Gathering {
    pub children: Vec<u32>,
    pub results: Vec<Option<Py<PyAny>>>,
    pub missing: usize,
    pub error: Option<PyErr>,
}

/// A foreign call under way.
pub struct Call {
    pub future: Py<PyAny>,
    pub step: StepId,
    pub intended_ns: u64,
    pub start_ns: u64,
}

pub struct Strand {
    pub coroutine: Py<PyAny>,
    pub context: Context,
    pub user: UserId,
    pub parent: Option<Parent>,
    pub ticket: u32,
    pub current: Current,
    pub eligible_ns: u64,
    pub gathering: Option<Box<Gathering>>,
    pub call: Option<Box<Call>>,
}

#[derive(Default)]
pub struct Strands {
    places: Vec<Option<Strand>>,
    free: Vec<u32>,
    tickets: u32,
}

impl Strands {
    pub fn insert(&mut self, strand: Strand) -> u32 {
        match self.free.pop() {
            Some(index) => {
                self.places[index as usize] = Some(strand);
                index
            }
            None => {
                self.places.push(Some(strand));
                (self.places.len() - 1) as u32
            }
        }
    }

    pub fn get(&mut self, index: u32) -> Option<&mut Strand> {
        self.places.get_mut(index as usize)?.as_mut()
    }

    /// The strand that gathers this one.
    pub fn parent(&mut self, index: u32) -> Option<u32> {
        Some(self.get(index)?.parent?.strand)
    }

    /// The strand, if it still waits for this.
    pub fn awaited(&mut self, task: Task) -> Option<&mut Strand> {
        self.get(task.index).filter(|strand| strand.ticket == task.generation)
    }

    /// The strand waits for something new.
    pub fn ticket(&mut self, index: u32) -> Task {
        self.tickets = self.tickets.wrapping_add(1);
        let ticket = self.tickets;
        if let Some(strand) = self.get(index) {
            strand.ticket = ticket;
        }
        Task { index, generation: ticket }
    }

    pub fn remove(&mut self, index: u32) -> Option<Strand> {
        let strand = self.places.get_mut(index as usize)?.take();
        if strand.is_some() {
            self.free.push(index);
        }
        strand
    }
}

//! One load shape with the scenarios it drives, and who of its users runs, idles or waits.

use std::collections::VecDeque;

use super::UserId;
use crate::arrivals::{Arrivals, Process};
use crate::rng;
use crate::shape::{Segment, Shape, ShapeError};

#[derive(Clone)]
pub enum Model {
    Closed,
    Open(Process),
}

/// A load shape and the scenarios it drives, with their weights.
#[derive(Clone)]
pub struct GroupPlan {
    pub model: Model,
    pub segments: Vec<Segment>,
    pub scenarios: Vec<(u16, f64)>,
}

/// This worker's place among all.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    pub worker: u64,
    pub workers: u64,
}

impl Share {
    pub fn global(self, local: usize) -> u64 {
        self.worker + local as u64 * self.workers
    }
}

pub enum Flow {
    /// `members[..started]` are meant to run now; any idle member stands at or after `started`.
    Closed {
        shape: Shape,
        members: Vec<UserId>,
        started: usize,
        next_ns: Option<u64>,
    },
    Open {
        arrivals: Arrivals,
        idle: Vec<UserId>,
        waiting: VecDeque<(u64, u64)>,
        made: u32,
    },
}

pub struct Group {
    pub flow: Flow,
    scenarios: Vec<(u16, f64)>,
    weight: f64,
    seed: u64,
}

impl Group {
    pub fn new(plan: GroupPlan, seed: u64, share: Share) -> Result<Group, ShapeError> {
        let shape = Shape::new(plan.segments)?;
        let flow = match plan.model {
            Model::Closed => {
                let next_ns = shape.first_above(share.worker as f64, 0);
                Flow::Closed { shape, members: Vec::new(), started: 0, next_ns }
            }
            Model::Open(process) => Flow::Open {
                arrivals: Arrivals::new(shape, process, seed, share.worker, share.workers),
                idle: Vec::new(),
                waiting: VecDeque::new(),
                made: 0,
            },
        };
        let weight = plan.scenarios.iter().map(|(_, weight)| weight).sum();
        Ok(Group { flow, scenarios: plan.scenarios, weight, seed })
    }

    /// When its next user or arrival is due (ns since the origin).
    pub fn next_ns(&self) -> Option<u64> {
        match &self.flow {
            Flow::Closed { next_ns, .. } => *next_ns,
            Flow::Open { arrivals, .. } => arrivals.next_ns(),
        }
    }

    /// Arrivals that wait for a user.
    pub fn waiting(&self) -> u64 {
        match &self.flow {
            Flow::Closed { .. } => 0,
            Flow::Open { waiting, .. } => waiting.len() as u64,
        }
    }

    /// Whoever waits goes away.
    pub fn dismiss_waiting(&mut self) {
        if let Flow::Open { waiting, .. } = &mut self.flow {
            waiting.clear();
        }
    }

    /// From `at_ns` on it follows `segments`.
    pub fn replace_from(
        &mut self,
        at_ns: u64,
        segments: Vec<Segment>,
        share: Share,
    ) -> Result<(), ShapeError> {
        match &mut self.flow {
            Flow::Open { arrivals, .. } => arrivals.replace_from(at_ns, segments),
            Flow::Closed { shape, started, next_ns, .. } => {
                shape.replace_from(at_ns, segments)?;
                *next_ns = shape.first_above(share.global(*started) as f64, at_ns);
                Ok(())
            }
        }
    }

    pub fn shape(&self) -> &Shape {
        match &self.flow {
            Flow::Closed { shape, .. } => shape,
            Flow::Open { arrivals, .. } => arrivals.shape(),
        }
    }

    /// The scenario of iteration `a`/`b`: the same whichever worker asks.
    pub fn pick(&self, a: u64, b: u64) -> u16 {
        let mut left = rng::unit_float(rng::derive(self.seed, a, b)) * self.weight;
        for (scenario, weight) in &self.scenarios {
            left -= weight;
            if left < 0.0 {
                return *scenario;
            }
        }
        self.scenarios[self.scenarios.len() - 1].0
    }
}

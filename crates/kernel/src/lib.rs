//! The load kernel: one reactor, any driver. Knows no Python.

pub mod clock;
pub mod poller;
pub mod timers;

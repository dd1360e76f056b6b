//! The load kernel: one reactor, any driver. Knows no Python.

pub mod clock;
pub mod http1;
pub mod poller;
pub mod redirect;
pub mod timers;
pub mod url;

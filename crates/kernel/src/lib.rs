//! The load kernel: one reactor, any driver. Knows no Python.

pub mod clock;
pub mod cookies;
pub mod decode;
#[doc(hidden)]
pub mod fuzzing;
pub mod http1;
pub mod poller;
pub mod redirect;
pub mod step_name;
pub mod timers;
pub mod url;

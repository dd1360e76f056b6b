//! The load kernel: one reactor, any driver. Knows no Python.

pub mod arrivals;
pub mod clock;
pub mod connection;
pub mod cookies;
pub mod decode;
pub mod driver;
pub mod exchange;
pub mod fast_hash;
#[doc(hidden)]
pub mod fuzzing;
pub mod histogram;
pub mod http1;
pub mod jars;
pub mod native;
pub mod origins;
pub mod outcome;
pub mod poller;
#[cfg(target_os = "linux")]
pub mod promptness;
pub mod reactor;
pub mod recorder;
pub mod redirect;
pub mod request;
pub mod resolver;
pub mod rng;
pub mod schedule;
pub mod settings;
pub mod shape;
pub mod slab;
pub mod socket;
pub mod step_name;
pub mod tally;
pub mod timers;
pub mod tls;
pub mod transport;
pub mod url;

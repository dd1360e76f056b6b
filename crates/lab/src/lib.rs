//! The calibration server: an HTTP/1.1 server whose behaviour is known, so that what a load test
//! reports can be held against the truth. One thread, less CPU per request than nginx's
//! `return 200`; answers that are held back leave a microsecond late in the median, and `/count`
//! tells how late they really were.
//!
//! ```text
//! socket ──► peer ──► connection ──► request, upload ──► routes ──► honest | faults ──► answer
//!   ▲                     │                                                              │
//!   └───── bytes ◄────────┴───── body, at its time (delay, stall, drip) ◄────────────────┘
//! ```
//!
//! `server` and `peer` move bytes; the rest is a state machine over bytes and times, tested
//! without a socket. A request's time is the instant its last byte was read, and its answer falls
//! due at an absolute instant counted from there. `routes` lists what can be asked for.

mod answer;
mod body;
mod buffer;
mod connection;
mod faults;
mod honest;
mod json;
mod lateness;
mod peer;
mod query;
mod request;
mod routes;
mod server;
mod slab;
mod stall;
mod tally;
mod upload;

pub use server::serve;

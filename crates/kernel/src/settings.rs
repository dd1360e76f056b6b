//! How a worker's kernel talks to the system under test.

use std::net::IpAddr;

use crate::tls::TlsOptions;
use crate::url::Origin;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Each user keeps its own connections, as a browser does.
    PerUser,
    /// All users draw from one pool, as the client of a service does.
    Shared,
    /// A fresh connection for each request.
    New,
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub reuse: Reuse,
    pub connect_timeout_ns: u64,
    /// From sent to first byte.
    pub response_timeout_ns: u64,
    pub total_timeout_ns: u64,
    /// How long iterations may still finish after the time is up, then how long `finally` blocks
    /// may take.
    pub grace_ns: u64,
    pub cleanup_ns: u64,
    /// Bytes of a body that are kept; the rest is counted.
    pub keep_limit: usize,
    pub max_redirects: u8,
    pub tls: TlsOptions,
    pub resolve: Vec<(String, u16, IpAddr)>,
    pub proxy: Option<Origin>,
}

//! How a worker's kernel talks to the system under test.

use std::net::IpAddr;

use crate::guard::Guard;
use crate::tls::TlsOptions;
use crate::trace_context::TraceContexts;
use crate::url::{self, Origin};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Each user keeps its own connections, as a browser does.
    PerUser,
    /// All users draw from one pool, as the client of a service does.
    Shared,
    /// A fresh connection for each request.
    New,
}

/// An HTTP proxy, spoken to without TLS.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub origin: Origin,
    /// The value of Proxy-Authorization.
    pub authorization: Option<String>,
}

impl Proxy {
    /// Reads `http://[user:password@]host:port`.
    pub fn parse(text: &str) -> Result<Proxy, String> {
        let (origin, _) = url::parse(text).map_err(|error| format!("proxy: {error}"))?;
        if origin.is_https() {
            let to = origin.host_and_port();
            return Err(format!(
                "proxy: {text:?} would be spoken to in TLS, which is not built: write http://{to}"
            ));
        }
        let authorization = url::basic_auth(text);
        Ok(Proxy { origin, authorization })
    }

    /// The header line that says who we are; empty where nobody asked.
    pub fn credentials(&self) -> String {
        let line = |value| format!("Proxy-Authorization: {value}\r\n");
        self.authorization.as_ref().map_or(String::new(), line)
    }
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
    pub proxy: Option<Proxy>,
    /// Which public hosts may be asked; behind a proxy that is the proxy's to say.
    pub guard: Guard,
    /// Gives each request its `traceparent`; None: no request carries one.
    pub traces: Option<TraceContexts>,
}

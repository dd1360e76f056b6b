//! Names to addresses: once per name and run, never on the reactor's thread.
//!
//! `getaddrinfo` blocks, so each new name gets a short-lived thread that wakes the poller when it
//! is done. `--resolve host:port:addr` and literal addresses need no look-up. A failure is not
//! cached: the next request asks again.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::poller::Waker;

type Found = (String, u16, Result<Vec<SocketAddr>, String>);

pub enum Lookup {
    Known(Rc<[SocketAddr]>),
    /// Ask again after `finished` has named it.
    Pending,
}

/// A finished look-up: the name, the port and why it failed, if it did.
pub struct Resolved {
    pub host: String,
    pub port: u16,
    pub failure: Option<String>,
}

pub struct Resolver {
    known: HashMap<(String, u16), Rc<[SocketAddr]>>,
    pending: Vec<(String, u16)>,
    results: Receiver<Found>,
    sender: Sender<Found>,
    waker: Waker,
}

impl Resolver {
    /// `fixed`: host, port and the address to use instead of looking it up.
    pub fn new(waker: Waker, fixed: Vec<(String, u16, IpAddr)>) -> Resolver {
        let (sender, results) = channel();
        let known = fixed
            .into_iter()
            .map(|(host, port, address)| ((host, port), Rc::from([SocketAddr::new(address, port)])))
            .collect();
        Resolver { known, pending: Vec::new(), results, sender, waker }
    }

    pub fn look_up(&mut self, host: &str, port: u16) -> Lookup {
        let key = (host.to_owned(), port);
        if let Some(addresses) = self.known.get(&key) {
            return Lookup::Known(Rc::clone(addresses));
        }
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            let addresses: Rc<[SocketAddr]> = Rc::from([SocketAddr::new(address, port)]);
            self.known.insert(key, Rc::clone(&addresses));
            return Lookup::Known(addresses);
        }
        if !self.pending.contains(&key) {
            self.pending.push(key);
            let (host, sender, waker) = (host.to_owned(), self.sender.clone(), self.waker.clone());
            std::thread::spawn(move || {
                let found = (host.as_str(), port).to_socket_addrs();
                let found = found.map(Iterator::collect).map_err(|error| error.to_string());
                // The receiver is gone only when the run is over.
                let _ = sender.send((host, port, found));
                waker.wake();
            });
        }
        Lookup::Pending
    }

    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// Look-ups that ended since the last call.
    pub fn finished(&mut self) -> Vec<Resolved> {
        let found: Vec<Found> = self.results.try_iter().collect();
        found.into_iter().map(|found| self.keep(found)).collect()
    }

    fn keep(&mut self, (host, port, found): Found) -> Resolved {
        self.pending.retain(|(name, at)| *name != host || *at != port);
        let failure = match found {
            Ok(addresses) if !addresses.is_empty() => {
                self.known.insert((host.clone(), port), addresses.into());
                None
            }
            Ok(_) => Some(format!("{host} has no address")),
            Err(reason) => Some(format!("{host} does not resolve: {reason}")),
        };
        Resolved { host, port, failure }
    }
}

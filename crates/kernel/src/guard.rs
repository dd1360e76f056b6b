//! Nobody loads what they don't own: public addresses must be allowed by name.
//!
//! The target was checked before the run; this holds wherever scenarios and redirects lead. Public
//! means globally reachable by IANA's special-purpose registries (RFC 6890), or multicast.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const LOCAL_SUFFIXES: [&str; 3] = [".localhost", ".internal", ".local"];

#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: HashSet<String>,
}

impl Guard {
    /// `allowed`: public hosts that may be loaded.
    pub fn new(allowed: impl IntoIterator<Item = String>) -> Guard {
        Guard { allowed: allowed.into_iter().collect() }
    }

    /// Why the host may not be asked, if it may not.
    pub fn refusal(&self, host: &str, addresses: &[SocketAddr]) -> Option<String> {
        let public = addresses.iter().map(SocketAddr::ip).find(|address| is_public(*address))?;
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        if self.allowed.contains(&host) || LOCAL_SUFFIXES.iter().any(|end| host.ends_with(end)) {
            return None;
        }
        Some(format!(
            "{host} is a public address ({public}); if it is yours to load, add \
             --allow-target {host}"
        ))
    }
}

pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => {
            address.to_ipv4_mapped().map_or_else(|| is_public_v6(address), is_public_v4)
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && b & 0xc0 == 64; // RFC 6598
    let assignments = (a, b, c) == (192, 0, 0); // RFC 6890
    let benchmarking = a == 198 && b & 0xfe == 18; // RFC 2544
    let reserved = a >= 240; // RFC 1112
    !(a == 0
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || shared
        || assignments
        || benchmarking
        || reserved)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, ..] = address.segments();
    let discard = (a, b, c, d) == (0x100, 0, 0, 0); // RFC 6666
    let assignments = a == 0x2001 && b < 0x200; // RFC 2928
    let documentation = (a, b) == (0x2001, 0xdb8); // RFC 3849
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || discard
        || assignments
        || documentation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> [SocketAddr; 1] {
        [SocketAddr::new(address.parse().unwrap(), 80)]
    }

    #[test]
    fn a_public_host_is_refused_unless_it_is_allowed() {
        let guard = Guard::new(["shop.example".to_owned()]);
        let refused = guard.refusal("Idp.Example.", &at("8.8.8.8")).unwrap();
        assert!(refused.starts_with("idp.example is a public address (8.8.8.8)"), "{refused}");
        assert_eq!(guard.refusal("shop.example", &at("8.8.8.8")), None);
        assert_eq!(guard.refusal("db.internal", &at("8.8.8.8")), None);
        assert_eq!(guard.refusal("idp.example", &at("10.0.0.7")), None);
        assert!(guard.refusal("[2606:4700::1111]", &at("2606:4700::1111")).is_some());
    }

    #[test]
    fn special_purpose_addresses_are_not_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "172.31.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.9",
            "198.19.0.1",
            "203.0.113.9",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fd00::1",
            "fe80::1",
            "2001:db8::1",
            "2001::1",
            "100::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "8.8.8.8",
            "100.128.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "224.0.1.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "2001:200::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}

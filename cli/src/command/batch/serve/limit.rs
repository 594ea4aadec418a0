//! How often each caller may ask.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use hyper::HeaderMap;

const MINUTE: Duration = Duration::from_secs(60);
/// Askers that are remembered; who has not asked for a minute is forgotten first.
const MAX_ASKERS: usize = 10_000;
/// What an IPv6 subscriber is given: its other 64 bits are its own to choose.
const SUBSCRIBER: u128 = !0 << 64;

/// Who asks: the address that the proxy has seen. Whoever comes without a proxy is of this machine, and all of them count as one.
///
/// The proxy adds the address it has seen after whatever the caller has written there.
pub fn asker(headers: &HeaderMap) -> Option<IpAddr> {
    let seen = headers.get_all("x-forwarded-for").iter().next_back()?;
    let last = seen.to_str().ok()?.rsplit(',').next()?.trim();
    let with_port = || last.parse().map(|address: SocketAddr| address.ip());
    let address = last.parse().or_else(|_| with_port()).ok()?;
    Some(match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(long) => match long.to_ipv4_mapped() {
            Some(short) => short.into(),
            None => Ipv6Addr::from(u128::from(long) & SUBSCRIBER).into(),
        },
    })
}

/// How often each address has asked in its present minute.
pub struct Limit {
    per_minute: u32,
    askers: HashMap<Option<IpAddr>, (Instant, u32)>,
}

impl Limit {
    /// So many requests a minute.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            askers: HashMap::new(),
        }
    }

    /// Counts a request. Returns whether it may be answered.
    pub fn admits(&mut self, asker: Option<IpAddr>, now: Instant) -> bool {
        let is_over = |since: Instant| now.saturating_duration_since(since) >= MINUTE;
        if self.askers.len() >= MAX_ASKERS {
            self.askers.retain(|_, (since, _)| !is_over(*since));
        }
        // More at once than can be remembered are an attack: nobody new comes in.
        if self.askers.len() >= MAX_ASKERS && !self.askers.contains_key(&asker) {
            return false;
        }
        let (since, count) = self.askers.entry(asker).or_insert((now, 0));
        if is_over(*since) {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.per_minute
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn nobody_asks_more_often_than_allowed() {
        let mut limit = Limit::new(2);
        let (one, other) = (Some([10, 0, 0, 1].into()), Some([10, 0, 0, 2].into()));
        let now = Instant::now();
        assert_eq!(
            [1, 2, 3].map(|_| limit.admits(one, now)),
            [true, true, false]
        );
        assert!(limit.admits(other, now), "each has a limit of its own");
        assert!(!limit.admits(one, now + Duration::from_secs(59)));
        assert!(limit.admits(one, now + MINUTE));
    }

    #[test]
    fn a_crowd_does_not_fill_the_memory() {
        let mut limit = Limit::new(1);
        let now = Instant::now();
        for number in 0..u32::try_from(MAX_ASKERS).expect("small") {
            assert!(limit.admits(Some(number.to_be_bytes().into()), now));
        }
        let late = Some([255, 0, 0, 1].into());
        assert!(!limit.admits(late, now));
        assert!(limit.admits(late, now + MINUTE));
    }

    #[test]
    fn who_asks_is_what_the_proxy_adds_last() {
        let seen = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            asker(&headers).map(|address| address.to_string())
        };
        assert_eq!(seen(&[]), None);
        for (lines, expected) in [
            (vec!["192.0.2.1"], "192.0.2.1"),
            (vec!["198.51.100.7, 192.0.2.1"], "192.0.2.1"),
            (vec!["198.51.100.7", "192.0.2.1"], "192.0.2.1"),
            (vec!["192.0.2.1:40312"], "192.0.2.1"),
            (vec!["[2001:db8:1:2:3::4]:40312"], "2001:db8:1:2::"),
            (vec!["2001:db8:1:2:ffff::"], "2001:db8:1:2::"),
            (vec!["::ffff:192.0.2.1"], "192.0.2.1"),
        ] {
            assert_eq!(seen(&lines).as_deref(), Some(expected), "{lines:?}");
        }
        for unreadable in ["", "unknown", "192.0.2.1,", "192.0.2"] {
            assert_eq!(seen(&[unreadable]), None, "{unreadable}");
        }
    }
}

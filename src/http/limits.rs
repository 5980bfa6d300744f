//! How often one caller may ask. Money is never limited: neither the provider's notifications nor
//! the probes pass here.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::problem::{Kind, Problem};

/// The most callers that are remembered; beyond that, those who have kept quiet are forgotten.
const MOST: usize = 10_000;

/// How many requests may come at once, and how fast more may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    burst: u32,
    every: Duration,
}

/// Whoever has the token, from wherever: 400 at once, 200 a second.
const TOKEN: Pace = Pace { burst: 400, every: Duration::from_millis(5) };
/// One address with the token: 200 at once, 100 a second.
const ADDRESS: Pace = Pace { burst: 200, every: Duration::from_millis(10) };
/// One address without the token: 30 at once, two a second.
const STRANGER: Pace = Pace { burst: 30, every: Duration::from_millis(500) };
/// One address at the payer's page: 60 at once, two a second. A page that waits for its payment
/// looks again every few seconds, and many phones may share an address.
const PAYER: Pace = Pace { burst: 60, every: Duration::from_millis(500) };

/// What is remembered of callers.
#[derive(Debug)]
pub(super) struct Limits {
    token: Buckets<()>,
    addresses: Buckets<IpAddr>,
    strangers: Buckets<IpAddr>,
    payers: Buckets<IpAddr>,
}

impl Limits {
    pub(super) fn new() -> Self {
        Self {
            token: Buckets::new(TOKEN),
            addresses: Buckets::new(ADDRESS),
            strangers: Buckets::new(STRANGER),
            payers: Buckets::new(PAYER),
        }
    }

    /// Lets a request in that carries the token, or says when to come back. The host itself is
    /// not limited: whoever is there can do worse than ask often.
    pub(super) fn admit(&self, caller: IpAddr) -> Result<(), Problem> {
        if is_own(caller) {
            return Ok(());
        }
        let now = Instant::now();
        self.addresses.take(neighbourhood(caller), now).map_err(too_many)?;
        self.token.take((), now).map_err(too_many)
    }

    /// Lets a request in that carries no token, or says when to come back. It takes nothing from
    /// those who have the token, at the same address or another.
    pub(super) fn admit_stranger(&self, caller: IpAddr) -> Result<(), Problem> {
        if is_own(caller) {
            return Ok(());
        }
        self.strangers.take(neighbourhood(caller), Instant::now()).map_err(too_many)
    }

    /// Lets a payer look at the page, or says how long to wait. It takes nothing from the API.
    pub(super) fn admit_payer(&self, caller: IpAddr) -> Result<(), Duration> {
        if is_own(caller) {
            return Ok(());
        }
        self.payers.take(neighbourhood(caller), Instant::now())
    }
}

fn too_many(pause: Duration) -> Problem {
    Problem::new(Kind::TooMany).retry_after(pause)
}

fn is_own(caller: IpAddr) -> bool {
    caller.to_canonical().is_loopback()
}

/// Whoever has one address of version 6 has 2^64 of them.
pub(super) fn neighbourhood(caller: IpAddr) -> IpAddr {
    match caller.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// One bucket for each key, that fills again as time goes by. What is remembered of a key is when
/// its bucket will be full.
#[derive(Debug)]
struct Buckets<K> {
    pace: Pace,
    full_at: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(pace: Pace) -> Self {
        Self { pace, full_at: Mutex::new(HashMap::new()) }
    }

    /// Takes from the bucket, or says when there will be something in it again.
    fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, full_at| *full_at > now);
        }
        if all.len() >= MOST {
            all.clear(); // Too many callers at once to tell them apart; memory comes first.
        }
        let full_at = all.entry(key).or_insert(now);
        let after = (*full_at).max(now) + self.pace.every;
        let room_at = after.checked_sub(self.pace.every * self.pace.burst).unwrap_or(now);
        if room_at > now {
            return Err(room_at - now);
        }
        *full_at = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { burst: 3, every: Duration::from_secs(2) };

    #[tokio::test(start_paused = true)]
    async fn a_bucket_empties_and_fills_again() {
        let buckets = Buckets::new(PACE);
        let take = |key| buckets.take(key, Instant::now());
        for _ in 0..3 {
            take(1).unwrap();
        }
        let pause = Duration::from_secs(2);
        assert_eq!(take(1), Err(pause));
        take(2).unwrap();
        tokio::time::advance(Duration::from_millis(1500)).await;
        let pause = Duration::from_millis(500);
        assert_eq!(take(1), Err(pause));
        tokio::time::advance(pause).await;
        take(1).unwrap();
        assert!(take(1).is_err());
        tokio::time::advance(Duration::from_mins(1)).await;
        for _ in 0..3 {
            take(1).unwrap();
        }
        assert!(take(1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn callers_beyond_number_take_no_memory() {
        let buckets = Buckets::new(PACE);
        for key in 0..3 * MOST {
            buckets.take(key, Instant::now()).unwrap();
        }
        assert!(buckets.full_at.lock().unwrap().len() <= MOST);
    }

    #[test]
    fn the_host_is_not_limited_and_neighbours_share() {
        let limits = Limits::new();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        for own in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            for _ in 0..100 {
                limits.admit_stranger(address(own)).unwrap();
            }
        }
        for host in 0..STRANGER.burst {
            limits.admit_stranger(address(&format!("2001:db8::{host:x}"))).unwrap();
        }
        assert!(limits.admit_stranger(address("2001:db8::ffff")).is_err());
        assert!(limits.admit_stranger(address("2001:db8:0:1::1")).is_ok());
        assert!(limits.admit(address("2001:db8::1")).is_ok());
    }
}

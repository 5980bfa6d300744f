//! How often one caller may ask. Money is never limited: the provider's notifications do not pass
//! here.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;

use super::Shared;
use super::address::is_among;
use super::problem::{Kind, Problem};
use crate::config::Config;
use crate::domain::network::Network;

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

/// What a caller asks for; each has buckets of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The API, with the token: 200 at once, 100 a second.
    Keyed,
    /// The API without the token, the documents, and notifications from nowhere: 30 at once, two
    /// a second.
    Stranger,
    /// The payer's page: 60 at once, two a second. A page that waits for its payment looks again
    /// every few seconds, and many phones may share an address.
    Payer,
    /// The probes: 60 at once, ten a second.
    Probe,
    /// What is not there, and the way to HTTPS: 60 at once, five a second.
    Lost,
}

impl Class {
    const ALL: [Self; 5] = [Self::Keyed, Self::Stranger, Self::Payer, Self::Probe, Self::Lost];

    const fn pace(self) -> Pace {
        let (burst, every_ms) = match self {
            Self::Keyed => (200, 10),
            Self::Stranger => (30, 500),
            Self::Payer => (60, 500),
            Self::Probe => (60, 100),
            Self::Lost => (60, 200),
        };
        Pace { burst, every: Duration::from_millis(every_ms) }
    }
}

/// What is remembered of callers.
#[derive(Debug)]
pub(super) struct Limits {
    token: Buckets<()>,
    addresses: [Buckets<IpAddr>; Class::ALL.len()],
    exempt: Vec<Network>,
}

impl Limits {
    /// Makes limits for all but the host itself, its trusted proxies (whoever they speak for is
    /// limited in their place) and the provider that brings news of money.
    pub(super) fn new(config: &Config) -> Self {
        Self::sparing(trusted(config))
    }

    /// Makes limits for all but the host itself and `exempt`.
    pub(super) fn sparing(exempt: Vec<Network>) -> Self {
        let addresses = Class::ALL.map(|class| Buckets::new(class.pace()));
        Self { token: Buckets::new(TOKEN), addresses, exempt }
    }

    /// Lets a request in, or says when to come back. What one class takes, it takes from no other.
    pub(super) fn admit(&self, class: Class, caller: IpAddr) -> Result<(), Duration> {
        if self.is_exempt(caller) {
            return Ok(());
        }
        let now = Instant::now();
        self.addresses[class as usize].take(neighbourhood(caller), now)?;
        if class == Class::Keyed { self.token.take((), now) } else { Ok(()) }
    }

    fn is_exempt(&self, caller: IpAddr) -> bool {
        caller.to_canonical().is_loopback() || is_among(caller, &self.exempt)
    }
}

/// Lets a probe through, if they do not come too often.
pub(super) async fn probes(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    pass(Class::Probe, &shared, peer, request, next).await
}

/// Lets strangers read the documents, if not too often.
pub(super) async fn readers(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    pass(Class::Stranger, &shared, peer, request, next).await
}

/// Tells a caller that there is no such thing, if not too often.
pub(super) async fn lost(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    pass(Class::Lost, &shared, peer, request, next).await
}

async fn pass(
    class: Class,
    shared: &Shared,
    peer: SocketAddr,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    shared.limits.admit(class, shared.caller(peer, request.headers())).map_err(too_many)?;
    Ok(next.run(request).await)
}

/// Says when to come back.
pub(super) fn too_many(pause: Duration) -> Problem {
    Problem::new(Kind::TooMany).retry_after(pause)
}

/// Writes a pause as `Retry-After` has it.
pub(super) fn whole_seconds(pause: Duration) -> u64 {
    (pause.as_secs() + u64::from(pause.subsec_nanos() > 0)).max(1)
}

/// Returns the networks of those whom no limit is for.
pub(super) fn trusted(config: &Config) -> Vec<Network> {
    let proxies = &config.server.trusted_proxies[..];
    [proxies, &config.yookassa.trusted_networks, &config.telegram.callers()].concat()
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
    fn those_who_are_trusted_are_not_limited_and_neighbours_share() {
        let exempt = ["198.51.100.0/24", "2a02:5180::/32"].map(|it| it.parse().unwrap());
        let limits = Limits::sparing(exempt.to_vec());
        let admit = |class, text: &str| limits.admit(class, text.parse().unwrap());
        for own in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "198.51.100.7", "2a02:5180::1"] {
            for class in Class::ALL {
                for _ in 0..500 {
                    admit(class, own).unwrap();
                }
            }
        }
        for class in Class::ALL {
            for host in 0..class.pace().burst {
                admit(class, &format!("2001:db8::{host:x}")).unwrap();
            }
            admit(class, "2001:db8::ffff").unwrap_err();
            admit(class, "2001:db8:0:1::1").unwrap();
            admit(class, "203.0.113.1").unwrap();
        }
    }
}

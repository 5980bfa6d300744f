//! How many connections there are, and whose: one stranger cannot take the places of all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Bounds;
use crate::config::Config;
use crate::domain::network::Network;
use crate::http::limits::{neighbourhood, trusted};

/// The connections that are open.
#[derive(Debug)]
pub(in crate::http) struct Crowd {
    bounds: Bounds,
    /// Those whom no bound of an address is for, and for whom places are kept free: proxies, and
    /// the provider that brings news of money, and Telegram where it brings updates.
    trusted: Vec<Network>,
    open: Mutex<Open>,
    /// Whether it was told that there is no room.
    told: AtomicBool,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    address: IpAddr,
}

impl Crowd {
    pub(super) fn new(bounds: Bounds, config: &Config) -> Arc<Self> {
        Self::trusting(bounds, trusted(config))
    }

    /// Makes a crowd of strangers alone.
    #[cfg(test)]
    pub(super) fn with(bounds: Bounds) -> Arc<Self> {
        Self::trusting(bounds, Vec::new())
    }

    /// Makes a crowd in which those of the `trusted` networks have places kept.
    pub(in crate::http) fn trusting(bounds: Bounds, trusted: Vec<Network>) -> Arc<Self> {
        let (open, told) = (Mutex::default(), AtomicBool::default());
        Arc::new(Self { bounds, trusted, open, told })
    }

    /// Gives a connection from `address` a place, if there is one.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let trusted = self.trusted.iter().any(|network| network.contains(address));
        let address = neighbourhood(address);
        // A tenth of all places is for those who are trusted.
        let most = self.bounds.connections;
        let most = if trusted { most } else { most - most / 10 };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let full = open.all >= most;
        let own = open.by_address.get(&address).copied().unwrap_or(0);
        if full || (!trusted && own >= self.bounds.per_address) {
            drop(open);
            self.tell();
            return None;
        }
        open.all += 1;
        open.by_address.insert(address, own + 1);
        Some(Place { crowd: Arc::clone(self), address })
    }

    fn leave(&self, address: IpAddr) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(own) = open.by_address.get_mut(&address) {
            *own -= 1;
            if *own == 0 {
                open.by_address.remove(&address);
            }
        }
        if open.all == 0 {
            self.told.store(false, Ordering::Relaxed);
        }
    }

    /// Says it once until all have gone.
    fn tell(&self) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                event = "public.crowded",
                "connections from outside are refused: one address has too many, or all have"
            );
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.leave(self.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places_and_the_provider_finds_one() {
        let bounds = Bounds { connections: 20, per_address: 3, ..Bounds::default() };
        let crowd = Crowd::trusting(bounds, vec!["185.71.76.0/27".parse().unwrap()]);
        let enter = |address: &str| crowd.enter(address.parse().unwrap());
        let mut held: Vec<_> = (0..3).map(|_| enter("203.0.113.1").unwrap()).collect();
        assert!(enter("203.0.113.1").is_none());
        assert!(enter("::ffff:203.0.113.1").is_none(), "the same address in other words");
        held.extend((0..15).map(|host| enter(&format!("203.0.113.{}", 100 + host)).unwrap()));
        assert!(enter("203.0.113.9").is_none(), "the last places are kept");
        held.extend([enter("185.71.76.1").unwrap(), enter("185.71.76.1").unwrap()]);
        assert!(enter("185.71.76.1").is_none());
        held.clear();
        assert!(enter("203.0.113.1").is_some());
        assert!(crowd.open.lock().unwrap().by_address.is_empty());
    }
}

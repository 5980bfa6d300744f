//! Counts, by labels.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::text::{Kind, Page};

/// A label's value.
pub type Label = Cow<'static, str>;

/// No family has more members: what goes beyond is counted as `other`, so that nothing that a
/// caller does can fill this program's memory or the operator's Prometheus.
const MOST: usize = 1000;

/// What a metric is called, and what it tells.
pub type About = (&'static str, &'static str);

/// A metric with `N` labels: one `C` for each set of their values that has come up.
#[derive(Debug)]
pub struct Family<const N: usize, C> {
    about: About,
    labels: [&'static str; N],
    make: fn() -> C,
    members: RwLock<BTreeMap<[Label; N], Arc<C>>>,
}

impl<const N: usize, C> Family<N, C> {
    /// Makes a family that has no member yet.
    pub fn new(about: About, labels: [&'static str; N], make: fn() -> C) -> Self {
        Self { about, labels, make, members: RwLock::default() }
    }

    /// Makes members before anything is counted, so that they are seen to be zero.
    #[must_use]
    pub fn known(self, members: impl IntoIterator<Item = [&'static str; N]>) -> Self {
        for member in members {
            self.of(member.map(Cow::Borrowed));
        }
        self
    }

    /// Returns the member with these labels.
    pub fn of(&self, labels: [Label; N]) -> Arc<C> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(member) = members.get(&labels) {
            return Arc::clone(member);
        }
        let labels = if members.len() < MOST { labels } else { labels.map(|_| "other".into()) };
        drop(members);
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(members.entry(labels).or_insert_with(|| Arc::new((self.make)())))
    }

    fn each(&self, mut show: impl FnMut(&[(&str, &str)], &C)) {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        for (values, member) in members.iter() {
            let pairs: Vec<_> =
                self.labels.iter().copied().zip(values.iter().map(|value| &**value)).collect();
            show(&pairs, member);
        }
    }
}

impl<const N: usize> Family<N, Counter> {
    /// Writes all members.
    pub fn write(&self, page: &mut Page) {
        page.head(self.about, Kind::Counter);
        self.each(|labels, counter| page.sample(self.about.0, labels, counter.get()));
    }
}

impl<const N: usize> Family<N, Histogram> {
    /// Writes all members.
    pub fn write(&self, page: &mut Page) {
        page.head(self.about, Kind::Histogram);
        self.each(|labels, histogram| page.histogram(self.about.0, labels, histogram));
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `more`.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// Returns the number, and begins anew.
    pub fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }

    /// Returns the number.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many of something there are now; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicI64>);

impl Gauge {
    /// Counts one more for as long as what is returned lives.
    pub fn hold(&self) -> Held {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(&self.0))
    }

    /// Returns how many there are.
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One of those that a [`Gauge`] counts.
#[derive(Debug)]
pub struct Held(Arc<AtomicI64>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How values are spread.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [f64],
    /// How many values lie in each bucket, and in the one above all bounds.
    buckets: Box<[AtomicU64]>,
    /// The bits of the sum.
    sum: AtomicU64,
}

impl Histogram {
    /// Makes a histogram with buckets up to these bounds, which rise.
    pub fn new(bounds: &'static [f64]) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, buckets, sum: AtomicU64::new(0.0_f64.to_bits()) }
    }

    /// Takes a value in.
    pub fn observe(&self, value: f64) {
        let place = self.bounds.iter().position(|bound| value <= *bound);
        self.add(place.unwrap_or(self.bounds.len()), 1);
        self.add_sum(value);
    }

    /// Takes a time in, as seconds.
    pub fn observe_time(&self, time: Duration) {
        self.observe(time.as_secs_f64());
    }

    /// Returns the counts of the buckets and the sum, and begins anew.
    pub fn take(&self) -> (Vec<u64>, f64) {
        let buckets = self.buckets.iter().map(|bucket| bucket.swap(0, Ordering::Relaxed)).collect();
        (buckets, f64::from_bits(self.sum.swap(0.0_f64.to_bits(), Ordering::Relaxed)))
    }

    /// Takes in what another histogram with the same bounds has seen.
    pub fn absorb(&self, buckets: &[u64], sum: f64) {
        for (place, count) in buckets.iter().enumerate().take(self.buckets.len()) {
            self.add(place, *count);
        }
        if sum.is_finite() && sum > 0.0 {
            self.add_sum(sum);
        }
    }

    /// Returns each bound with the number of values up to it, the number of all, and their sum.
    pub(super) fn view(&self) -> (Vec<(f64, u64)>, u64, f64) {
        let mut count = 0;
        let mut up_to = |bucket: &AtomicU64| {
            count += bucket.load(Ordering::Relaxed);
            count
        };
        let bounds =
            self.bounds.iter().zip(&self.buckets).map(|(bound, it)| (*bound, up_to(it))).collect();
        let all = self.buckets.last().map_or(0, up_to);
        (bounds, all, f64::from_bits(self.sum.load(Ordering::Relaxed)))
    }

    fn add(&self, place: usize, count: u64) {
        if let Some(bucket) = self.buckets.get(place) {
            bucket.fetch_add(count, Ordering::Relaxed);
        }
    }

    fn add_sum(&self, value: f64) {
        let add = |bits| Some((f64::from_bits(bits) + value).to_bits());
        self.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_never_grows_beyond_its_bound() {
        let family = Family::new(("x_total", "X."), ["route"], Counter::default);
        for number in 0..2 * MOST {
            family.of([format!("/{number}").into()]).add(1);
        }
        let (mut members, mut sum) = (0, 0);
        family.each(|_, counter| {
            members += 1;
            sum += counter.get();
        });
        assert_eq!((members, sum), (MOST + 1, 2 * MOST as u64));
        assert_eq!(family.of(["other".into()]).get(), MOST as u64);
    }

    #[test]
    fn a_histogram_counts_up_to_each_bound() {
        let histogram = Histogram::new(&[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 99.0] {
            histogram.observe(value);
        }
        assert_eq!(histogram.view(), (vec![(1.0, 2), (2.0, 3)], 4, 102.0));
        let other = Histogram::new(&[1.0, 2.0]);
        let (buckets, sum) = histogram.take();
        other.absorb(&buckets, sum);
        other.absorb(&[1, 1, 1, 1, 1], f64::NAN);
        assert_eq!(other.view(), (vec![(1.0, 3), (2.0, 5)], 7, 102.0));
        assert_eq!(histogram.view().1, 0);
    }

    #[test]
    fn a_gauge_counts_what_is_held() {
        let gauge = Gauge::default();
        let (one, two) = (gauge.hold(), gauge.clone().hold());
        assert_eq!(gauge.get(), 2);
        drop((one, two));
        assert_eq!(gauge.get(), 0);
    }
}

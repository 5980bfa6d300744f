//! The page that Prometheus reads, in its text format.

use std::fmt::{Display, Write};

use super::family::{About, Histogram};

/// What a page is, for HTTP.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Shows how values are spread.
    Histogram,
}

/// A page in the making.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// What a page is, for HTTP.
    pub const CONTENT_TYPE: &str = CONTENT_TYPE;

    /// Returns the page.
    pub fn into_text(self) -> String {
        self.0
    }

    /// Begins a metric.
    pub fn head(&mut self, (name, help): About, kind: Kind) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.push(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// Writes a whole metric that rises and falls.
    pub fn gauge<const N: usize, V: Display>(
        &mut self,
        about: About,
        labels: [&str; N],
        members: impl IntoIterator<Item = ([&'static str; N], V)>,
    ) {
        self.head(about, Kind::Gauge);
        self.members(about.0, labels, members);
    }

    /// Writes a whole metric that only grows.
    pub fn counter<const N: usize, V: Display>(
        &mut self,
        about: About,
        labels: [&str; N],
        members: impl IntoIterator<Item = ([&'static str; N], V)>,
    ) {
        self.head(about, Kind::Counter);
        self.members(about.0, labels, members);
    }

    /// Writes a whole metric that shows how values are spread.
    pub fn spread(&mut self, about: About, histogram: &Histogram) {
        self.head(about, Kind::Histogram);
        self.histogram(about.0, &[], histogram);
    }

    fn members<const N: usize, V: Display>(
        &mut self,
        name: &str,
        labels: [&str; N],
        members: impl IntoIterator<Item = ([&'static str; N], V)>,
    ) {
        for (values, value) in members {
            let pairs: Vec<_> = labels.into_iter().zip(values).collect();
            self.sample(name, &pairs, value);
        }
    }

    /// Writes one line.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.push(format_args!("{name}"));
        for (index, (label, text)) in labels.iter().enumerate() {
            let (open, text) = (if index == 0 { '{' } else { ',' }, escaped(text));
            self.push(format_args!("{open}{label}=\"{text}\""));
        }
        let close = if labels.is_empty() { "" } else { "}" };
        self.push(format_args!("{close} {value}\n"));
    }

    /// Writes the lines of a histogram.
    pub fn histogram(&mut self, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
        let (bounds, count, sum) = histogram.view();
        let bucket = format!("{name}_bucket");
        let bounds = bounds.into_iter().map(|(bound, up_to)| (bound.to_string(), up_to));
        for (bound, up_to) in bounds.chain([("+Inf".to_owned(), count)]) {
            let labels: Vec<_> = labels.iter().copied().chain([("le", &*bound)]).collect();
            self.sample(&bucket, &labels, up_to);
        }
        self.sample(&format!("{name}_sum"), labels, sum);
        self.sample(&format!("{name}_count"), labels, count);
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        self.0.write_fmt(text).ok(); // A String takes everything.
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_page_is_what_prometheus_reads() {
        let mut page = Page::default();
        page.gauge(("x", "X now."), ["a", "b"], [(["1\\", "\"2\"\n"], 7), (["3", "4"], -1)]);
        page.counter(("y_total", "Y."), [], [([], 1.5)]);
        let histogram = Histogram::new(&[0.5, 1.0]);
        histogram.observe(0.75);
        page.spread(("z_seconds", "Z."), &histogram);
        expect![[r#"
            # HELP x X now.
            # TYPE x gauge
            x{a="1\\",b="\"2\"\n"} 7
            x{a="3",b="4"} -1
            # HELP y_total Y.
            # TYPE y_total counter
            y_total 1.5
            # HELP z_seconds Z.
            # TYPE z_seconds histogram
            z_seconds_bucket{le="0.5"} 0
            z_seconds_bucket{le="1"} 1
            z_seconds_bucket{le="+Inf"} 1
            z_seconds_sum 0.75
            z_seconds_count 1
        "#]]
        .assert_eq(&page.into_text());
    }
}

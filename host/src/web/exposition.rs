//! Prometheus' text exposition format 0.0.4:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use std::fmt::Write as _;

use super::lateness::Histogram;

/// What answers are declared as.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// What every name begins with.
const PREFIX: &str = "miro_source_";

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Only grows, until the process ends or its configuration is read again.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// The text, as far as it is written.
#[derive(Debug, Default)]
pub(super) struct Exposition(String);

/// The samples of one metric.
#[derive(Debug)]
pub(super) struct Family<'a> {
    text: &'a mut String,
    name: &'static str,
}

/// A label and its value.
pub(super) type Label<'a> = (&'static str, &'a str);

impl Exposition {
    /// Begins a metric. `name` without the prefix; each only once.
    pub(super) fn family(&mut self, name: &'static str, kind: Type, help: &str) -> Family<'_> {
        let kind = match kind {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
            Type::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(self.0, "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}");
        Family { text: &mut self.0, name }
    }

    /// All of it.
    pub(super) fn text(self) -> String {
        self.0
    }
}

impl Family<'_> {
    /// One value.
    pub(super) fn sample(&mut self, labels: &[Label<'_>], value: f64) -> &mut Self {
        self.line("", labels, value);
        self
    }

    /// A whole number. Exact up to 2^53, as Prometheus keeps it.
    pub(super) fn count(&mut self, labels: &[Label<'_>], value: u64) -> &mut Self {
        self.sample(labels, value as f64)
    }

    /// All values of a histogram, in seconds.
    pub(super) fn histogram(&mut self, labels: &[Label<'_>], histogram: &Histogram) -> &mut Self {
        let bounds = histogram.cumulative().map(|(bound, count)| (number(bound.as_secs_f64()), count));
        for (bound, count) in bounds.chain([("+Inf".to_owned(), histogram.count())]) {
            let mut all = labels.to_vec();
            all.push(("le", &bound));
            self.line("_bucket", &all, count as f64);
        }
        self.line("_sum", labels, histogram.sum().as_secs_f64());
        self.line("_count", labels, histogram.count() as f64);
        self
    }

    fn line(&mut self, suffix: &str, labels: &[Label<'_>], value: f64) {
        let _ = write!(self.text, "{PREFIX}{}{suffix}", self.name);
        for (at, (name, value)) in labels.iter().enumerate() {
            let _ = write!(self.text, "{}{name}=\"{}\"", if at == 0 { '{' } else { ',' }, escaped(value));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {}", number(value));
    }
}

/// The value of a label, as it stands between quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn number(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}

//! The table that comes out.

use std::fmt;

/// Rows, in the order they were measured.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    what: String,
    target: String,
    measured: String,
    verdict: &'static str,
}

/// What a figure is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// At most so much.
    Most(f64),
    /// At least so much.
    Least(f64),
    /// It only explains another.
    None,
}

impl Table {
    /// A figure with its unit.
    pub(crate) fn row(&mut self, what: impl Into<String>, target: Target, measured: f64, unit: &str) {
        let (target, verdict) = match target {
            Target::Most(most) => (format!("≤ {most} {unit}"), if measured <= most { "ok" } else { "MISSED" }),
            Target::Least(least) => (format!("≥ {least} {unit}"), if measured >= least { "ok" } else { "MISSED" }),
            Target::None => (String::new(), ""),
        };
        let measured = if measured < 10.0 { format!("{measured:.2} {unit}") } else { format!("{measured:.1} {unit}") };
        self.rows.push(Row { what: what.into(), target, measured, verdict });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<78} {:>14} {:>14}", "what", "target", "measured")?;
        for Row { what, target, measured, verdict } in &self.rows {
            writeln!(f, "{what:<78} {target:>14} {measured:>14} {verdict}")?;
        }
        Ok(())
    }
}

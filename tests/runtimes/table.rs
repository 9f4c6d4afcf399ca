//! What was found, for people.

use std::sync::{Mutex, PoisonError};

use crate::play::{Component, Play};

/// A row for each runtime, played or skipped.
#[derive(Debug, Default)]
pub(crate) struct Table(Mutex<Vec<Row>>);

#[derive(Debug)]
struct Row {
    title: &'static str,
    cells: Result<[String; 5], String>,
}

impl Table {
    /// It was played. `equal` is nothing for the measure itself.
    pub(crate) fn played(&self, title: &'static str, version: &str, play: &Play, equal: Option<bool>) {
        let equal = match equal {
            None => "the measure",
            Some(true) => "yes",
            Some(false) => "NO",
        };
        let bytes: usize = play.output.iter().map(Vec::len).sum();
        let digest = play.digest().chars().take(12).collect();
        self.add(Row {
            title,
            cells: Ok([version.to_owned(), play.lines().count().to_string(), bytes.to_string(), digest, equal.to_owned()]),
        });
    }

    /// It is not here.
    pub(crate) fn skipped(&self, title: &'static str, why: &str) {
        self.add(Row { title, cells: Err(why.to_owned()) });
    }

    fn add(&self, row: Row) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(row);
    }

    /// Prints it, those that were played first.
    pub(crate) fn print(&self, component: &Component) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.sort_by_key(|row| row.cells.is_err());
        println!("component: sha256:{}, {} bytes, the same file for all\n", component.digest, component.bytes);
        let width = |cell: &dyn Fn(&Row) -> usize| rows.iter().map(cell).max().unwrap_or_default();
        let first = width(&|row| row.title.chars().count());
        let second = width(&|row| row.cells.as_ref().map_or(0, |cells| cells[0].chars().count()));
        println!("{:first$}  {:second$}  {:>6}  {:>9}  {:12}  same bytes", "runtime", "version", "events", "bytes", "sha256");
        for Row { title, cells } in rows.iter() {
            match cells {
                Ok([version, events, bytes, digest, equal]) => {
                    println!("{title:first$}  {version:second$}  {events:>6}  {bytes:>9}  {digest:12}  {equal}");
                }
                Err(why) => println!("{title:first$}  SKIPPED: {why}"),
            }
        }
        println!();
    }
}

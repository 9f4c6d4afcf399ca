//! `miro-source respond verify`

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    cli::{Context, Ended, Exit, Result},
    neutral::brief,
    pipeline,
    respond::{Broken, Head, Record},
    sink::has_pseudonym,
    store::Store,
};

/// What such a record has in it, and what to do.
const MASKED: &str = "holds pseudonyms, as the `mask` of a sink makes them, whose lines cannot be checked; check the store's own log, or what a \
                      sink without `mask` got";

/// Records read at once.
const CHUNK: usize = 1000;

/// Check that the governance log, or an exported one, is whole and as it was written.
///
/// Ends with 1 where it is not, and names the first record that is broken. A log that lost its end is whole as far as it goes:
/// compare the number and the hash that are printed with what a sink got.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What `respond log` wrote; without it the store's own log
    file: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    /// Records that are right, before the first that is not.
    pub(super) records: i64,
    /// Where the log stands after them.
    pub(super) head: Head,
    /// The first record that is wrong, and how.
    pub(super) broken: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    check(args.file.as_deref(), args.json, context)
}

/// Checks an exported log, or the store's own.
pub(in crate::cli) fn check(file: Option<&Path>, json: bool, context: &Context) -> Result<Exit> {
    let found = match file {
        Some(file) => exported(file)?,
        None => stored(pipeline::look(&context.load()?)?.as_ref())?,
    };
    if json {
        say!("{}", crate::neutral::json(&serde_json::to_string(&found)?));
    } else {
        say!(
            "{} records are as they were written; the last is {}, with the hash {}",
            found.records,
            found.head.number,
            brief(&found.head.hash, 64)
        );
        if let Some(broken) = &found.broken {
            say!("broken: {}", brief(broken, 500));
        }
    }
    Ok(if found.broken.is_none() { Exit::Done } else { Exit::Left })
}

/// The records, held against each other one by one.
struct Walk {
    found: Found,
}

impl Walk {
    fn new(head: Head) -> Self {
        Self { found: Found { records: 0, head, broken: None } }
    }

    /// The next record. Returns whether the log is right until here.
    fn next(&mut self, record: &Record) -> bool {
        match crate::respond::verify(&self.found.head, std::slice::from_ref(record)) {
            Ok(head) => (self.found.head, self.found.records) = (head, self.found.records + 1),
            Err(broken @ Broken::Changed(_)) if has_pseudonym(&record.body) => {
                self.found.broken = Some(format!("{broken}, and it {MASKED}"));
            }
            Err(broken) => self.found.broken = Some(broken.to_string()),
        }
        self.found.broken.is_none()
    }
}

fn stored(store: &dyn Store) -> Result<Found> {
    let (end, mut walk) = (store.governance_head()?, Walk::new(Head::default()));
    let mut after = 0;
    loop {
        let records = store.governance(after, CHUNK)?;
        let Some(last) = records.last() else { break };
        after = last.number;
        if !records.iter().all(|record| walk.next(record)) {
            return Ok(walk.found);
        }
    }
    // A host that runs may have added to it meanwhile; less than there was is never right.
    walk.found.broken = walk.found.head.reaches(end.number).err().map(|broken| broken.to_string());
    if walk.found.broken.is_none() && store.governance_shortened()? {
        walk.found.broken =
            Some("the log is shorter than it once was: the store was restored from a backup, or its end was cut off".to_owned());
    }
    Ok(walk.found)
}

pub(super) fn exported(file: &Path) -> Result<Found> {
    let shown = brief(&file.display().to_string(), 200);
    let failed = |why: std::io::Error| Ended::new(Exit::Left, format!("failed to read {shown}: {why}"));
    let mut walk: Option<Walk> = None;
    for (number, line) in BufReader::new(std::fs::File::open(file).map_err(failed)?).lines().enumerate() {
        let line = line.map_err(failed)?;
        let Ok(record) = Record::parse(&line) else {
            let mut found = walk.unwrap_or_else(|| Walk::new(Head::default())).found;
            found.broken = Some(format!("line {} is no record of the governance log", number + 1));
            return Ok(found);
        };
        // An export may begin later: what it begins after it says itself.
        let begun = || match record.number {
            ..=1 => Head::default(),
            later => Head { number: later - 1, hash: record.previous.clone() },
        };
        if !walk.get_or_insert_with(|| Walk::new(begun())).next(&record) {
            break;
        }
    }
    match walk {
        Some(walk) => Ok(walk.found),
        None => Err(Ended::new(Exit::Left, format!("{shown} is empty: `miro-source respond log > FILE` writes one")).into()),
    }
}

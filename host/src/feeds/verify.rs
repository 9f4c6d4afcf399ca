//! Whether a new file may take the place of the old one.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::{catalogue::Part, record::Record};
use crate::{
    enrich::{Found, inspect},
    model::Instant,
};

/// Of so many lines one may be no entry.
const STRANGE: u64 = 100;

/// What is to become of a new file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may serve.
    Good(Found),
    /// It may be right, and must be seen again.
    Doubtful(Found, String),
    /// It is not what it should be.
    Bad(String),
}

/// Judges a file that is unpacked already. Blocks on the disk.
pub(super) fn verify(part: &Part, path: &Path, record: &Record, now: Instant) -> Verdict {
    let found = match sized(part, path).and_then(|()| inspect(part.holds(), path)) {
        Ok(found) => found,
        Err(why) => return Verdict::Bad(why),
    };
    match judge(part, &found, record) {
        Some(why) => Verdict::Bad(why),
        None if record.doubts(found.entries, now) => {
            let before = record.held.as_ref().map_or(0, |held| held.entries);
            let why = format!(
                "it has {} entries, less than half of the {before} before: believed if it still says so a day later",
                found.entries
            );
            Verdict::Doubtful(found, why)
        }
        None => Verdict::Good(found),
    }
}

fn sized(part: &Part, path: &Path) -> Result<(), String> {
    let length = std::fs::metadata(path).map_err(|why| why.to_string())?.len();
    let (least, most) = part.bytes.clone().into_inner();
    if part.bytes.contains(&length) { Ok(()) } else { Err(format!("it has {length} bytes, which is not plausible: {least} to {most} are")) }
}

/// What is wrong with what was found.
pub(super) fn judge(part: &Part, found: &Found, record: &Record) -> Option<String> {
    let Found { entries, built, strange, wide } = found;
    if let Some(block) = wide {
        return Some(format!("it holds {block}, a block that no list of this kind holds"));
    }
    if strange.saturating_mul(STRANGE) > *entries {
        return Some(format!("{strange} of its lines are no addresses, beside {entries} that are"));
    }
    if !part.entries.contains(entries) {
        let (least, most) = part.entries.clone().into_inner();
        return Some(format!("it has {entries} entries, which is not plausible: {least} to {most} are"));
    }
    let held = record.held.as_ref().and_then(|held| held.built);
    match (built, held) {
        (Some(built), Some(held)) if *built < held => Some(format!("it was made on {built}, before the one that is held")),
        _ => None,
    }
}

/// Writes what a file holds, unpacked where it is gzip'd, and no more than `most` bytes. Blocks on the disk.
pub(super) fn unpack(from: &Path, to: &mut File, most: u64) -> Result<(), String> {
    let failed = |why: io::Error| why.to_string();
    let mut head = [0_u8; 512];
    let read = File::open(from).and_then(|mut file| file.read(&mut head)).map_err(failed)?;
    let head = head.get(..read).unwrap_or_default();
    if head.trim_ascii_start().first() == Some(&b'<') {
        return Err("it is a page for people, not a file".to_owned());
    }
    let file = File::open(from).map_err(failed)?;
    let copied = if head.starts_with(&[0x1f, 0x8b]) {
        io::copy(&mut MultiGzDecoder::new(io::BufReader::new(file)).take(most.saturating_add(1)), to)
            .map_err(|why| format!("it does not unpack: {why}"))?
    } else {
        io::copy(&mut file.take(most.saturating_add(1)), to).map_err(failed)?
    };
    if copied > most {
        return Err(format!("it has more than {most} bytes unpacked"));
    }
    to.sync_all().map_err(failed)
}

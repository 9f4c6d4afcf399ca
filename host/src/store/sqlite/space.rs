//! How large the store is, and what its disk has left.

use std::path::Path;

use super::{SqliteStore, fault::Fault, prune};
use crate::{
    disk,
    store::{Footprint, Prune, Result, Space},
};

impl Space for SqliteStore {
    fn footprint(&self) -> Result<Footprint> {
        let pages = self.read_with("measure the store", |db| {
            let count = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(Fault::from);
            Ok((count("page_count")? - count("freelist_count")?).saturating_mul(count("page_size")?))
        })?;
        // The log beside the database holds its pages once more until it is brought in.
        let log = std::fs::metadata(disk::with_ending(&self.path, "-wal")).map_or(0, |log| log.len());
        Ok(Footprint { used: u64::try_from(pages).unwrap_or_default().saturating_add(log), free: free(&self.path) })
    }

    fn waiting(&self) -> Result<u64> {
        let sql = format!("SELECT coalesce(sum(length(body) + coalesce(length(context), 0)), 0) FROM chunks WHERE NOT {}", prune::PASSED);
        let bytes: i64 = self.read_with("measure what waits", |db| Ok(db.query_row(&sql, [], |row| row.get(0))?))?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    fn is_any_old(&self, prune: &Prune) -> Result<bool> {
        prune::is_any(self, prune)
    }
}

/// Bytes that are free where a file lies.
#[cfg(unix)]
fn free(path: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(path).ok()?;
    room.f_bavail.checked_mul(room.f_frsize)
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

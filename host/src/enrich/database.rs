//! A database in MaxMind's format, in memory.

use std::{
    collections::HashSet,
    fs::File,
    io::Read as _,
    net::IpAddr,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use audit_pipeline::detector::Network;
use maxminddb::{MaxMindDbError, Reader, WithinOptions};

use super::{
    feed::{Content, Facts},
    record::Record,
};
use crate::{model::Instant, neutral::brief};

/// The largest file that is read: no published database is near.
const LARGEST: u64 = 4 << 30;

/// What somebody says of every address.
pub(super) struct Database {
    reader: Reader<Vec<u8>>,
    bytes: usize,
    /// A record did not decode, and that has been said.
    warned: AtomicBool,
}

impl Database {
    /// What it says of this one. Of an address that it has no record of, or a damaged one, nothing.
    pub(super) fn find(&self, ip: IpAddr) -> Option<Network> {
        match self.decode(ip) {
            Ok(found) => found,
            // It knows IPv4 only.
            Err(MaxMindDbError::InvalidInput { .. }) => None,
            Err(why) => {
                if !self.warned.swap(true, Ordering::Relaxed) {
                    let kind = brief(&self.reader.metadata().database_type, 60);
                    tracing::warn!("a record of the database {kind} does not decode, nothing is known of its addresses: {why}");
                }
                None
            }
        }
    }

    fn decode(&self, ip: IpAddr) -> Result<Option<Network>, MaxMindDbError> {
        Ok(self.reader.lookup(ip)?.decode::<Record<'_>>()?.map(|record| record.network()))
    }

    /// Decodes every record once. Returns how many there are, and of how many this holds.
    pub(super) fn walk(&self, holds: impl Fn(&Network) -> bool) -> Result<(u64, u64), String> {
        let damaged = |why: MaxMindDbError| format!("it is damaged: {why}");
        // A tree has one leaf more than nodes, and some writers share branches; one that goes on far beyond is none, and never ends.
        let mut left = u64::from(self.reader.metadata().node_count).saturating_add(2).saturating_mul(8);
        let (mut seen, mut held) = (HashSet::new(), 0);
        for found in self.reader.networks(WithinOptions::default().include_networks_without_data()).map_err(damaged)? {
            left = left.checked_sub(1).ok_or("it is damaged: its tree does not end")?;
            let found = found.map_err(damaged)?;
            let Some(at) = found.offset() else { continue };
            if seen.insert(at) {
                let record = found.decode::<Record<'_>>().map_err(damaged)?;
                held += u64::from(record.is_some_and(|record| holds(&record.network())));
            }
        }
        Ok((seen.len() as u64, held))
    }

    #[cfg(test)]
    pub(super) fn has_warned(&self) -> bool {
        self.warned.load(Ordering::Relaxed)
    }

    pub(super) fn parse(bytes: Vec<u8>) -> Result<Self, String> {
        let size = bytes.len();
        let reader = Reader::from_source(bytes).map_err(|why| format!("it is no database in MaxMind's format: {why}"))?;
        Ok(Self { reader, bytes: size, warned: AtomicBool::new(false) })
    }
}

impl Content for Database {
    fn read(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|why| why.to_string())?;
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|why| why.to_string())?;
        if bytes.len() as u64 > LARGEST {
            return Err("it is larger than 4 GiB".to_owned());
        }
        Self::parse(bytes)
    }

    fn facts(&self) -> Facts {
        let metadata = self.reader.metadata();
        Facts {
            what: brief(&metadata.database_type, 60),
            entries: metadata.node_count.into(),
            built: metadata.build_epoch.checked_mul(1000).filter(|at| *at > 0).map(Instant),
            concern: None,
        }
    }

    fn kept(&self) -> Option<usize> {
        Some(self.bytes)
    }
}

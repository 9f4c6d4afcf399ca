//! The audit log: what is visible, in order; what is still to come; and what the receiver has accepted of it.
//!
//! An event moves from `pending` to `visible` when its time has come, so a page is a range of a tree and never a scan.

use std::collections::{BTreeMap, HashMap, hash_map};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{key::Key, organization::Moment};

/// What an event says.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Drawn from this seed whenever it is asked for.
    Drawn(u64),
    /// Written by a test.
    Crafted(Box<str>),
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) content: Content,
    pub(crate) visible_from: u64,
    accepted: u32,
    /// The vendor shows the same event twice: this is the second.
    echo: bool,
}

/// What became of a line that claims to be an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acceptance {
    /// Accepted for the first time, that many milliseconds after it became visible.
    First(u64),
    /// Accepted before.
    Again,
    /// Never shown.
    Unknown,
}

/// Every event of an organization.
#[derive(Debug, Default)]
pub(crate) struct Log {
    visible: BTreeMap<Key, Entry>,
    pending: BTreeMap<(u64, Key), Entry>,
    /// Crafted events by their own id.
    by_id: HashMap<String, Key>,
    /// Crafted events without an id, by what they say.
    by_digest: HashMap<[u8; 32], Key>,
    crafted: u64,
    /// What stands before is history, and in no account.
    owed_from: Option<Key>,
    held: u64,
    accepted: u64,
}

impl Log {
    pub(crate) fn new(moments: Vec<Moment>, owed_from: u64) -> Self {
        let entry =
            |moment: Moment| Entry { content: Content::Drawn(moment.seed), visible_from: moment.visible_from, accepted: 0, echo: false };
        Self {
            pending: moments.into_iter().map(|m| ((m.visible_from, m.key), entry(m))).collect(),
            owed_from: Some(Key::at(owed_from)),
            ..Self::default()
        }
    }

    /// Puts an event at `created` (milliseconds) and tells where.
    pub(crate) fn insert(&mut self, created: u64, visible_from: u64, content: impl FnOnce(Key) -> Content) -> Key {
        self.crafted += 1;
        let key = Key { micros: created.saturating_mul(1000), serial: Key::FIRST_SERIAL * 2 + self.crafted };
        let entry = Entry { content: content(key), visible_from, accepted: 0, echo: false };
        self.pending.insert((visible_from, key), entry);
        key
    }

    /// Shows what is visible at `now`.
    pub(crate) fn reveal(&mut self, now: u64) {
        let first = Key { micros: 0, serial: 0 };
        if self.visible.is_empty() && self.crafted == 0 && self.pending.first_key_value().is_some_and(|((from, _), _)| *from <= now) {
            // The first look at a long past: build the tree at once instead of event by event.
            let later = self.pending.split_off(&(now.saturating_add(1), first));
            let due = std::mem::replace(&mut self.pending, later);
            self.visible = due.into_iter().map(|((_, key), entry)| (key, entry)).collect();
            self.held = u64::try_from(self.visible.keys().filter(|key| Some(**key) >= self.owed_from).count()).unwrap_or(u64::MAX);
            return;
        }
        while let Some(next) = self.pending.first_entry().filter(|next| next.key().0 <= now) {
            let ((_, key), mut entry) = next.remove_entry();
            entry.echo = self.is_echo(key, &entry);
            self.held += u64::from(!entry.echo && Some(key) >= self.owed_from);
            self.visible.insert(key, entry);
        }
    }

    fn is_echo(&mut self, key: Key, entry: &Entry) -> bool {
        let Content::Crafted(text) = &entry.content else { return false };
        let record: Value = serde_json::from_str(text).unwrap_or_default();
        match record.get("id").and_then(Value::as_str) {
            Some(id) if Key::parse(id).is_some_and(|at| at != key && self.visible.contains_key(&at)) => true,
            Some(id) => taken(self.by_id.entry(id.to_owned()), key),
            None => taken(self.by_digest.entry(digest(&record)), key),
        }
    }

    /// The visible events of `from..to`, in order. [`Log::reveal`] first.
    pub(crate) fn range(&self, from: Key, to: Key) -> impl DoubleEndedIterator<Item = (Key, &Entry)> {
        // A tree's range panics on an inverted one.
        self.visible.range(from..to.max(from)).map(|(key, entry)| (*key, entry))
    }

    /// Notes that the receiver accepted this line at `now`.
    pub(crate) fn accept(&mut self, id: Option<&str>, line: &[u8], now: u64) -> Acceptance {
        let drawn = |key: &Key| self.visible.get(key).is_some_and(|entry| !entry.echo && matches!(entry.content, Content::Drawn(_)));
        let known = id.and_then(|id| self.by_id.get(id).copied().or_else(|| Key::parse(id).filter(drawn)));
        let said = || self.by_digest.get(&digest(&serde_json::from_slice(line).ok()?)).copied();
        let key = known.or_else(|| if self.by_digest.is_empty() { None } else { said() });
        let Some(entry) = key.and_then(|key| self.visible.get_mut(&key)) else { return Acceptance::Unknown };
        entry.accepted = entry.accepted.saturating_add(1);
        if entry.accepted > 1 {
            return Acceptance::Again;
        }
        self.accepted += u64::from(key >= self.owed_from);
        Acceptance::First(now.saturating_sub(entry.visible_from))
    }

    /// How many distinct events have become visible.
    pub(crate) fn held(&self) -> u64 {
        self.held
    }

    /// How many of them were accepted.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Where the visible events stand that were never accepted, at most `limit` of them.
    pub(crate) fn lost(&self, limit: usize) -> Vec<(Key, &Entry)> {
        let missing = usize::try_from(self.held.saturating_sub(self.accepted)).unwrap_or(usize::MAX);
        let lost = self.visible.iter().filter(|(key, entry)| entry.accepted == 0 && !entry.echo && Some(**key) >= self.owed_from);
        lost.take(missing.min(limit)).map(|(key, entry)| (*key, entry)).collect()
    }
}

/// Whether somebody was there before; `key` is there afterwards.
fn taken<K>(place: hash_map::Entry<'_, K, Key>, key: Key) -> bool {
    match place {
        hash_map::Entry::Occupied(_) => true,
        hash_map::Entry::Vacant(place) => {
            place.insert(key);
            false
        }
    }
}

/// What an event without an id says, whatever the order of its keys. A client may add an id and rewrite the time.
fn digest(record: &Value) -> [u8; 32] {
    fn walk(value: &Value, into: &mut Sha256) {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_unstable_by_key(|(name, _)| *name);
                into.update(b"{");
                for (name, value) in fields {
                    into.update(Value::from(name.as_str()).to_string());
                    into.update(b":");
                    walk(value, into);
                    into.update(b",");
                }
                into.update(b"}");
            }
            Value::Array(items) => {
                into.update(b"[");
                for item in items {
                    walk(item, into);
                    into.update(b",");
                }
                into.update(b"]");
            }
            plain => into.update(plain.to_string()),
        }
    }
    let mut hasher = Sha256::new();
    let mut record = record.clone();
    if let Some(fields) = record.as_object_mut() {
        fields.shift_remove("id");
        fields.shift_remove("createdAt");
    }
    walk(&record, &mut hasher);
    hasher.finalize().into()
}

//! Files that change: a component given by path is offered when its file, or a signature beside it, is another.
//!
//! The file is looked at, not listened to: that works the same on network file systems, in containers whose volumes are
//! swapped by a symbolic link, and for editors that rename. It is read once it has stayed the same from one look to the
//! next, so that one that is being written is left alone.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::swaps::{Consent, Offer, Post, Swaps, waiting};
use crate::{backoff::Backoff, config::ComponentRef, neutral::visible, runtime::digest, trust::Package};

/// How often files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// What tells one content from another without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl Look {
    fn at(path: &Path) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let own = entries.filter(|entry| entry.file_name().is_some_and(|found| found.as_encoded_bytes().starts_with(name)));
        // Through links: what they lead to is what is read.
        let mut all: Vec<_> = own.filter_map(|path| Some((path.clone(), std::fs::metadata(&path).ok()?))).collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self(all.into_iter().map(|(path, meta)| (path, meta.len(), meta.modified().ok())).collect())
    }
}

impl Swaps {
    /// Tends one slot: what waits, and what comes.
    pub(super) async fn tend(&self, post: &Post) {
        let backoff = Backoff::new(post.tenancy.slot.name(), Duration::from_secs(5), Duration::from_secs(300));
        match &post.tenancy.reference {
            ComponentRef::Builtin(_) => self.insist(post, backoff).await,
            ComponentRef::Path(path) => self.watch(post, path, backoff).await,
        }
    }

    /// Offers what this host has built in and the store does not know yet, until it is current or refused for what it is.
    async fn insist(&self, post: &Post, mut backoff: Backoff) {
        let Some(package) = &post.tenancy.waiting else { return };
        while let Err(refusal) = self.offer(waiting(post, package)).await {
            if refusal.lasting {
                return;
            }
            self.clock.sleep_until(self.clock.now().plus(backoff.failed())).await;
        }
    }

    /// Watches a file, for ever.
    async fn watch(&self, post: &Post, path: &Path, mut backoff: Backoff) {
        let mut settled = look(path).await;
        let mut refused: Option<String> = None;
        let mut due = self.clock.now();
        let mut fresh = post.tenancy.waiting.is_some();
        loop {
            self.clock.sleep_until(self.clock.now().plus(LOOK)).await;
            let now = look(path).await;
            if now != settled {
                settled = now;
                fresh = true;
                continue;
            }
            if !fresh || self.clock.now() < due {
                continue;
            }
            let read = path.to_owned();
            let package = match tokio::task::spawn_blocking(move || Package::read(&read)).await {
                Ok(Ok(package)) => package,
                Ok(Err(why)) => {
                    tracing::warn!(
                        component = post.tenancy.slot.name(),
                        "the file of the component changed: {}",
                        visible(&why.to_string())
                    );
                    due = self.clock.now().plus(backoff.failed());
                    continue;
                }
                Err(gone) => {
                    tracing::warn!("failed to read a component: {gone}");
                    continue;
                }
            };
            let found = format!("{} {:?}", digest(&package.wasm), package.signatures);
            fresh = false;
            if post.tenancy.slot.component().current().digest() == digest(&package.wasm) || refused.as_ref() == Some(&found) {
                continue;
            }
            let reason = format!("{} changed", post.tenancy.reference);
            let component = post.tenancy.slot.name().to_owned();
            let offer = Offer { component, package: Arc::new(package), consent: Consent::Same, reason };
            match self.offer(offer).await {
                Ok(_) => {
                    backoff.reset();
                    refused = None;
                }
                Err(refusal) => {
                    due = self.clock.now().plus(backoff.failed());
                    if refusal.lasting {
                        refused = Some(found);
                    } else {
                        fresh = true;
                    }
                }
            }
        }
    }
}

async fn look(path: &Path) -> Look {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || Look::at(&path)).await.unwrap_or(Look(Vec::new()))
}

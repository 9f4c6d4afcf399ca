//! Feeds that change on disk are read anew.
//!
//! A file is looked at, not listened to, as components are. It is read once it has stayed the same from one look to the next,
//! so that one that is being written is left alone. What cannot be read is not tried again until it changes again.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{
    Enricher,
    feed::{FeedStatus, Look, Watched},
};
use crate::{
    clock::Clock,
    model::Instant,
    neutral::visible,
    store::{Store, blocking},
};

/// How often files are looked at.
const LOOK: Duration = Duration::from_secs(60);

/// One feed, and what was last seen of its file.
pub(super) struct Post {
    feed: Arc<dyn Watched>,
    seen: Look,
    /// What could not be read.
    refused: Option<Look>,
}

impl Post {
    pub(super) fn new(feed: Arc<dyn Watched>) -> Self {
        Self { seen: feed.held(), feed, refused: None }
    }

    /// Looks once, and reads what is new. Returns the status where it changed. Blocks on the disk.
    pub(super) fn turn(&mut self, now: Instant) -> Option<FeedStatus> {
        self.feed.forget(now);
        let look = self.feed.look();
        let settled = std::mem::replace(&mut self.seen, look) == look;
        if look == self.feed.held() {
            // As it was, or put back.
            return self.refused.take().map(|_| self.feed.status());
        }
        if !settled || self.refused == Some(look) {
            return None;
        }
        match self.feed.renew(now) {
            Ok(()) => {
                self.refused = None;
                let status = self.feed.status();
                tracing::info!(feed = %status.feed, entries = status.entries, "read anew: {}", status.path.display());
                say(&status);
                Some(status)
            }
            Err(why) => {
                self.refused = Some(look);
                tracing::warn!("{}; what it held before goes on to serve", visible(&why.to_string()));
                Some(FeedStatus { problem: Some(why.to_string()), ..self.feed.status() })
            }
        }
    }
}

/// Says what a person should look at, and keeps every feed's status where other processes can read it.
pub async fn tell(enricher: &Enricher, store: &Arc<dyn Store>) {
    for status in enricher.feeds() {
        say(&status);
        keep(store, status).await;
    }
}

/// Keeps an enricher up to date until told to stop.
pub async fn watch(enricher: Arc<Enricher>, store: Arc<dyn Store>, clock: Arc<dyn Clock>, shutdown: CancellationToken) {
    let mut posts: Vec<Post> = enricher.watched().into_iter().map(Post::new).collect();
    if posts.is_empty() {
        return;
    }
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = clock.sleep_until(clock.now().plus(LOOK)) => {}
        }
        let now = clock.now();
        let turned = tokio::task::spawn_blocking(move || {
            let changed: Vec<FeedStatus> = posts.iter_mut().filter_map(|post| post.turn(now)).collect();
            (posts, changed)
        });
        let changed;
        (posts, changed) = match turned.await {
            Ok(turned) => turned,
            Err(gone) => {
                tracing::warn!("failed to look at the feeds: {gone}");
                (enricher.watched().into_iter().map(Post::new).collect(), Vec::new())
            }
        };
        for status in changed {
            keep(&store, status).await;
        }
    }
}

/// Reads one anew now, where whoever put its file in place says that it is whole.
pub async fn renew(enricher: &Enricher, store: &Arc<dyn Store>, feed: &str, now: Instant) {
    let Some(watched) = enricher.watched().into_iter().find(|each| each.status().feed == feed) else { return };
    let renewed = tokio::task::spawn_blocking(move || watched.renew(now).map(|()| watched.status()));
    match renewed.await.map_err(|gone| gone.to_string()).and_then(|renewed| renewed.map_err(|why| why.to_string())) {
        Ok(status) => {
            say(&status);
            keep(store, status).await;
        }
        Err(why) => tracing::warn!(feed, "{}; what it held before goes on to serve", visible(&why)),
    }
}

fn say(status: &FeedStatus) {
    if let Some(concern) = &status.concern {
        tracing::warn!(feed = %status.feed, "{}: {}", status.path.display(), visible(concern));
    }
}

/// Keeps the status where other processes can read it. Showing it is not worth failing for.
async fn keep(store: &Arc<dyn Store>, status: FeedStatus) {
    let key = FeedStatus::note_key(&status.feed);
    let kept = match serde_json::to_string(&status) {
        Ok(text) => blocking(store, move |store| store.note(&key, &text)).await.map_err(|why| why.to_string()),
        Err(why) => Err(why.to_string()),
    };
    if let Err(why) = kept {
        tracing::warn!(feed = %status.feed, "failed to keep the status: {why}");
    }
}

//! The moment a process dies, at a boundary that can be named and met again.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

use super::plan::Side;

/// Lets everything pass until it is lit and has burnt down; then nothing passes any more. Clones are the same fuse.
#[derive(Clone, Debug, Default)]
pub(super) struct Fuse(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    lit: Mutex<Option<(u32, Side)>>,
    burnt: AtomicBool,
    told: Notify,
}

/// The process is dead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dead;

impl Fuse {
    fn lit(&self) -> MutexGuard<'_, Option<(u32, Side)>> {
        self.0.lit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets so many more boundaries pass.
    pub(super) fn light(&self, boundaries: u32, side: Side) {
        *self.lit() = Some((boundaries, side));
    }

    /// Whether the process is dead.
    pub(super) fn burnt(&self) -> bool {
        self.0.burnt.load(Ordering::SeqCst)
    }

    /// Returns once it is.
    pub(super) async fn wait(&self) {
        let told = self.0.told.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        if !self.burnt() {
            told.await;
        }
    }

    /// Passes a boundary: does what lies behind it, or dies before or after, having said so by `last`: nothing else may
    /// happen between the two.
    pub(super) fn pass<T>(&self, last: impl FnOnce(), act: impl FnOnce() -> T) -> Result<T, Dead> {
        if self.burnt() {
            return Err(Dead);
        }
        let dies = match &mut *self.lit() {
            Some((0, side)) => Some(*side),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        if dies == Some(Side::Before) {
            return Err(self.burn(last));
        }
        let done = act();
        if dies == Some(Side::After) { Err(self.burn(last)) } else { Ok(done) }
    }

    fn burn(&self, last: impl FnOnce()) -> Dead {
        last();
        self.0.burnt.store(true, Ordering::SeqCst);
        self.0.told.notify_waiters();
        Dead
    }
}

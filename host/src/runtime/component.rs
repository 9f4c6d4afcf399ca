//! The current generation of a component.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::generation::Generation;

/// A component as sources hold it: whichever generation is current when a call begins serves that call to its end.
#[derive(Debug)]
pub struct Component(ArcSwap<Generation>);

impl Component {
    /// With its first generation.
    pub fn new(generation: Arc<Generation>) -> Self {
        Self(ArcSwap::new(generation))
    }

    /// The one that new calls get.
    pub fn current(&self) -> Arc<Generation> {
        self.0.load_full()
    }

    /// Makes `next` current and returns the one before. Calls under way end on the generation they began with.
    pub fn swap(&self, next: Arc<Generation>) -> Arc<Generation> {
        self.0.swap(next)
    }
}

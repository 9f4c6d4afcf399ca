//! The current generation of a component.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::generation::Generation;
use crate::model::GenerationNumber;

/// A component as sources hold it: whichever generation is current when a call begins serves that call to its end.
#[derive(Debug)]
pub struct Component(ArcSwap<Current>);

/// What new calls get, read in one piece: a worker that sees a generation also sees how often one was taken back by then.
#[derive(Clone, Debug)]
pub struct Current {
    /// The code.
    pub generation: Arc<Generation>,
    /// Its number in the store's history; none where it is not kept there.
    pub number: Option<GenerationNumber>,
    /// How often a generation of this component was taken back. Checkpoints in memory from before are void.
    pub setbacks: u64,
}

impl Component {
    /// With its first generation, outside of any store's history.
    pub fn new(generation: Arc<Generation>) -> Self {
        Self::numbered(generation, None)
    }

    /// With the generation that a store's history names.
    pub fn numbered(generation: Arc<Generation>, number: Option<GenerationNumber>) -> Self {
        Self(ArcSwap::from_pointee(Current { generation, number, setbacks: 0 }))
    }

    /// The one that new calls get.
    pub fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.0.load().generation)
    }

    /// The same, with its number.
    pub fn now(&self) -> Arc<Current> {
        self.0.load_full()
    }

    /// Makes another generation current. Calls under way end on the one they began with.
    pub fn swap(&self, generation: Arc<Generation>, number: Option<GenerationNumber>) {
        let setbacks = self.0.load().setbacks;
        self.0.store(Arc::new(Current { generation, number, setbacks }));
    }

    /// Makes an earlier generation current again.
    pub fn take_back(&self, generation: Arc<Generation>, number: Option<GenerationNumber>) {
        let setbacks = self.0.load().setbacks.saturating_add(1);
        self.0.store(Arc::new(Current { generation, number, setbacks }));
    }
}

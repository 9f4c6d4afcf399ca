//! The store as a command holds it that reads for long: as its owner where no host runs, beside the owner where one does.

use std::sync::Arc;

use super::Result;
use crate::{
    config::Config,
    pipeline,
    store::{Store, StoreError, StoreErrorKind},
};

/// The store, and whether it is ours.
pub(super) enum Hold {
    /// No host runs: this process owns it.
    Owner(Arc<dyn Store>),
    /// A host runs: read only.
    Reader(Arc<dyn Store>),
}

impl Hold {
    /// Takes it where nobody owns it.
    pub(super) fn take(config: &Config) -> Result<Self> {
        match pipeline::own(config) {
            Ok(store) => Ok(Self::Owner(store)),
            Err(why)
                if why
                    .chain()
                    .any(|cause| cause.downcast_ref::<StoreError>().is_some_and(|cause| cause.kind == StoreErrorKind::Locked)) =>
            {
                Ok(Self::Reader(pipeline::look(config)?))
            }
            Err(why) => Err(why),
        }
    }

    /// The store.
    pub(super) fn store(&self) -> &Arc<dyn Store> {
        match self {
            Self::Owner(store) | Self::Reader(store) => store,
        }
    }
}

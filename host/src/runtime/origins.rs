//! What a component declared that it must reach, asked once a generation and configuration.

use std::sync::{Arc, Mutex, PoisonError};

use audit_pipeline::types::Failure;

use super::{answer as must, error::CallError};
use crate::egress::{Grant, Origin};

/// Which requests a call may make.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// None: the contract says that it reaches nothing.
    Nothing,
    /// One, to what is both declared and granted.
    One,
}

/// What a component declared: as it wrote it, and as what the gate compares.
#[derive(Clone)]
pub(super) struct Origins {
    pub(super) written: Arc<[String]>,
    pub(super) grant: Arc<Grant>,
}

impl Origins {
    /// What it wrote, where all of it are origins.
    pub(super) fn new(written: Vec<String>) -> Result<Self, CallError> {
        must::origins(&written).map_err(CallError::Broken)?;
        let parsed: Result<Vec<Origin>, _> = written.iter().map(|text| text.parse()).collect();
        // The operator wrote what this rests on.
        let parsed = parsed.map_err(|why| CallError::Failed(must::failure(Failure::Invalid(why.to_string()))))?;
        Ok(Self { written: written.into(), grant: Arc::new(Grant::new(parsed)) })
    }
}

/// What was declared, by generation: the current one, and one that may become it.
pub(super) struct Declared(Mutex<[Option<(String, Origins)>; 2]>);

impl Default for Declared {
    fn default() -> Self {
        Self(Mutex::new([None, None]))
    }
}

impl Declared {
    pub(super) fn get(&self, digest: &str) -> Option<Origins> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().flatten().find(|(of, _)| of == digest).map(|(_, origins)| origins.clone())
    }

    pub(super) fn put(&self, digest: &str, origins: Origins) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.reverse();
        let [newest, _] = &mut *held;
        *newest = Some((digest.to_owned(), origins));
    }
}

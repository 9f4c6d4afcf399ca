//! What policies and filters call the vendor of a source: its app.

use std::{borrow::Cow, collections::BTreeMap};

use super::{ComponentRef, Config};
use crate::model::SourceName;

impl ComponentRef {
    /// The component's name, or that of its file without what stands behind the last dot.
    pub fn app(&self) -> Cow<'_, str> {
        match self {
            Self::Builtin(name) => Cow::Borrowed(name),
            Self::Path(path) => path.file_stem().unwrap_or_default().to_string_lossy(),
        }
    }
}

impl Config {
    /// The app of each source.
    pub fn apps(&self) -> BTreeMap<SourceName, String> {
        self.sources.iter().map(|each| (each.name.clone(), each.component.app().into_owned())).collect()
    }
}

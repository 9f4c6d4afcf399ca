//! Whom the token of a source belongs to: nobody acts on that account by themselves.

use secrecy::{ExposeSecret as _, SecretString};

use super::Worker;
use crate::{
    alert::Who,
    neutral::brief,
    respond::owner_key,
    store::{StoreError, blocking},
};

impl Worker {
    /// Asks the vendor, once a start, and keeps the answer. Where it does not say, what was known before holds.
    pub(super) async fn identify(&mut self, token: &SecretString) -> Result<(), StoreError> {
        self.settings.identify = false;
        let identity = match self.source.check(token.expose_secret()).await {
            Ok(identity) => identity,
            Err(why) => {
                let why = brief(&why.to_string(), 300);
                tracing::warn!(source = %self.settings.name, "whom the token belongs to is not known: {why}; name them in `exclude` of [respond]");
                return Ok(());
            }
        };
        let Some(user) = identity.user else { return Ok(()) };
        let email = user.name.as_ref().filter(|name| name.contains('@')).map(|name| name.to_lowercase());
        let owner = Who { id: user.id, email, name: user.name };
        let (key, text) = (owner_key(&self.settings.name), serde_json::to_string(&owner).unwrap_or_default());
        blocking(&self.store, move |store| store.note(&key, &text)).await
    }
}

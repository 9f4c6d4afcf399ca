//! How deliveries behave over a real store.

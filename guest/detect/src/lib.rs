//! Judges audit events: anomaly detections and activity policies, as plain functions over values.
//!
//! | module | what |
//! |---|---|
//! | [`component`] | what the component exports |
//! | [`config`] | what an operator may set |
//! | [`judge`] | a batch of sightings: whose profiles, which findings |
//! | [`rules`] | what is unusual, and why |
//! | [`activity`] | the operator's own policies |
//! | [`memory`] | what is remembered of users, addresses and the organization |
//! | [`subject`], [`shelf`], [`codec`] | whose profile, many at once, as bytes |
//! | [`place`], [`country`], [`moment`], [`words`] | where, when, and how it is said |
//! | `shell`, `heap` | the exports, and memory for one call, for WebAssembly only |
//!
//! Nothing here reads a clock, draws a random number, reaches anything or remembers: events carry their times, and all state
//! comes in and goes out. Findings do not depend on where one batch ends and the next begins.

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "pure-detector", path: "../../wit", generate_all, additional_derives: [PartialEq] });
}
pub mod activity;
pub mod codec;
pub mod component;
pub mod config;
pub mod country;
#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, reason = "an allocator is unsafe by nature; the proof stands there")]
mod heap;
pub mod judge;
pub mod memory;
pub mod moment;
pub mod place;
pub mod rules;
pub mod shelf;
#[cfg(target_arch = "wasm32")]
mod shell;
pub mod subject;
pub mod words;

pub use activity_policy::hash;
pub use bindings::audit::pipeline::types;
pub use bindings::exports::audit::pipeline::detector;

#[cfg(test)]
mod tests;

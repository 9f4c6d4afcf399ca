//! The promises I1 to I8, over real sockets, each test named for the one it proves.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod building;
mod cli;
mod detect;
mod enrich;
mod feeds;
mod harmless;
mod i1_late;
mod i1_schedules;
mod i2_once;
mod i3_crash;
mod i4_refresh;
mod i5_apart;
mod i6_swap;
#[cfg(target_os = "linux")] // It reads /proc.
mod i7_memory;
mod i8_outage;
mod i8_person;
mod mask;
mod network;
mod notify;
mod outage;
mod respond;
mod second_detector;
mod second_source;
mod secrets;
mod sign_ins;
mod told;
mod web;

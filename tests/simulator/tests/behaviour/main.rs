//! What the simulator promises, by the door it is promised at.

mod desk;
mod faults;
mod ledger;
mod oauth;
mod paging;
mod scale;
mod strictness;
mod sumo;
mod wire;

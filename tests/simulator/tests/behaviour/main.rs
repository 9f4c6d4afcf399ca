//! What the simulator promises, by the door it is promised at.

mod desk;
mod entra;
mod faults;
mod governance;
mod graph;
mod ledger;
mod microsoft;
mod oauth;
mod paging;
mod scale;
mod sign_ins;
mod strictness;
mod sumo;
mod wire;

//! What the demo and the end-to-end tests share: a simulated world to stand on, a host in this process or in one of its
//! own, and clocks that run faster or stand still.

pub mod changing;
pub mod command;
pub mod component;
pub mod demo;
pub mod drive;
pub mod hook;
pub mod host;
pub mod hostile;
pub mod mailbox;
pub mod network;
pub mod ordeal;
pub mod patience;
pub mod quick_clock;
pub mod stage;

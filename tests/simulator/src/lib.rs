//! Miro, Microsoft Graph and a Sumo Logic HTTP Source on loopback, with faults on demand and a ledger.
//!
//! - [`World`] is a state machine without sockets and without a clock: a request and the time go in, an [`Answer`] comes
//!   out and says how it is delivered. The same calls in the same order always give the same answers.
//! - [`Server`] puts a world on loopback ports: Miro, Sumo, a control door, a publisher of feeds, Entra, Graph, a collector of traces.
//! - [`Proxy`] is what a company puts between itself and all of them.
//! - [`Organization`] is what happens at Miro: any number of events from a seed, some of them late, tied, or odd.
//! - [`Rule`] says which calls a [`Fault`] strikes.
//! - [`SignIn`] is one of what Entra logs, [`Part`] names people whom a test may mean, [`Effect`] is what was done to somebody.
//! - [`Account`] is what Miro holds, what Sumo accepted, and what nobody should have done.
//!
//! It is written from the vendors' public documents and not from any client, and it is stricter than they are: where the
//! real ones are silent about misuse, it counts a [`Violation`].

mod answer;
mod audit;
mod cast;
mod collector;
mod command;
mod control;
mod credits;
mod directory;
mod effect;
mod entra;
mod event;
mod fault;
mod feed;
mod graph;
mod key;
mod ledger;
mod log;
mod member;
mod microsoft;
mod miro;
mod oauth;
mod organization;
mod proxy;
mod scim;
mod search;
mod server;
mod settings;
mod sign_in;
mod sumo;
mod world;

pub use answer::{Answer, Delivery};
pub use collector::{Collected, Traced};
pub use command::{Arguments, main};
pub use directory::{Departure, Group, Part, Person, UserType};
pub use effect::{Done, Effect};
pub use entra::{App, Certificate, PERMISSIONS, Secret, TEST_CERTIFICATE, TEST_KEY};
pub use fault::{Endpoint, Fault, Rule};
pub use key::Key;
pub use ledger::{Account, Asked, Delay, Metadata, Record, Violation};
pub use member::{MEMBERS_SCOPE, Member, Role, SESSIONS_SCOPE};
pub use microsoft::Played;
pub use oauth::{Pair, SCOPE};
pub use organization::{Organization, Spec};
pub use proxy::{
    Far, Inspection, Misdeed, Proxy, Tunnel,
    authority::{Authority, FAR, TlsAcceptor},
};
pub use server::{Server, TimeFn};
pub use settings::{
    Bound, Changed, CutCursor, Denial, GraphSettings, LastPage, MiroSettings, Reset, SearchSettings, Settings, SumoSettings, TooLarge,
    TooOld,
};
pub use sign_in::{Device, MIRO_APP, SignIn};
pub use world::{Sending, World};

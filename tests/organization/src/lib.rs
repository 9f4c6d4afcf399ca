//! A made-up organization that works in Miro, drawn from a seed, and the attacks on it, labelled.
//!
//! It measures what a detector finds and what it invents. It shares no code with any detector and knows none: people are drawn
//! as people work and travel, attackers as attackers come in and what they do then. What goes in is a seed and [`Settings`];
//! what comes out is an [`Organization`]: its [`Happening`]s in the order in which a host stores them, its [`Attack`]s, its people.
//!
//! What always holds:
//!
//! 1. The same seed and settings give the same organization, on every machine.
//! 2. Identifiers are unique, and happenings are in the order of `received`.
//! 3. Everything that an attack did carries its label and lies between its start and its end; nothing else carries one.
//! 4. All attacks lie in the last two thirds of the period, and no account is taken twice.
//!
//! How it is made, from the ground up:
//!
//! - `dice`, `calendar`, `place`: chance, time and geography.
//! - `network`, `town`, `egress`, `feed`: addresses, who gives them, who stands behind one together, what feeds say of them.
//! - `board`, `name`, `world`: what was there before the people.
//! - `trip`, `person`, `population`: who they are and where they go.
//! - `action`, `happening`, `log`: what can be written of them.
//! - `whereabouts`, `session`, `chore`, `day`, `machine`: what they do.
//! - `attack`: what is done to them.
//! - `draw`, `summary`, `lookalike`: all of it together, and in numbers.

mod action;
mod attack;
mod board;
mod calendar;
mod chore;
mod day;
mod dice;
mod draw;
mod egress;
mod feed;
mod happening;
mod log;
mod lookalike;
mod machine;
mod name;
mod network;
mod person;
mod place;
mod population;
mod session;
mod settings;
mod summary;
mod town;
mod trip;
mod whereabouts;
mod world;

pub use attack::{Attack, Kind};
pub use draw::Organization;
pub use happening::{Actor, ActorKind, Departure, DepartureKind, Happening, Object, Outcome};
pub use lookalike::Lookalikes;
pub use network::Network;
pub use person::{Habit, Person};
pub use settings::Settings;
pub use summary::Summary;

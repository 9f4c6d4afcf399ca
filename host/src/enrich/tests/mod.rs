//! What an enricher knows: databases in both ways of writing, ranges over feeds, lists, who users are, and files that change.

mod changing;
mod ground;
mod known;
mod watching;
mod who;

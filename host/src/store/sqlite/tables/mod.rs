//! The tables, as each version of the schema brought them: a file for each thing that a version added. What was released is
//! never changed again.

mod conditions;
mod detections;
mod first;
mod generations;
mod privacy;
mod responses;

/// Raised with every change to the tables; older ones are brought up on opening, newer ones refused.
pub(super) const VERSION: i32 = 6;

/// What each version added to the one before it.
pub(super) const VERSIONS: [&[&str]; VERSION as usize] =
    [&[first::TABLES], &[generations::TABLES], &[detections::TABLES], &[responses::TABLES], &[conditions::TABLES], &[privacy::TABLES]];

//! What is done about alerts, durably: the responses, the log of them, and the people of directories.

use super::Result;
use crate::{
    alert::Who,
    directory::{Member, Person},
    model::{Instant, ResponderName, SourceName},
    respond::{Caps, Deed, Head, Move, Order, Reaction, Record, Response, ResponseId, ResponseQuery, Switched, Turn},
};

/// What a responder has to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Due {
    /// The response whose turn it is.
    pub next: Option<Response>,
    /// When one is due where none is yet.
    pub wake: Option<Instant>,
}

/// The part of the store that knows what is done to accounts. What always holds:
///
/// - **With its record.** A response is made and changed, and the kill switch thrown and lifted, in one transaction with the record
///   of it in the governance log, and with the lines that tell the sinks. What a policy wants done is made in the transaction of the finding.
/// - **Along its life.** A response changes only as [`after`](crate::respond::after) says; whoever changes it says which revision
///   they saw.
/// - **Once.** Of the same [`key`](Response::key) there is one response a source.
/// - **Not while the kill switch is thrown.** No call begins that changes anything: [`Move::Begin`] fails as
///   [`StoreErrorKind::Conflict`](super::StoreErrorKind::Conflict), so that in the log none stands behind the record of the switch.
/// - **For ever.** The governance log is only added to. A response that is final may be forgotten with its alert, its records
///   never: they are the proof of what was done to people, and a chain that begins in the middle proves nothing.
pub trait Responses: Send + Sync + 'static {
    /// The reactions in force from now on. One with source, responder, action and digest of one that was in force already keeps its
    /// `since`; of another, `since` is `at`, whatever it says.
    fn set_reactions(&self, reactions: &[Reaction], at: Instant) -> Result<()>;
    /// A person's order becomes a response. Fails as [`StoreErrorKind::Conflict`](super::StoreErrorKind::Conflict) where it takes
    /// back what did not succeed, what changed nothing, or what its action does not take back.
    fn order(&self, order: &Order, at: Instant) -> Result<Response>;
    /// Responses, the last changed first.
    fn responses(&self, query: &ResponseQuery) -> Result<Vec<Response>>;
    /// One response.
    fn response(&self, id: ResponseId) -> Result<Option<Response>>;
    /// What a responder has to do by now: the pending or running response that has been due for longest, one whose step began and
    /// did not end included.
    fn due_response(&self, responder: &ResponderName, now: Instant) -> Result<Due>;
    /// A person throws or lifts the kill switch: how it stands, and the record of it. `false` where it was lifted and was not
    /// thrown, which is no news and leaves no record.
    fn switch(&self, switched: &Switched) -> Result<bool>;
    /// Something else that the governance log tells. With a turn, only where that is another than its note says, which says it from then
    /// on, in the same transaction. `false`: it is not, and there is no record.
    fn deed(&self, deed: &Deed, turn: Option<Turn<'_>>) -> Result<bool>;
    /// Moves a response along its life, and with one that takes another back that other one. `revision` is the one that the caller
    /// saw; without, whatever it is by now: for people. Fails as [`StoreErrorKind::Conflict`](super::StoreErrorKind::Conflict) where
    /// it is another by now or the move is illegal, and says why.
    fn move_response(&self, id: ResponseId, revision: Option<u64>, next: &Move, who: Option<&str>, at: Instant) -> Result<Response>;
    /// Notes that the next call of a response is about to be made: [`Move::Begin`], at the revision that the caller saw. Fails as
    /// [`StoreErrorKind::Conflict`](super::StoreErrorKind::Conflict) too where the response is a suspension that happens by itself, and
    /// these caps allow no more of them by now: that is counted in the same transaction, since two responders act at a time.
    fn begin_response(&self, id: ResponseId, revision: u64, caps: Caps, users: u64, at: Instant) -> Result<Response>;
    /// People of a source besides this one who were suspended by themselves, or may have been, at or after each moment: no person asked
    /// for it nor approved it, and it was no dry run. The second responder that suspends somebody suspends nobody else.
    fn suspended(&self, source: &SourceName, besides: &Who, hour_since: Instant, day_since: Instant) -> Result<(u64, u64)>;

    /// The records of the governance log after this number, in order, at most so many.
    fn governance(&self, after: i64, most: usize) -> Result<Vec<Record>>;
    /// Where the governance log ends.
    fn governance_head(&self) -> Result<Head>;
    /// The database holds less of the governance log than was once written, or is a copy: it was restored from a backup, and what was done
    /// since is not in it. As it was when the store was opened, until [`hold_restored`](Self::hold_restored).
    fn responses_restored(&self) -> Result<bool>;
    /// The governance log holds less than was once written.
    fn governance_shortened(&self) -> Result<bool>;
    /// After a restore, which the governance log remembers: what is pending or running, unless it is only tried out, and what waits
    /// already, waits for a person who knows of the restore; and what happened until `at` is no reaction's business any more, since it
    /// may have been dealt with before. How many responses wait so. Not asked again afterwards.
    fn hold_restored(&self, at: Instant) -> Result<u64>;

    /// Stores people of a directory together with its checkpoint. Returns who is disabled or deleted now and was not before this
    /// call, or was not known: where there was no checkpoint before, many who left long ago.
    fn put_people(&self, directory: &ResponderName, people: &[Person], checkpoint: &str, at: Instant) -> Result<Vec<Person>>;
    /// How far a directory was read; `None` before the first time.
    fn people_checkpoint(&self, directory: &ResponderName) -> Result<Option<String>>;
    /// The one person with this identifier or address. `None` where nobody has it, and where two people share the address.
    fn person(&self, directory: &ResponderName, email_or_id: &str) -> Result<Option<Person>>;
    /// All who left, by identifier. They are remembered for ever.
    fn departed_people(&self, directory: &ResponderName) -> Result<Vec<Person>>;
    /// How many people are there: who left is not counted.
    fn people_count(&self, directory: &ResponderName) -> Result<u64>;
    /// Who belongs to a group from now on: these and nobody else.
    fn put_members(&self, directory: &ResponderName, group: &str, members: &[Member], at: Instant) -> Result<()>;
    /// Who belongs to a group, by identifier; `None` before that was first stored.
    fn members(&self, directory: &ResponderName, group: &str) -> Result<Option<Vec<Member>>>;
}

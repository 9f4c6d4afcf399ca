//! The store of responses, on the connections of the store.

use super::{SqliteStore, chain, erased, members, people, reactions, responses, switch};
use crate::{
    alert::Who,
    directory::{Member, Person},
    model::{Instant, ResponderName, SourceName},
    respond::{Caps, Deed, Head, Kind, Move, Order, Reaction, Record, Response, ResponseId, ResponseQuery, Switched, Turn},
    store::{Due, Responses, Result},
};

impl Responses for SqliteStore {
    fn set_reactions(&self, reactions: &[Reaction], at: Instant) -> Result<()> {
        self.write_with("note what is to be done about findings", |db| reactions::set(db, reactions, at))
    }

    fn order(&self, order: &Order, at: Instant) -> Result<Response> {
        self.write_recorded("store an order", |db| responses::order(db, order, at))
    }

    fn switch(&self, switched: &Switched) -> Result<bool> {
        self.write_recorded("throw or lift the kill switch", |db| switch::put(db, switched))
    }

    fn deed(&self, deed: &Deed, turn: Option<Turn<'_>>) -> Result<bool> {
        self.write_recorded("write the governance log", |db| chain::deed(db, deed, turn))
    }

    fn responses(&self, query: &ResponseQuery) -> Result<Vec<Response>> {
        self.read_with("list responses", |db| responses::list(db, query))
    }

    fn response(&self, id: ResponseId) -> Result<Option<Response>> {
        self.read_with("read a response", |db| responses::find(db, id))
    }

    fn due_response(&self, responder: &ResponderName, now: Instant) -> Result<Due> {
        self.read_with("read what a responder has to do", |db| responses::due(db, responder, now))
    }

    fn move_response(&self, id: ResponseId, revision: Option<u64>, next: &Move, who: Option<&str>, at: Instant) -> Result<Response> {
        let response = self.write_with("change a response", |db| responses::change(db, id, revision, next, who, at))?;
        self.remember_records();
        Ok(response)
    }

    fn begin_response(&self, id: ResponseId, revision: u64, caps: Caps, users: u64, at: Instant) -> Result<Response> {
        self.write_recorded("begin a response", |db| responses::begin(db, id, revision, caps, users, at))
    }

    fn suspended(&self, source: &SourceName, besides: &Who, hour_since: Instant, day_since: Instant) -> Result<(u64, u64)> {
        self.read_with("count suspensions", |db| responses::suspended(db, source, besides, (hour_since, day_since)))
    }

    fn governance(&self, after: i64, most: usize) -> Result<Vec<Record>> {
        self.read_with("read the governance log", |db| chain::list(db, after, most))
    }

    fn governance_head(&self) -> Result<Head> {
        self.read_with("read the head of the governance log", chain::head)
    }

    fn responses_restored(&self) -> Result<bool> {
        self.is_restored()
    }

    fn governance_shortened(&self) -> Result<bool> {
        self.is_behind()
    }

    fn hold_restored(&self, at: Instant) -> Result<u64> {
        let held = self.write_with("hold what was restored", |db| {
            reactions::begin_anew(db, at)?;
            let held = responses::hold(db, at)?;
            let about = format!("the store was restored from a backup, or is a copy: responses that wait for a person: {held}");
            chain::deed(db, &Deed { at, who: None, deed: Kind::Restored, about, source: None }, None)?;
            Ok(held)
        })?;
        self.settle_restore()?;
        Ok(held)
    }

    fn put_people(&self, directory: &ResponderName, people: &[Person], checkpoint: &str, at: Instant) -> Result<Vec<Person>> {
        let key = self.key();
        self.write_with("store people of a directory", |db| {
            let kept_out = erased::marks(db, &key, None)?;
            let people: Vec<Person> = people.iter().filter(|person| !erased::is(&person.id, &person.emails, &kept_out)).cloned().collect();
            people::put(db, directory, &people, checkpoint, at)
        })
    }

    fn people_checkpoint(&self, directory: &ResponderName) -> Result<Option<String>> {
        self.read_with("read the checkpoint of a directory", |db| people::checkpoint(db, directory))
    }

    fn person(&self, directory: &ResponderName, email_or_id: &str) -> Result<Option<Person>> {
        self.read_with("look for a person", |db| people::find(db, directory, email_or_id))
    }

    fn departed_people(&self, directory: &ResponderName) -> Result<Vec<Person>> {
        self.read_with("list who left", |db| people::departed(db, directory))
    }

    fn people_count(&self, directory: &ResponderName) -> Result<u64> {
        self.read_with("count people", |db| people::count(db, directory))
    }

    fn put_members(&self, directory: &ResponderName, group: &str, members: &[Member], at: Instant) -> Result<()> {
        let key = self.key();
        self.write_with("store who belongs to a group", |db| {
            let kept_out = erased::marks(db, &key, None)?;
            let members: Vec<Member> =
                members.iter().filter(|member| !erased::is(&member.id, &member.emails, &kept_out)).cloned().collect();
            members::put(db, directory, group, &members, at)
        })
    }

    fn members(&self, directory: &ResponderName, group: &str) -> Result<Option<Vec<Member>>> {
        self.read_with("read who belongs to a group", |db| members::list(db, directory, group))
    }
}

//! The whole simulated outside: a state machine without sockets and without a clock.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::{
    answer::Answer,
    audit::{self, Issued},
    cast::Cast,
    collector::Collected,
    credits::Credits,
    directory::Directory,
    entra::Entra,
    event,
    fault::{Faults, Rule},
    graph::Graph,
    key::Key,
    ledger::{Account, Asked, Ledger, NAMED, Record},
    log::{Content, Entry, Log},
    member::{self, Member},
    oauth::{OAuth, Pair, SCOPE},
    organization::{Organization, Spec},
    scim::Scim,
    search::{self, Search},
    settings::Settings,
    sign_in::Kept,
};

/// One organization at Miro and one HTTP Source at Sumo Logic. Cheap to clone; all clones are the same world.
///
/// `now` is milliseconds since the Unix epoch and is expected not to go back.
#[derive(Clone, Debug)]
pub struct World(Arc<Mutex<State>>);

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) seed: u64,
    pub(crate) spec: Spec,
    pub(crate) cast: Cast,
    pub(crate) log: Log,
    pub(crate) settings: Settings,
    pub(crate) oauth: OAuth,
    pub(crate) credits: Credits,
    pub(crate) issued: Issued,
    pub(crate) faults: Faults,
    pub(crate) ledger: Ledger,
    pub(crate) sumo_token: String,
    /// Published files by path.
    pub(crate) feeds: HashMap<String, Bytes>,
    pub(crate) collected: Collected,
    pub(crate) directory: Directory,
    pub(crate) entra: Entra,
    pub(crate) graph: Graph,
    pub(crate) sign_ins: Vec<Kept>,
    pub(crate) members: Vec<Member>,
    pub(crate) scim: Scim,
    pub(crate) search: Search,
}

/// How old every account is when the first event happens.
const YEAR_MS: u64 = 365 * 86_400_000;

/// A request that is on its way to Sumo. Dropped unanswered, it was the client's timeout and no overlap.
#[derive(Debug)]
pub struct Sending {
    world: World,
    id: u64,
}

impl World {
    /// The world of that organization.
    pub fn new(organization: Organization, settings: Settings) -> Self {
        let Organization { seed, spec, cast, moments } = organization;
        let state = State {
            seed,
            log: Log::new(moments, spec.owed_from),
            directory: Directory::draw(seed, &cast, spec.from.saturating_sub(YEAR_MS)),
            entra: Entra::new(seed),
            graph: Graph::default(),
            sign_ins: Vec::new(),
            members: member::draw(&cast),
            scim: Scim::new(seed, 0),
            spec,
            cast,
            settings,
            oauth: OAuth::new(seed),
            credits: Credits::default(),
            issued: Issued::default(),
            faults: Faults::new(seed),
            ledger: Ledger::default(),
            sumo_token: crate::sumo::token(seed, 0),
            feeds: HashMap::new(),
            collected: Collected::default(),
            search: Search::default(),
        };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request to Miro at `now`.
    pub fn miro(&self, request: &Request<Bytes>, now: u64) -> Answer {
        self.lock().miro(request, now)
    }

    /// A request to Sumo at `now`.
    pub fn sumo(&self, request: &Request<Bytes>, now: u64) -> Answer {
        self.lock().sumo(request, now)
    }

    /// A request to Sumo's Search Job API at `now`.
    pub fn search(&self, request: &Request<Bytes>, now: u64) -> Answer {
        self.lock().search(request, now)
    }

    /// Takes accepted lines with these ids away, as if they had never arrived at Sumo. What was owed stays accounted for.
    pub fn remove_at_sumo(&self, ids: &[String]) {
        self.lock().forget_at_sumo(ids);
    }

    /// Access id and access key of the Search Job API.
    pub fn search_key(&self) -> (&'static str, &'static str) {
        (search::ACCESS_ID, search::ACCESS_KEY)
    }

    /// A request to Entra's token endpoint at `now`.
    pub fn entra(&self, request: &Request<Bytes>, now: u64) -> Answer {
        self.lock().entra(request, now)
    }

    /// A request to Microsoft Graph at `now`.
    pub fn graph(&self, request: &Request<Bytes>, now: u64) -> Answer {
        self.lock().graph(request, now)
    }

    /// A request to the collector of traces at `now`.
    pub fn collector(&self, request: &Request<Bytes>, now: u64) -> Answer {
        self.lock().collector(request, now)
    }

    /// What the collector got so far.
    pub fn collected(&self) -> Collected {
        self.lock().collected.clone()
    }

    /// A request for a published file at `now`.
    pub fn feed(&self, request: &Request<Bytes>, now: u64) -> Answer {
        self.lock().feed(request, now)
    }

    /// Publishes a file at that path, such as `/tor.txt`, instead of what was there.
    pub fn publish(&self, path: &str, body: impl Into<Bytes>) {
        self.lock().feeds.insert(path.to_owned(), body.into());
    }

    /// Says that a connection begins to send to Sumo. A request that is answered while another began is a violation.
    pub fn sending(&self) -> Sending {
        Sending { world: self.clone(), id: self.lock().ledger.begin() }
    }

    /// The books at `now`.
    pub fn account(&self, now: u64) -> Account {
        let mut state = self.lock();
        state.log.reveal(now);
        let named = state.log.lost(NAMED).into_iter().map(|(key, entry)| name(key, entry)).collect();
        let (held, accepted) = (state.log.held(), state.log.accepted());
        Account {
            held,
            accepted,
            lost: held.saturating_sub(accepted),
            lost_ids: named,
            rotations: state.oauth.rotations,
            stale_refreshes: state.oauth.stale_refreshes,
            ..state.ledger.sum()
        }
    }

    /// Every id that is held and was not accepted.
    pub fn lost(&self, now: u64) -> Vec<String> {
        let mut state = self.lock();
        state.log.reveal(now);
        state.log.lost(usize::MAX).into_iter().map(|(key, entry)| name(key, entry)).collect()
    }

    /// The last accepted lines, oldest first, as many as the settings keep.
    pub fn records(&self) -> Vec<Record> {
        self.lock().ledger.records().cloned().collect()
    }

    /// The last ten thousand accepted lines that are not audit events, oldest first: alerts, notices.
    pub fn others(&self) -> Vec<Record> {
        self.lock().ledger.others().cloned().collect()
    }

    /// The last ten thousand requests to either vendor, oldest first.
    pub fn calls(&self) -> Vec<Asked> {
        self.lock().ledger.calls().cloned().collect()
    }

    /// Everything that has become visible by `now`, as Miro writes it, in order.
    pub fn visible(&self, now: u64) -> Vec<String> {
        let mut state = self.lock();
        state.log.reveal(now);
        let all = state.log.range(Key::at(0), Key { micros: u64::MAX, serial: u64::MAX });
        all.map(|(key, entry)| audit::written(&state.cast, &state.spec, key, entry)).collect()
    }

    /// A realistic event of that name, which happened at `created` and is visible from `visible_from` on. Returns its id.
    pub fn add_event(&self, created: u64, visible_from: u64, name: &str) -> String {
        self.add_event_with(created, visible_from, name, |_| {})
    }

    /// The same, changed before it is written: who, from where, what of. Returns the id it would have unchanged.
    pub fn add_event_with(&self, created: u64, visible_from: u64, name: &str, change: impl FnOnce(&mut Value)) -> String {
        let mut state = self.lock();
        let state = &mut *state;
        let (cast, spec, seed) = (&state.cast, &state.spec, state.seed);
        let content = |key: Key| {
            let mut record = serde_json::from_str(&event::render(cast, spec, key, seed ^ key.serial, Some(name))).unwrap_or_default();
            change(&mut record);
            Content::Crafted(record.to_string().into())
        };
        state.log.insert(created, visible_from, content).id()
    }

    /// Any record at all, with or without an id or a time. It stands in the log at `created`.
    pub fn insert(&self, created: u64, visible_from: u64, record: &Value) {
        self.lock().log.insert(created, visible_from, |_| Content::Crafted(record.to_string().into()));
    }

    /// Adds a rule and returns its id.
    pub fn add_rule(&self, rule: Rule) -> u64 {
        self.lock().faults.add(rule)
    }

    /// Removes a rule. False where there is none of that id.
    pub fn remove_rule(&self, id: u64) -> bool {
        self.lock().faults.remove(id)
    }

    /// Everything works again.
    pub fn clear_rules(&self) {
        self.lock().faults.clear();
    }

    /// How often the rule struck.
    pub fn struck(&self, id: u64) -> u64 {
        self.lock().faults.list().find(|(other, ..)| *other == id).map_or(0, |(_, _, struck)| struck)
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Changes the settings. The change itself must not call the world.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.lock().settings);
    }

    /// The app's client id.
    pub fn client_id(&self) -> String {
        self.lock().oauth.client_id.clone()
    }

    /// The app's client secret.
    pub fn client_secret(&self) -> String {
        self.lock().oauth.client_secret.clone()
    }

    /// A token that never expires and may read audit logs, as the SIEM toggle mints it.
    pub fn issue_static(&self) -> String {
        self.issue_static_with(SCOPE)
    }

    /// A token that never expires, with those scopes.
    pub fn issue_static_with(&self, scope: &str) -> String {
        self.lock().oauth.issue_static(scope)
    }

    /// A pair that expires, as an authorization at `now` leaves it.
    pub fn issue(&self, now: u64) -> Pair {
        let mut state = self.lock();
        let settings = state.settings.miro.clone();
        state.oauth.issue(SCOPE, &settings, now)
    }

    /// A code as the consent page hands it out at `now`.
    pub fn issue_code(&self, redirect_uri: &str, now: u64) -> String {
        self.lock().oauth.issue_code(redirect_uri, now)
    }

    /// Kills an access or refresh token and the one that came with it.
    pub fn revoke(&self, token: &str) -> bool {
        self.lock().oauth.revoke(token)
    }

    /// Ends an access token before its time; the refresh token beside it lives on.
    pub fn expire(&self, token: &str) -> bool {
        self.lock().oauth.expire(token)
    }

    /// The organization's id at Miro.
    pub fn organization_id(&self) -> String {
        event::ORGANIZATION.to_owned()
    }

    /// The token of Miro's SCIM.
    pub fn scim_token(&self) -> String {
        self.lock().scim.token.clone()
    }

    /// Another token of Miro's SCIM; the old one is dead.
    pub fn regenerate_scim(&self) -> String {
        let mut state = self.lock();
        state.scim = Scim::new(state.seed, state.ledger.account.requests + 1);
        state.scim.token.clone()
    }

    /// Everybody at Miro.
    pub fn members(&self) -> Vec<Member> {
        self.lock().members.clone()
    }

    /// Adds somebody at Miro.
    pub fn add_member(&self, member: Member) {
        self.lock().members.push(member);
    }

    /// Changes somebody at Miro, by id or address. False where there is nobody of the kind.
    pub fn change_member(&self, key: &str, change: impl FnOnce(&mut Member)) -> bool {
        let mut state = self.lock();
        state.members.iter_mut().find(|member| member.id == key || member.email == key).map(change).is_some()
    }

    /// The HTTP Source's token: the last segment of its path.
    pub fn sumo_token(&self) -> String {
        self.lock().sumo_token.clone()
    }

    /// The HTTP Source's path.
    pub fn sumo_path(&self) -> String {
        format!("{}/{}", crate::sumo::PATH, self.sumo_token())
    }

    /// A new URL for the HTTP Source; the old one is dead. Returns the new token.
    pub fn regenerate_sumo(&self) -> String {
        let mut state = self.lock();
        state.sumo_token = crate::sumo::token(state.seed, state.sumo_token.len() as u64 + state.ledger.account.sumo_posts + 1);
        state.sumo_token.clone()
    }
}

/// What an event is called in an account.
fn name(key: Key, entry: &Entry) -> String {
    let own = match &entry.content {
        Content::Drawn(_) => None,
        Content::Crafted(text) => serde_json::from_str::<Value>(text).ok().and_then(|r| r.get("id")?.as_str().map(str::to_owned)),
    };
    own.unwrap_or_else(|| key.id())
}

impl Sending {
    /// It is answered.
    pub fn answered(self) {
        self.world.lock().ledger.end(self.id, true);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.world.lock().ledger.end(self.id, false);
    }
}

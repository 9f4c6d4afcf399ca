//! What a test tells and asks of Microsoft's side of the [`World`].

use crate::{
    directory::{Departure, Group, Part, Person, SENDER},
    effect::{Done, Effect},
    entra::App,
    sign_in::{Kept, SignIn, TICKS},
    world::World,
};

/// Somebody with something about them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Played {
    /// Miro's id.
    pub miro_id: String,
    /// The address that Miro knows.
    pub email: String,
    /// The name that Miro knows.
    pub name: String,
    /// The account in the directory, while there is one.
    pub person: Option<Person>,
}

impl World {
    /// The tenant's id; `acme.example` stands for it too.
    pub fn tenant(&self) -> String {
        self.lock().entra.tenant.clone()
    }

    /// The app that is there from the start: a secret, [`TEST_KEY`](crate::TEST_KEY), and every permission that is needed.
    pub fn app(&self) -> App {
        self.lock().entra.apps.first().cloned().unwrap_or_default()
    }

    /// Every app.
    pub fn apps(&self) -> Vec<App> {
        self.lock().entra.apps.clone()
    }

    /// Registers an app, instead of the one with its id. Tokens that it has keep the permissions they came with.
    pub fn register(&self, app: App) {
        self.lock().entra.register(app);
    }

    /// A token of that app, as the token endpoint would grant it at `now`.
    pub fn grant(&self, client_id: &str, now: u64) -> Option<String> {
        let mut state = self.lock();
        let life_s = state.settings.graph.token_life_s;
        state.entra.grant(client_id, life_s, now)
    }

    /// Ends a token of Entra before its time.
    pub fn expire_grant(&self, token: &str) -> bool {
        self.lock().entra.expire(token)
    }

    /// The mailbox that notices come from.
    pub fn sender(&self) -> String {
        SENDER.to_owned()
    }

    /// Whoever plays that part. `None` where the cast is too small for it.
    pub fn played(&self, part: Part) -> Option<Played> {
        let state = self.lock();
        let user = state.cast.users.get(part.place())?;
        let id = crate::directory::guid(state.seed, "person", part.place());
        let email = user.email.clone().unwrap_or_default();
        Some(Played { miro_id: user.id.clone(), email, name: user.name.clone(), person: state.directory.find(&id).cloned() })
    }

    /// Everybody in the directory at `now`.
    pub fn people(&self, now: u64) -> Vec<Person> {
        let mut state = self.lock();
        state.directory.advance(now);
        state.directory.people().to_vec()
    }

    /// Every group.
    pub fn groups(&self) -> Vec<Group> {
        self.lock().directory.groups.clone()
    }

    /// Adds somebody to the directory. Returns the object id, which is drawn where `person` has none.
    pub fn add_person(&self, person: Person) -> String {
        let mut state = self.lock();
        let seed = state.seed;
        state.directory.add(seed, person)
    }

    /// Changes somebody, by object id or UPN; it shows in the next delta. False where there is nobody of the kind.
    pub fn change_person(&self, key: &str, change: impl FnOnce(&mut Person)) -> bool {
        self.lock().directory.change(key, change)
    }

    /// Sets down that somebody, by object id or UPN, leaves or comes back at `at`.
    pub fn depart(&self, key: &str, departure: Departure, at: u64) {
        self.lock().directory.plan(key, departure, at);
    }

    /// Somebody signs in, or tries to. Returns the identifier that Graph shows. One that is in the future shows when it is due.
    pub fn sign_in(&self, sign_in: SignIn) -> String {
        let mut state = self.lock();
        let n = state.sign_ins.len();
        let id = crate::directory::guid(state.seed, "sign-in", n);
        let late = sign_in.late_ms.unwrap_or(state.settings.graph.sign_ins_late_ms);
        // Some of a millisecond, always the same.
        let part = u64::try_from(n).unwrap_or_default().wrapping_mul(7919) % TICKS;
        let ticks = sign_in.at.saturating_mul(TICKS).saturating_add(part);
        state.sign_ins.push(Kept { id: id.clone(), ticks, visible_from: sign_in.at.saturating_add(late), sign_in });
        id
    }

    /// Every side effect that was accepted, in order, whether or not its answer arrived.
    pub fn effects(&self) -> Vec<Effect> {
        self.lock().ledger.effects().to_vec()
    }

    /// How often that was done to whoever has that identifier or address at the vendor.
    pub fn count(&self, done: Done, who: &str) -> usize {
        let state = self.lock();
        let met = |effect: &&Effect| effect.done == done && (effect.target == who || effect.address.split(',').any(|one| one == who));
        state.ledger.effects().iter().filter(met).count()
    }
}

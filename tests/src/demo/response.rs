//! What is done about the takeover: in a dry run what would be, with `--act` really, in the simulated Entra and Miro.
//!
//! What came of it is read from what Sumo Logic accepted of the governance log, and from the simulator's own ledger.

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::{Done, Member, Person, Role, Server, TEST_CERTIFICATE, TEST_KEY, UserType, World};

use super::takeover::{ID, MAIL, NAME};

/// Whether it is only said what would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The account's sessions would end.
    DryRun,
    /// The account is suspended and its owner mailed.
    Act,
}

impl Mode {
    /// What has to be in the ledger at the end.
    fn owed(self) -> &'static [(Done, &'static str)] {
        match self {
            Self::DryRun => &[],
            Self::Act => &[
                (Done::Disabled, "disabled at Entra"),
                (Done::SignedOut, "signed out at Entra"),
                (Done::Suspended, "deactivated at Miro"),
                (Done::Mailed, "mailed"),
            ],
        }
    }
}

/// The owner of the account is known to Entra and a member at Miro.
pub(super) fn enrol(world: &World) {
    world.add_person(Person {
        user_principal_name: MAIL.to_owned(),
        mail: Some(MAIL.to_owned()),
        display_name: NAME.to_owned(),
        account_enabled: true,
        user_type: UserType::Member,
        mailbox: true,
        ..Person::default()
    });
    world.add_member(Member {
        id: ID.to_owned(),
        email: MAIL.to_owned(),
        name: NAME.to_owned(),
        active: true,
        role: Role::User,
        admin_roles: Vec::new(),
    });
}

/// The secrets of what acts, by the names of their files.
pub(super) fn secrets(world: &World) -> [(&'static str, String); 4] {
    [
        ("entra.pem", TEST_CERTIFICATE.to_owned()),
        ("entra.key", TEST_KEY.to_owned()),
        ("miro_act_token", world.issue_static_with("sessions:delete organizations:read")),
        ("scim_token", world.scim_token()),
    ]
}

/// The part of the configuration that says what acts.
pub(super) fn configure(mode: Mode, world: &World, server: &Server, at: impl Fn(&str) -> String) -> String {
    let (dry_run, actions) = match mode {
        Mode::DryRun => {
            (true, "[[action]]\npolicies = [\"mass-download\"]\ndo = \"sign-out\"\nwith = [\"entra\", \"miro\"]\nseverity = \"low\"\n")
        }
        Mode::Act => (
            false,
            "[[action]]\npolicies = [\"mass-download\"]\ndo = \"suspend\"\nwith = [\"entra\", \"miro\"]\nseverity = \"low\"\n\n\
             [[action]]\npolicies = [\"mass-download\"]\ndo = \"notify\"\nwith = [\"entra\"]\nseverity = \"low\"\n",
        ),
    };
    format!(
        r#"
[respond]
enabled = true
dry_run = {dry_run}
act_within = "24h"                       # time runs thousands of times as fast here

[[responder]]
name = "entra"
component = "builtin:entra"
actions = ["notify", "sign-out", "suspend"]
config = {{ tenant = "{tenant}", client_id = "{client_id}", login_url = "{entra}", graph_url = "{graph}", sender = "{sender}" }}
certificate = {{ file = "{certificate}" }}
private_key = {{ file = "{private_key}" }}
allow = ["{entra}", "{graph}"]

[[responder]]
name = "miro"
component = "builtin:miro"
actions = ["sign-out", "suspend"]
config = {{ api_url = "{miro}", scim_url = "{scim}", organization = "{organization}" }}
secrets = {{ access_token = {{ file = "{token}" }}, scim_token = {{ file = "{scim_token}" }} }}
allow = ["{miro}"]

{actions}"#,
        tenant = world.tenant(),
        client_id = world.app().client_id,
        entra = server.entra_url,
        graph = server.graph_url,
        sender = world.sender(),
        certificate = at("entra.pem"),
        private_key = at("entra.key"),
        miro = server.miro_url,
        scim = server.scim_url,
        organization = world.organization_id(),
        token = at("miro_act_token"),
        scim_token = at("scim_token"),
    )
}

/// The responses, as the latest record of each says.
#[derive(Clone, Debug, Default)]
pub(super) struct Governed {
    records: u64,
    latest: BTreeMap<i64, Value>,
}

impl Governed {
    /// What Sumo Logic accepted of the governance log by now.
    pub(super) fn of(world: &World) -> Self {
        let mut governed = Self::default();
        for record in world.others() {
            let Ok(event) = serde_json::from_slice::<Value>(&record.line) else { continue };
            // An event of OCSF, and in it the record as it was written.
            let Some(raw) = event.get("raw_data").and_then(Value::as_str) else { continue };
            let Ok(line) = serde_json::from_str::<Value>(raw) else { continue };
            let Some(id) = line.pointer("/said/response").and_then(Value::as_i64) else { continue };
            governed.records += 1;
            if let Some(after) = line.pointer("/said/after") {
                governed.latest.insert(id, after.clone());
            }
        }
        governed
    }

    /// Whether there are responses and each has ended.
    pub(super) fn complete(&self) -> bool {
        !self.latest.is_empty() && self.latest.values().all(|after| ["succeeded", "failed", "skipped"].contains(&state(after)))
    }

    /// How much of what had to be done was not, or was done though it had not to be.
    pub(super) fn wrong(&self, mode: Mode, world: &World) -> usize {
        let of = |done| world.effects().iter().filter(|effect| effect.done == done && effect.address.contains(MAIL)).count();
        let owed = mode.owed();
        let missing = owed.iter().filter(|(done, _)| of(*done) != 1).count();
        let unowed = world.effects().iter().filter(|effect| !owed.iter().any(|(done, _)| *done == effect.done)).count();
        missing + unowed + usize::from(self.latest.is_empty())
    }

    /// Prints them, and what the vendors say was done.
    pub(super) fn print(&self, mode: Mode, world: &World) {
        println!("governance log      {:>9}  records, as Sumo Logic accepted them", self.records);
        for (id, after) in &self.latest {
            let text = |key: &str| after.get(key).and_then(Value::as_str).unwrap_or_default();
            println!("  {id:<3} {:<10} {:<8} with {:<6} {}", state(after), text("action"), text("responder"), text("outcome"));
        }
        let effects = world.effects();
        if effects.is_empty() {
            println!("  nothing was done at Entra or Miro: it was a dry run; `cargo demo --act` acts");
        }
        for (done, called) in mode.owed() {
            let times = effects.iter().filter(|effect| effect.done == *done && effect.address.contains(MAIL)).count();
            println!("  {MAIL} was {called}: {times} time{}", if times == 1 { "" } else { "s" });
        }
    }
}

fn state(after: &Value) -> &str {
    match &after["state"] {
        Value::String(word) => word,
        Value::Object(one) => one.keys().next().map_or("", String::as_str),
        _ => "",
    }
}

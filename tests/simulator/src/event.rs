//! One audit event as Miro's API writes it, drawn from a seed whenever it is needed, so that a million cost no memory.

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Map, Value, json};

use crate::{
    cast::{Cast, Named, pick},
    key::{self, Key},
    organization::Spec,
};

/// What an event is about.
#[derive(Clone, Copy, PartialEq)]
enum About {
    Nothing,
    Board,
    User,
    Team,
    Organization,
}

/// The mix: name, category, weight, what it is about. The first four names are the ones Miro documents; the rest are
/// plausible and unconfirmed, as an open set must be expected to be.
const MIX: &[(&str, &str, u32, About)] = &[
    ("sign_in_succeeded", "authentication", 180, About::Nothing),
    ("sign_in_failed", "authentication", 20, About::Nothing),
    ("sign_out_succeeded", "authentication", 40, About::Nothing),
    ("board_opened", "board", 420, About::Board),
    ("board_created", "board", 60, About::Board),
    ("board_exported", "board", 15, About::Board),
    ("board_deleted", "board", 10, About::Board),
    ("board_shared", "sharing", 50, About::Board),
    ("board_public_link_enabled", "sharing", 8, About::Board),
    ("board_permission_changed", "sharing", 30, About::Board),
    ("file_uploaded", "content", 60, About::Board),
    ("file_downloaded", "content", 30, About::Board),
    ("miro_ai_used", "ai", 25, About::Board),
    ("user_invited", "users", 20, About::User),
    ("user_deactivated", "users", 4, About::User),
    ("user_role_changed", "users", 5, About::User),
    ("team_created", "teams", 3, About::Team),
    ("team_member_added", "teams", 12, About::Team),
    ("app_installed", "apps", 4, About::Team),
    ("sso_settings_changed", "settings", 1, About::Organization),
    ("scim_token_generated", "settings", 1, About::Organization),
    ("audit_log_exported", "settings", 2, About::Organization),
];

/// The organization's id.
pub(crate) const ORGANIZATION: &str = "3074457345821140123";

/// What the vendor writes for the event at `key`. `called` fixes its name.
pub(crate) fn render(cast: &Cast, spec: &Spec, key: Key, seed: u64, called: Option<&str>) -> String {
    let mut rng = StdRng::seed_from_u64(seed);
    let rng = &mut rng;
    let drawn = weighted(rng);
    let known = called.map(|name| MIX.iter().find(|(event, ..)| *event == name).copied().unwrap_or((name, "other", 0, About::Board)));
    let (event, category, _, about) = known.unwrap_or(drawn);
    let (user, team, place) = somebody(rng, cast);
    let object = match about {
        About::Board => cast.boards.choose(rng),
        About::User => cast.users.choose(rng),
        About::Team => team,
        About::Nothing | About::Organization => None,
    };
    let organization = json!({ "type": "organization", "id": ORGANIZATION, "name": "Acme Example Holding" });
    let mut context = Map::new();
    context.insert("organization".into(), organization.clone());
    // Sign-ins belong to the organization: https://developers.miro.com/changelog/2023-06-13-changelog
    if let Some(team) = team.filter(|_| about != About::Nothing && about != About::Organization) {
        context.insert("team".into(), typed("team", team));
    }
    context.insert("ip".into(), place.into());
    let mut record = Map::new();
    record.insert("id".into(), key.id().into());
    record.insert("type".into(), "event".into());
    record.insert("event".into(), event.into());
    record.insert("category".into(), category.into());
    record.insert("createdAt".into(), created_at(spec, key, seed).into());
    let by = actor(rng, user);
    let provisioned = spec.provisioned && administers(event, about);
    record.insert("createdBy".into(), if provisioned { provisioner() } else { by });
    record.insert("context".into(), context.into());
    let object = object.map(|o| json!({ "id": o.id, "name": o.name }));
    record.insert("object".into(), object.unwrap_or(if about == About::Nothing { Value::Null } else { organization }));
    let details = details(rng, about, event);
    let as_text = rng.random_bool(spec.text_details_share);
    record.insert("details".into(), if as_text { details.to_string().into() } else { details });
    if rng.random_bool(spec.odd_share) {
        maim(rng, &mut record);
    }
    Value::Object(record).to_string()
}

/// Whether the event of that seed is written in the forms of v1: whole seconds and a `Z`.
pub(crate) fn is_v1(spec: &Spec, seed: u64) -> bool {
    // The upper half of the seed as a fraction of one: independent of what the generator draws from all of it.
    f64::from(u32::try_from(seed >> 32).unwrap_or_default()) / f64::from(u32::MAX) < spec.v1_share
}

fn created_at(spec: &Spec, key: Key, seed: u64) -> String {
    if is_v1(spec, seed) {
        let whole = key.micros.is_multiple_of(1_000_000) && seed & 1 == 0;
        return key::instant(key.micros, if whole { 0 } else { 3 });
    }
    // Without a colon in the offset, hence not RFC 3339.
    key::instant(key.micros, 3).replace('Z', "+0000")
}

fn weighted(rng: &mut StdRng) -> (&'static str, &'static str, u32, About) {
    let total: u32 = MIX.iter().map(|kind| kind.2).sum();
    let mut left = rng.random_range(0..total);
    for kind in MIX {
        match left.checked_sub(kind.2) {
            Some(rest) => left = rest,
            None => return *kind,
        }
    }
    ("board_opened", "board", 0, About::Board)
}

fn typed(kind: &str, named: &Named) -> Value {
    json!({ "type": kind, "id": named.id, "name": named.name })
}

/// Whether an identity provider does it, where there is one.
fn administers(event: &str, about: About) -> bool {
    matches!(about, About::User | About::Team | About::Organization) || event == "board_permission_changed"
}

/// Who does it, in which team and from where. People keep to their team and to two addresses, nearly always.
fn somebody<'a>(rng: &mut StdRng, cast: &'a Cast) -> (Option<&'a Named>, Option<&'a Named>, String) {
    let user = rng.random_range(0..cast.users.len().max(1));
    let team = match rng.random_range(0..20) {
        0 => rng.random_range(0..cast.teams.len().max(1)),
        _ => user % cast.teams.len().max(1),
    };
    let place = match rng.random_range(0..100) {
        0 => format!("192.0.2.{}", rng.random_range(1..255)),
        1..=20 if user % 4 == 0 => format!("2001:db8:{:x}::{:x}", user / 0xffff, user % 0xffff),
        1..=20 => format!("198.51.100.{}", user % 254 + 1),
        _ => format!("203.0.113.{}", team % 40 + 1),
    };
    (cast.users.get(user), cast.teams.get(team), place)
}

fn actor(rng: &mut StdRng, user: Option<&Named>) -> Value {
    let Some(user) = user else { return Value::Null };
    match rng.random_range(0..100) {
        0 => json!({ "type": "application", "id": "3074457345618265000", "name": "Asana Cards" }),
        1 => provisioner(),
        2 => json!({ "type": "miro_automation", "name": "Miro" }),
        // A kind that nobody has heard of yet.
        3 => json!({ "type": "ai_agent", "id": user.id, "name": user.name, "email": user.email }),
        _ => json!({ "type": "user", "id": user.id, "name": user.name, "email": user.email }),
    }
}

fn provisioner() -> Value {
    json!({ "type": "scim_provisioner", "id": "3074457345618265001", "name": "SCIM" })
}

fn details(rng: &mut StdRng, about: About, event: &str) -> Value {
    let auth = pick(rng, &["SSO", "SSO", "SSO", "PASSWORD", "GOOGLE", "MICROSOFT"]);
    let mfa = pick(rng, &["NONE", "NONE", "TOTP"]);
    let trace = format!("{:032x}", rng.random::<u128>());
    match about {
        About::Nothing if event.ends_with("failed") => {
            json!({ "authType": auth, "mfaFactorType": mfa, "reason": "INVALID_CREDENTIALS", "requestTrace": trace })
        }
        About::Nothing => json!({ "authType": auth, "mfaFactorType": mfa, "requestTrace": trace, "sessionLength": 28_800 }),
        About::Organization => json!({ "setting": event, "oldValue": { "enabled": false }, "newValue": { "enabled": true } }),
        About::Board | About::User | About::Team => {
            let role = pick(rng, &["OWNER", "EDITOR", "COMMENTER", "VIEWER"]);
            json!({
                "role": role, "effectiveRole": role, "authType": auth, "mfaFactorType": mfa, "requestTrace": trace,
                "accessPath": ["organization", "team", "project", "board"],
                "sharingPolicy": { "access": "private", "organizationAccess": "view", "teamAccess": "edit", "inviteToAccountAndBoardLinkAccess": "no_access" },
            })
        }
    }
}

/// Takes away or voids what no schema promises. The id and the time stay: those are taken away on purpose only.
fn maim(rng: &mut StdRng, record: &mut Map<String, Value>) {
    let field = pick(rng, &["type", "event", "category", "createdBy", "context", "object", "details"]);
    if rng.random_bool(0.5) {
        record.shift_remove(field);
    } else {
        record.insert(field.into(), Value::Null);
    }
    record.insert("fieldOfTomorrow".into(), json!([1.5, { "deep": null }, 9_007_199_254_740_993_u64]));
}

//! What a mask makes of lines: values written in every way, in lines that are otherwise left alone.

use audit_pipeline::types::{Actor, ActorKind, Entity, Event, Outcome};
use futures_util::future;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::store::{
    seal::Key,
    sqlite::{Access, Open, SqliteStore},
};

mod alike;
mod doubt;
mod hostile;

const EMAIL: &str = "ann.o'neil+x@acme.example";
const NAME: &str = "Ann O'Neil";
const ID: &str = "3074457346235995512";
const IP: &str = "2001:db8:85a3::7";

/// A mask over a store of its own.
struct Bench {
    mask: Mask,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn of(fields: &[Masked]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = Open::new(folder.path().join("store.db"), Key::new(&[7; 32]), Access::Owner);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(open).unwrap());
        let normalize: Normalize = Arc::new(|_, _| Box::pin(future::ready(Ok(Vec::new()))));
        Self { mask: Mask::new(fields, store, normalize), _folder: folder }
    }

    fn pseudonym(&self, field: Masked, value: &str) -> String {
        pseudonym(self.mask.store.as_ref(), field, value)
    }

    fn line(&self, line: &str, event: &Event) -> String {
        self.mask.line(line, &Known::of(&self.mask.fields, event)).into_owned()
    }
}

fn event(name: &str) -> Event {
    Event {
        id: "2024#event".to_owned(),
        time: 1,
        action: "board_opened".to_owned(),
        category: Some("board".to_owned()),
        traits: Vec::new(),
        outcome: Outcome::Success,
        actor: Actor { kind: ActorKind::User, id: Some(ID.to_owned()), name: Some(name.to_owned()), email: Some(EMAIL.to_owned()) },
        object: Some(Entity { kind: Some("board".to_owned()), id: Some("b1".to_owned()), name: Some("Layoffs".to_owned()) }),
        team: None,
        organization: None,
        ip: Some(IP.to_owned()),
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: "{}".to_owned(),
    }
}

fn all_but_objects() -> Vec<Masked> {
    Masked::ALL.into_iter().filter(|field| *field != Masked::ObjectName).collect()
}

#[test]
fn each_field_has_its_form_and_one_person_one_pseudonym() {
    let bench = Bench::of(&Masked::ALL);
    let like = |field, value: &str, pattern: &str| {
        let made = bench.pseudonym(field, value);
        let digits = made.chars().map(|c| if c.is_ascii_hexdigit() && pattern.contains('#') { '#' } else { c });
        assert_eq!(made.len(), pattern.len(), "{made}");
        assert!(digits.zip(pattern.chars()).all(|(made, wanted)| made == wanted || wanted == '#' || made == '#'), "{made}");
        made
    };
    like(Masked::UserName, NAME, "user-################");
    like(Masked::UserEmail, EMAIL, "p-################@masked.invalid");
    like(Masked::UserId, ID, "id-################");
    like(Masked::ObjectName, "Layoffs", "object-################");
    let address = bench.pseudonym(Masked::IpAddress, "192.0.2.1");
    assert!(address.starts_with("2001:db8::") && address.parse::<std::net::Ipv6Addr>().is_ok(), "{address}");
    for (field, one, other) in [
        (Masked::UserEmail, EMAIL, "ANN.O'Neil+X@acme.EXAMPLE"),
        (Masked::IpAddress, "192.0.2.1", "::ffff:192.0.2.1"),
        (Masked::IpAddress, IP, "2001:DB8:85A3:0:0:0:0:7"),
    ] {
        assert_eq!(bench.pseudonym(field, one), bench.pseudonym(field, other));
    }
    assert_ne!(bench.pseudonym(Masked::UserId, "a"), bench.pseudonym(Masked::UserId, "A"), "identifiers are compared to the letter");
    assert_ne!(bench.pseudonym(Masked::UserId, "a"), bench.pseudonym(Masked::UserName, "a").replace("user", "id"), "by kind");
}

#[test]
fn a_pseudonym_survives_a_change_of_key_and_is_another_in_another_store() {
    let bench = Bench::of(&Masked::ALL);
    let before = bench.pseudonym(Masked::UserEmail, EMAIL);
    bench.mask.store.rekey(&Key::new(&[8; 32])).unwrap();
    assert_eq!(bench.pseudonym(Masked::UserEmail, EMAIL), before);
    let folder = tempfile::tempdir().unwrap();
    let other = SqliteStore::open(Open::new(folder.path().join("store.db"), Key::new(&[9; 32]), Access::Owner)).unwrap();
    assert_ne!(pseudonym(&other, Masked::UserEmail, EMAIL), before);
}

#[test]
fn values_are_found_wherever_they_stand_and_their_like_is_left_alone() {
    let bench = Bench::of(&Masked::ALL);
    let event = event("Ann");
    let of = |field, value: &str| bench.pseudonym(field, value);
    let (name, email, id) = (of(Masked::UserName, "Ann"), of(Masked::UserEmail, EMAIL), of(Masked::UserId, ID));
    let ip = |text: &str| of(Masked::IpAddress, text);
    let other = of(Masked::UserEmail, "bob@acme.example");
    let cases: Vec<(String, String)> = vec![
        // Names are words of their own, in any case.
        (
            r#"{"a":"Ann, ANN's and Ann-Marie; Anniversary, Hannah, ann_b"}"#.into(),
            format!(r#"{{"a":"{name}, {name}'s and {name}-Marie; Anniversary, Hannah, ann_b"}}"#),
        ),
        // What the event is stays; names of fields too.
        (
            r#"{"id":"2024#event","event":"board_opened","category":"board"}"#.into(),
            r#"{"id":"2024#event","event":"board_opened","category":"board"}"#.into(),
        ),
        // A number becomes a string, another number stays.
        (format!(r#"{{"by":{ID},"n":{ID}1,"m":[1.5e3]}}"#), format!(r#"{{"by":"{id}","n":{ID}1,"m":[1.5e3]}}"#)),
        // In a URL, in a name, in angle brackets, of somebody else.
        (
            format!(r#"{{"u":"/x?email=ann.o'neil%2Bx%40acme.example&y=1","{EMAIL}":"<Bob@ACME.example>."}}"#),
            format!(r#"{{"u":"/x?email={email}&y=1","{email}":"<{other}>."}}"#),
        ),
        (r#"{"u":"q%3Dbob%40acme.example%26z"}"#.into(), format!(r#"{{"u":"q%3D{other}%26z"}}"#)),
        // What is no address.
        (
            r#"{"a":"@ann2 5 @ 3 std::abc 12:30:45 1.8.0 300.1.1.1 1.2.3.4.5"}"#.into(),
            r#"{"a":"@ann2 5 @ 3 std::abc 12:30:45 1.8.0 300.1.1.1 1.2.3.4.5"}"#.into(),
        ),
        // Addresses with what stands around them.
        (
            r#"{"a":"[2001:DB8:85a3::7]:443, 10.0.0.1:80. from src:fe80::1%eth0 ::ffff:10.0.0.1"}"#.into(),
            format!(r#"{{"a":"[{v6}]:443, {v4}:80. from src:{link}%eth0 {v4}"}}"#, v6 = ip(IP), v4 = ip("10.0.0.1"), link = ip("fe80::1")),
        ),
        (r#"{"a":"10.0.0.0/8 2001:db8:1::/48"}"#.into(), format!(r#"{{"a":"{}/8 {}/48"}}"#, ip("10.0.0.0"), ip("2001:db8:1::"))),
        // JSON in a string, twice, with escapes.
        (
            r#"{"raw_data":"{\"n\":\"\\u0041nn\",\"id\":3074457346235995512,\"r\":\"{\\\"e\\\":\\\"\\\\u0062ob@acme.example\\\"}\"}"}"#
                .into(),
            format!(r#"{{"raw_data":"{{\"n\":\"{name}\",\"id\":\"{id}\",\"r\":\"{{\\\"e\\\":\\\"{other}\\\"}}\"}}"}}"#),
        ),
        // A part of JSON in a text.
        (r#"{"a":"payload: {\"n\":\"\\u0041nn\""}"#.into(), format!(r#"{{"a":"payload: {{\"n\":\"{name}\""}}"#)),
        // What was acted upon.
        (r#"{"object":{"name":"Layoffs"}}"#.into(), format!(r#"{{"object":{{"name":"{}"}}}}"#, of(Masked::ObjectName, "layoffs"))),
        // No JSON.
        (
            format!("CEF:0|x|msg=by Ann suser=bob@acme.example src=10.0.0.1 c6a1={IP}"),
            format!("CEF:0|x|msg=by {name} suser={other} src={} c6a1={}", ip("10.0.0.1"), ip(IP)),
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(bench.line(&line, &event), expected, "{line}");
    }
}

#[test]
fn people_beside_the_actor_are_known_by_what_they_stand_with() {
    let bench = Bench::of(&all_but_objects());
    let mut event = event("Ann");
    let record = json!({
        "details": {"invited": {"email": "eve@acme.example", "name": "Eve Adams", "id": "77"}, "targetUserName": "Bob Bell", "by": "seen by Eve Adams and Bob Bell, 77 times 7"},
        "object": {"type": "user", "name": "Carl", "id": 12345},
    });
    event.record = record.to_string();
    let masked: Value = serde_json::from_str(&bench.line(&event.record, &event)).unwrap();
    let of = |field, value: &str| bench.pseudonym(field, value);
    let (eve, bob) = (of(Masked::UserName, "Eve Adams"), of(Masked::UserName, "Bob Bell"));
    assert_eq!(masked["details"]["by"], format!("seen by {eve} and {bob}, {} times 7", of(Masked::UserId, "77")));
    assert_eq!(masked["object"], json!({"type": "user", "name": of(Masked::UserName, "Carl"), "id": of(Masked::UserId, "12345")}));
}

#[test]
fn who_is_called_like_a_field_or_an_action_breaks_no_line() {
    let bench = Bench::of(&Masked::ALL);
    for name in ["id", "event", "board_opened", "createdBy", "type", "email", "board", "p", "user", "masked"] {
        let line = format!(
            r#"{{"id":"2024#event","event":"board_opened","category":"board","createdBy":{{"type":"x","id":"{ID}","name":"{name}","email":"{EMAIL}"}}}}"#
        );
        let masked: Value = serde_json::from_str(&bench.line(&line, &event(name))).unwrap();
        assert_eq!((&masked["id"], &masked["event"], &masked["category"]), (&json!("2024#event"), &json!("board_opened"), &json!("board")));
        assert_eq!(masked["createdBy"]["email"], bench.pseudonym(Masked::UserEmail, EMAIL), "{name}");
        assert_eq!(masked["createdBy"]["id"], bench.pseudonym(Masked::UserId, ID), "{name}");
    }
}

#[test]
fn what_is_not_masked_is_not_touched() {
    let bench = Bench::of(&[Masked::UserEmail]);
    let line = format!(r#"{{"n":"Ann","i":"{ID}","ip":"{IP}","o":"Layoffs", "deep":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(bench.line(&line, &event("Ann")), line);
}

#[test]
fn a_masked_record_is_told_from_one_as_it_was_written() {
    let bench = Bench::of(&Masked::ALL);
    for field in Masked::ALL {
        assert!(has_pseudonym(&format!("x {} y", bench.pseudonym(field, "192.0.2.1"))), "{field}");
    }
    assert!(!has_pseudonym("user-1 id-abc p-1@masked.example object-0123456789abcdef0"));
}

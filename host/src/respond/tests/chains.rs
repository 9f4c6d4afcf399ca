//! The log as a chain: nothing in it changes without a trace.

use proptest::{collection::vec, prelude::*};

use super::*;

fn chain(length: usize) -> Vec<Record> {
    let (mut head, mut records) = (Head::default(), Vec::new());
    let mut response = automatic(Action::Suspend);
    for at in 0..length {
        let change = Move::Retry { unsure: false, why: format!("try {at}\n\u{202e}{{"), trace: None, due: NOON };
        response = after(&response, &change, None, NOON).unwrap();
        let changed = Changed { at: NOON, response: response.id, who: Some("ann".into()), change: Some(change), after: response.clone() };
        let switched = Switched { at: NOON, who: "ann".into(), switch: Switch::Stop, why: Some(format!("drill {at}\n\u{202e}{{")) };
        let said = if at == 1 { Said::Switch(switched) } else { Said::Response(Box::new(changed)) };
        let record = Record::next(&head, &said).unwrap();
        assert_eq!(record.said().unwrap(), said);
        head = record.head();
        records.push(record);
    }
    records
}

fn check(records: &[Record]) -> Result<Head, Broken> {
    verify(&Head::default(), records)
}

#[test]
fn a_log_as_it_was_written_is_right_also_in_parts() {
    let records = chain(9);
    let head = check(&records).unwrap();
    assert_eq!((head.number, &head), (9, &records[8].head()));
    let middle = check(&records[..4]).unwrap();
    assert_eq!(verify(&middle, &records[4..]).unwrap(), head);
    assert_eq!(check(&[]).unwrap(), Head::default());
}

#[test]
fn what_is_taken_out_put_in_or_exchanged_is_named() {
    let records = chain(5);
    let without = |at: usize| [&records[..at], &records[at + 1..]].concat();
    assert_eq!(check(&without(0)), Err(Broken::Loose(2)));
    assert_eq!(check(&without(2)), Err(Broken::Loose(4)));
    let mut exchanged = records.clone();
    exchanged.swap(1, 2);
    assert_eq!(check(&exchanged), Err(Broken::Loose(3)));
    let twice = [&records[..2], &records[1..]].concat();
    assert_eq!(check(&twice), Err(Broken::Loose(2)));
    // One of another log, well made in itself.
    let mut other = records.clone();
    other[2] = Record::next(&Head { number: 2, hash: "f".repeat(64) }, &records[2].said().unwrap()).unwrap();
    assert_eq!(check(&other), Err(Broken::Loose(3)));
}

#[test]
fn an_end_that_was_cut_off_is_noticed_by_whoever_knows_how_long_it_was() {
    let records = chain(5);
    let head = check(&records[..3]).unwrap();
    assert_eq!(head.reaches(3), Ok(()));
    assert_eq!(head.reaches(5), Err(Broken::Short { found: 3, expected: 5 }));
}

#[test]
fn a_line_is_all_that_checking_takes() {
    let records = chain(3);
    let read = |record: &Record| {
        let line = record.line();
        assert!(line.lines().count() == 1 && !line.contains('\u{202e}'), "{line}");
        assert_eq!(crate::neutral::json(&line), line, "a sink gets it as it is");
        let (front, said) = line.split_once(r#","said":"#).unwrap();
        let front: serde_json::Value = serde_json::from_str(&format!("{front}}}")).unwrap();
        let text = |name: &str| front[name].as_str().unwrap().to_owned();
        let body = said.strip_suffix('}').unwrap().to_owned();
        Record { number: front["number"].as_i64().unwrap(), body, previous: text("previous"), hash: text("hash") }
    };
    let again: Vec<Record> = records.iter().map(read).collect();
    assert_eq!(again, records);
}

#[test]
fn a_record_is_an_ocsf_remediation_activity_that_carries_it() {
    let records = chain(3);
    for record in &records {
        let event = ocsf(record);
        assert_eq!(ocsf_schema::faults(&event), Vec::<String>::new(), "{event:#}");
        let text = crate::neutral::json(&event.to_string()).into_owned();
        assert_eq!(&Record::parse(&text).unwrap(), record, "what a sink got can be checked");
    }
    let suspended = ocsf(&records[0]);
    let at = |pointer: &str| suspended.pointer(pointer).cloned().unwrap_or_default();
    for (pointer, value) in [
        ("/type_uid", serde_json::json!(700_102)),
        ("/severity_id", serde_json::json!(3)),
        ("/status", serde_json::json!("pending")),
        ("/time", serde_json::json!(NOON.0)),
        ("/command_uid", serde_json::json!("acme/response/3")),
        ("/metadata/sequence", serde_json::json!(1)),
        ("/metadata/correlation_uid", serde_json::json!("acme/7")),
        ("/observables/0/value", serde_json::json!("eve@example.com")),
        ("/unmapped/state", serde_json::json!("pending")),
    ] {
        assert_eq!(at(pointer), value, "{pointer} of {suspended:#}");
    }
    assert_eq!(ocsf(&records[1])["activity_name"], "Stop");
}

#[test]
fn every_action_state_and_cause_is_right_as_ocsf() {
    for action in Action::ALL {
        let states =
            [State::Waiting(Wait::Cap), State::Running, State::Succeeded, State::Failed, State::Skipped, State::Reverted(ResponseId(4))];
        for (nth, state) in states.into_iter().enumerate() {
            let by_hand = Response { id: ResponseId(3), ..order(action, "ann").response(NOON) };
            let response = if nth % 2 == 0 { automatic(action) } else { by_hand };
            let after = Response { state, account: Some(account()), outcome: Some("in a sentence".into()), ..response };
            let changed = Changed { at: NOON, response: after.id, who: None, change: None, after };
            let record = Record::next(&Head::default(), &Said::Response(Box::new(changed))).unwrap();
            assert_eq!(ocsf_schema::faults(&ocsf(&record)), Vec::<String>::new(), "{:#}", ocsf(&record));
        }
    }
    let unknown = Record { number: 1, body: "{}".into(), previous: "0".repeat(64), hash: "f".repeat(64) };
    assert_eq!(ocsf_schema::faults(&ocsf(&unknown)), Vec::<String>::new());
}

proptest! {
    #[test]
    fn a_byte_that_is_flipped_anywhere_is_named(length in 1usize..6, at in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), bit in 0u8..7) {
        let mut records = chain(length);
        let record = at.get(&records).clone();
        let place = usize::try_from(record.number).unwrap() - 1;
        let flip = |text: &str, at: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            String::from_utf8(bytes)
        };
        let Record { number, body, previous, hash } = &record;
        let at = byte.index(body.len() + previous.len() + hash.len() + 1);
        let changed = if at < body.len() {
            flip(body, at).map(|body| Record { body, ..record.clone() })
        } else if at < body.len() + previous.len() {
            flip(previous, at - body.len()).map(|previous| Record { previous, ..record.clone() })
        } else if at < body.len() + previous.len() + hash.len() {
            flip(hash, at - body.len() - previous.len()).map(|hash| Record { hash, ..record.clone() })
        } else {
            Ok(Record { number: number ^ (1 << bit), ..record.clone() })
        };
        // Half a character is no text at all, and does not get into a log.
        prop_assume!(changed.is_ok());
        let changed = changed.unwrap();
        let named = changed.number;
        records[place] = changed;
        prop_assert_eq!(check(&records), Err(Broken::Changed(named)));
    }

    #[test]
    fn whatever_is_left_of_a_log_is_its_beginning_or_broken(keep in vec(any::<bool>(), 6)) {
        let records = chain(6);
        let left: Vec<Record> = records.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(record, _)| record.clone()).collect();
        let is_beginning = left == records[..left.len()];
        prop_assert_eq!(check(&left).is_ok(), is_beginning);
    }
}

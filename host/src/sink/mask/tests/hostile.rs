//! Lines made of values, each written in some way, and of what is none: the expected line is made beside.

use super::*;

/// What a string is made of.
#[derive(Clone, Debug)]
enum Piece {
    /// Nobody's, as it stands in JSON.
    Nothing(&'static str),
    /// A value: which, in capitals or not, and which of its characters are escaped.
    Value(usize, bool, u64),
}

/// Where a string stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    Value,
    Name,
    Array,
    Raw,
}

const NOTHING: [&str; 9] = ["λόγος", r"\n", r#"\""#, r"\\", "😀", r"\ud83d\ude00", "(::)", "ω.ω", r"\u03c9"];

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        proptest::sample::select(&NOTHING[..]).prop_map(Piece::Nothing),
        (0..4_usize, any::<bool>(), any::<u64>()).prop_map(|(which, capitals, escapes)| Piece::Value(which, capitals, escapes)),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    proptest::sample::select(&[Place::Value, Place::Name, Place::Array, Place::Raw][..])
}

/// As JSON, with such of its characters as `\u…` as the bits say.
fn written(text: &str, escapes: u64) -> String {
    let mut out = String::new();
    for (nth, c) in text.chars().enumerate() {
        if escapes >> (nth % 64) & 1 == 1 || c.is_control() {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04X}")));
        } else if matches!(c, '"' | '\\') {
            out.extend(['\\', c]);
        } else {
            out.push(c);
        }
    }
    out
}

fn line(strings: &[(Place, String)]) -> String {
    let mut members = vec![r#""id":"2024#event""#.to_owned()];
    for (nth, (place, text)) in strings.iter().enumerate() {
        members.push(match place {
            Place::Value => format!(r#""α{nth}" : "{text}""#),
            Place::Name => format!(r#""β{nth}":{{"{text}":null}}"#),
            Place::Array => format!(r#""γ{nth}":[ 1.0,"{text}",true]"#),
            Place::Raw => format!(r#""raw_data":{}"#, Value::String(format!(r#"{{"δ":"{text}"}}"#))),
        });
    }
    format!("{{{}}}", members.join(","))
}

/// Every string of a line as what it says, JSON within strings too.
fn said(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => said(&inner, out),
            _ => out.push(text.to_lowercase()),
        },
        Value::Array(items) => items.iter().for_each(|item| said(item, out)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            out.push(name.to_lowercase());
            said(value, out);
        }),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_value_leaves_however_it_is_written_and_every_other_byte_does(
        name in "[a-zÀ-ÿ田中\"\\\\' .,\u{202e}\u{1}-]{0,6}[A-ZÉ][a-zÀ-ÿ田中\"\\\\' .,\u{202e}\u{1}-]{0,6}",
        strings in prop::collection::vec((place(), prop::collection::vec(piece(), 1..6)), 1..6),
    ) {
        let bench = bench();
        let name = name.trim().to_owned();
        let values = [
            (Masked::UserName, name.as_str(), name.to_uppercase()),
            (Masked::UserEmail, EMAIL, EMAIL.to_uppercase()),
            (Masked::UserId, ID, ID.to_owned()),
            (Masked::IpAddress, IP, "2001:DB8:85A3:0:0::7".to_owned()),
        ];
        // What has other capitals in some languages than it is written with is another text.
        let capitals = name.to_uppercase().to_lowercase() == name.to_lowercase();
        let text = |piece: &Piece| match piece {
            Piece::Nothing(text) => (*text).to_owned(),
            Piece::Value(which, loud, escapes) => {
                let (_, quiet, capital) = &values[*which];
                written(if *loud && (capitals || *which > 0) { capital } else { quiet }, *escapes)
            }
        };
        let masked = |piece: &Piece| match piece {
            Piece::Nothing(text) => (*text).to_owned(),
            Piece::Value(which, ..) => bench.pseudonym(values[*which].0, values[*which].1),
        };
        let made = |of: &dyn Fn(&Piece) -> String| {
            let each = |(place, pieces): &(Place, Vec<Piece>)| (*place, pieces.iter().map(of).collect::<Vec<_>>().join(" "));
            line(&strings.iter().map(each).collect::<Vec<_>>())
        };
        let (before, expected) = (made(&text), made(&masked));
        let after = bench.line(&before, &event(&name));
        prop_assert_eq!(&after, &expected, "{}", before);
        prop_assert!(!after.contains(['\n', '\r']));
        let mut all = Vec::new();
        said(&serde_json::from_str(&after).unwrap(), &mut all);
        for text in all {
            let left = [EMAIL, ID, IP, "2001:db8:85a3:0:0::7"].into_iter().find(|value| text.contains(value));
            prop_assert!(left.is_none(), "{}", text);
        }
    }

    #[test]
    fn any_text_passes_and_stays_json_where_it_was(record in ".{0,200}", inner in "[ -~]{0,80}") {
        let bench = bench();
        let known = event("Ann");
        let _ = bench.line(&record, &known);
        for line in [json!({"id": "1", "a": record}), json!({record: [inner]})] {
            let masked = bench.line(&line.to_string(), &known);
            prop_assert!(serde_json::from_str::<Value>(&masked).is_ok(), "{}", masked);
            prop_assert!(!masked.contains(['\n', '\r']));
        }
    }
}

fn bench() -> &'static Bench {
    static BENCH: std::sync::LazyLock<Bench> = std::sync::LazyLock::new(|| Bench::of(&all_but_objects()));
    &BENCH
}

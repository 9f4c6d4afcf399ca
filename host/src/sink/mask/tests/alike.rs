//! What is masked on its way to a sink is found by an erasure too.

use super::*;
use crate::privacy::{
    Identity, Marks,
    line::{Whose, redact},
};

const ANN: &str = "ann.lee@acme.example";

/// What stands before and behind a value. An address behind `export_` is another, unless it is the name of a file.
const AROUND: [(&str, &str); 11] = [
    ("", ""),
    ("to ", ", and others"),
    ("<", ">."),
    ("mailto:", "?x"),
    ("/x?email=", "&y=1"),
    ("q%3D", "%26z"),
    ("export_", ".pdf"),
    ("copy-", "_2024"),
    ("\"", "\""),
    ("\\", "\n"),
    ("Übung: ", "\u{200b}"),
];

proptest! {
    #[test]
    fn whatever_is_masked_is_erased(around in 0..AROUND.len(), address in any::<bool>(), capitals in any::<bool>(), url in any::<bool>(), levels in 0..4_usize) {
        let bench = Bench::of(&[Masked::UserEmail, Masked::UserId]);
        let mut value = if address { ANN.to_owned() } else { ID.to_owned() };
        if capitals {
            value = value.to_uppercase();
        }
        if url {
            value = value.replace('@', "%40");
        }
        let (before, behind) = AROUND[around];
        let mut line = json!({ "text": format!("{before}{value}{behind}") }).to_string();
        for _ in 0..levels {
            line = json!({ "n": 1, "raw_data": line }).to_string();
        }
        let actor = Actor { email: Some(ANN.to_owned()), ..event("Ann").actor };
        let known = Event { actor, ..event("Ann") };
        let is_masked = bench.line(&line, &known) != line;
        prop_assert!(is_masked || !address, "{}", line);
        if is_masked {
            let left = redact(&line, &Marks::plain(&[Identity::account(ANN), Identity::account(ID)]), Whose::Vendor);
            let left = left.unwrap_or_else(|| panic!("not erased: {line}"));
            prop_assert_eq!(&bench.line(&left, &known), &left, "{}", line);
        }
    }
}

//! What must not go, whatever its age and whoever asks: a legal hold.

use audit_pipeline::types::Event;
use serde::{Deserialize, Serialize};

use super::{Identity, Marks, line};

/// A legal hold on what is kept of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hold {
    /// None.
    #[default]
    Nothing,
    /// On all of it.
    All,
    /// On what names these.
    Of(Vec<String>),
}

impl Hold {
    /// Who is held, as they are looked for.
    pub fn marks(&self) -> Marks {
        let held: Vec<Identity> = match self {
            Self::Nothing | Self::All => Vec::new(),
            Self::Of(who) => who.iter().map(Identity::account).collect(),
        };
        Marks::plain(&held)
    }

    /// Why a person with these identities must stay, or one of those who were erased before and would be once more.
    pub fn keeps(&self, identities: &[Identity], erased: &Marks) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::All => Some("legal_hold = true".to_owned()),
            Self::Of(who) => {
                let marks = Marks::plain(identities);
                let meant = who.iter().find(|held| marks.name(held)).map(|held| format!("legal_hold names {held}"));
                let before = || {
                    let held = who.iter().find(|held| erased.name(held))?;
                    Some(format!("legal_hold names {held}, erased before, as everybody who was is with every erasure"))
                };
                meant.or_else(before)
            }
        }
    }
}

/// Whether somebody who is held did something, or is named in it.
pub fn is_held(event: &Event, held: &Marks) -> bool {
    !held.is_empty() && (held.acted(&event.actor) || line::names(&event.record, held, line::Whose::Vendor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Instant, privacy::Mark, store::seal::Key};

    #[test]
    fn a_hold_keeps_whom_it_names_in_whatever_case() {
        let hold = Hold::Of(vec!["Ann@example.com".into()]);
        let nobody = Marks::plain(&[]);
        assert!(hold.keeps(&[Identity::account("7"), Identity::account("ann@example.com")], &nobody).is_some());
        assert!(hold.keeps(&[Identity::account("bob@example.com")], &nobody).is_none());
        assert!(Hold::All.keeps(&[], &nobody).is_some());
        assert!(Hold::Nothing.keeps(&[Identity::account("ann@example.com")], &nobody).is_none());
        assert!(hold.marks().name("to ann@example.com") && Hold::All.marks().is_empty());
    }

    #[test]
    fn a_hold_keeps_who_was_erased_before_whoever_is_erased() {
        let (key, ann) = (Key::new(&[7; 32]), Identity::account("ann@example.com"));
        let erased = Marks::keyed(&key, Mark::of(&ann, &key, Instant(1)));
        let hold = Hold::Of(vec!["Ann@example.com".into()]);
        assert!(hold.keeps(&[], &erased).is_some() && hold.keeps(&[Identity::account("bob@example.com")], &erased).is_some());
        assert!(Hold::Of(vec!["bob@example.com".into()]).keeps(&[], &erased).is_none() && Hold::Nothing.keeps(&[], &erased).is_none());
    }
}

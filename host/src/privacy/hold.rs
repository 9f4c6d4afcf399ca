//! What must not go, whatever its age and whoever asks: a legal hold.

use serde::{Deserialize, Serialize};

use super::{Identity, Marks};

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

    /// Why a person with these identities must stay.
    pub fn keeps(&self, identities: &[Identity]) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::All => Some("legal_hold = true".to_owned()),
            Self::Of(who) => {
                let marks = Marks::plain(identities);
                who.iter().find(|held| marks.name(held)).map(|held| format!("legal_hold names {held}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_keeps_whom_it_names_in_whatever_case() {
        let hold = Hold::Of(vec!["Ann@example.com".into()]);
        assert!(hold.keeps(&[Identity::account("7"), Identity::account("ann@example.com")]).is_some());
        assert!(hold.keeps(&[Identity::account("bob@example.com")]).is_none());
        assert!(Hold::All.keeps(&[]).is_some() && Hold::Nothing.keeps(&[Identity::account("ann@example.com")]).is_none());
        assert!(hold.marks().name("to ann@example.com") && Hold::All.marks().is_empty());
    }
}

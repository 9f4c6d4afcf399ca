//! Who is who: the first people of a cast each have something about them, so that a test can name whom it means.

use crate::{
    cast::Named,
    directory::{
        guid,
        person::{Person, UserType},
    },
};

/// What is special about somebody, by their place in the cast. Whoever comes later is like one of these, most of them `Plain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Global Administrator, and Company Admin at Miro.
    Administrator,
    /// User Administrator, and Company Admin at Miro.
    UserAdministrator,
    /// Nothing: Miro's address is the UPN and the mail.
    Plain,
    /// Miro's address is the mail; the UPN is another.
    ByMail,
    /// Miro's address is the UPN; the mail is another.
    ByName,
    /// Miro's address is only among the other mails.
    ByOtherMail,
    /// Miro's address is only among the proxy addresses.
    ByProxy,
    /// A guest: `…#EXT#…`, at Miro a team guest.
    Guest,
    /// Kept by another directory.
    Synced,
    /// Somebody else's mail is the same address.
    Shared,
    /// Nobody at all in the directory.
    Absent,
    /// Already disabled in the directory, not at Miro.
    Disabled,
    /// Without a mailbox and without a manager.
    Bare,
    /// In a directory role that asks for no care.
    Reader,
}

impl Part {
    const ALL: [Self; 14] = [
        Self::Administrator,
        Self::UserAdministrator,
        Self::Plain,
        Self::ByMail,
        Self::ByName,
        Self::ByOtherMail,
        Self::ByProxy,
        Self::Guest,
        Self::Synced,
        Self::Shared,
        Self::Absent,
        Self::Disabled,
        Self::Bare,
        Self::Reader,
    ];

    /// Its place in the cast, from 0.
    pub(crate) fn place(self) -> usize {
        Self::ALL.iter().position(|part| *part == self).unwrap_or_default()
    }

    /// What the `n`th of the cast is.
    pub(crate) fn of(n: usize) -> Self {
        let later = match n % 50 {
            3 | 13 | 23 => Self::ByMail,
            7 => Self::Guest,
            9 | 19 => Self::ByProxy,
            11 => Self::ByOtherMail,
            20..=29 => Self::Synced,
            _ => Self::Plain,
        };
        Self::ALL.get(n).copied().unwrap_or(later)
    }

    /// The account of the `n`th of the cast, if it has one.
    pub(crate) fn person(self, seed: u64, n: usize, of: &Named, created: u64) -> Option<Person> {
        let email = of.email.clone().unwrap_or_default();
        let local = email.split('@').next().unwrap_or_default().to_owned();
        let smtp = |address: &str| format!("SMTP:{address}");
        let own = Person {
            id: guid(seed, "person", n),
            user_principal_name: email.clone(),
            mail: Some(email.clone()),
            proxy_addresses: vec![smtp(&email)],
            display_name: of.name.clone(),
            account_enabled: true,
            mailbox: true,
            created,
            manager: (n > 0).then(|| guid(seed, "person", if n / 8 == Self::Absent.place() { 0 } else { n / 8 })),
            ..Person::default()
        };
        let internal = format!("u{n:06}@corp.acme.example");
        let renamed = format!("{local}@mail.acme.example");
        let elsewhere = Person {
            user_principal_name: internal.clone(),
            mail: Some(renamed.clone()),
            proxy_addresses: vec![smtp(&renamed)],
            ..own.clone()
        };
        Some(match self {
            Self::Absent => return None,
            Self::Plain => own,
            Self::Administrator => Person { roles: vec!["Global Administrator".into()], ..own },
            Self::UserAdministrator => Person { roles: vec!["User Administrator".into()], ..own },
            Self::Reader => Person { roles: vec!["Directory Readers".into()], ..own },
            Self::ByMail | Self::Shared => Person { user_principal_name: internal, ..own },
            Self::ByName => Person { user_principal_name: email, ..elsewhere },
            Self::ByOtherMail => Person { other_mails: vec![email], ..elsewhere },
            Self::ByProxy => Person { proxy_addresses: vec![smtp(&renamed), format!("smtp:{email}")], ..elsewhere },
            Self::Guest => Person {
                user_principal_name: format!("{}#EXT#@acme.onmicrosoft.example", email.replace('@', "_")),
                user_type: UserType::Guest,
                mailbox: false,
                manager: None,
                ..own
            },
            Self::Synced => Person { on_premises_sync_enabled: Some(true), ..own },
            Self::Disabled => Person { account_enabled: false, ..own },
            Self::Bare => Person { mailbox: false, manager: None, proxy_addresses: Vec::new(), ..own },
        })
    }
}

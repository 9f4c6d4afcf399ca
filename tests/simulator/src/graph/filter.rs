//! `$filter`, as much of it as finding somebody by an address takes: comparisons for equality, joined by `or`.

use super::refusal::Refusal;
use crate::directory::{Person, same};

/// Graph takes no more comparisons in one filter.
const CLAUSES: usize = 15;

/// Any of these.
#[derive(Debug)]
pub(super) struct Filter(Vec<Clause>);

#[derive(Debug)]
enum Clause {
    /// `property eq 'value'`.
    Is(String, String),
    /// `collection/any(x:x eq 'value')`.
    Any(String, String),
}

impl Filter {
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::bad("Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified.");
        let (mut clauses, mut rest) = (Vec::new(), text.trim());
        loop {
            let (clause, after) = clause(rest).ok_or_else(wrong)?;
            clauses.push(clause);
            match after.trim_start() {
                "" => break,
                more => rest = more.strip_prefix("or ").filter(|_| after.starts_with(' ')).ok_or_else(wrong)?.trim_start(),
            }
        }
        if clauses.len() > CLAUSES {
            return Err(Refusal::bad("Request_UnsupportedQuery", "Too many child clauses specified in search filter expression."));
        }
        Ok(Self(clauses))
    }

    /// Whether it looks into collections.
    pub(super) fn is_advanced(&self) -> bool {
        self.0.iter().any(|clause| matches!(clause, Clause::Any(..)))
    }

    /// Whether somebody meets it; an error where users have no such property.
    pub(super) fn meets(&self, person: &Person) -> Result<bool, Refusal> {
        let mut met = false;
        for clause in &self.0 {
            met |= match clause {
                Clause::Is(name, value) => match name.as_str() {
                    "mail" => person.mail.as_ref().is_some_and(|mail| same(mail, value)),
                    "userPrincipalName" => same(&person.user_principal_name, value),
                    "id" => person.id.eq_ignore_ascii_case(value),
                    _ => return Err(unknown(name)),
                },
                Clause::Any(name, value) => match name.as_str() {
                    "otherMails" => person.other_mails.iter().any(|mail| same(mail, value)),
                    "proxyAddresses" => person.proxy_addresses.iter().any(|mail| same(mail, value)),
                    _ => return Err(unknown(name)),
                },
            };
        }
        Ok(met)
    }

    /// What one comparison of that property asks for, where that is all there is.
    pub(super) fn only(&self, property: &str) -> Option<&str> {
        match self.0.as_slice() {
            [Clause::Is(name, value)] if name == property => Some(value),
            _ => None,
        }
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::bad("Request_UnsupportedQuery", format!("Unsupported or invalid query filter clause specified for property '{name}'."))
}

fn clause(text: &str) -> Option<(Clause, &str)> {
    let (name, rest) = word(text)?;
    if let Some(rest) = rest.strip_prefix("/any(") {
        let (variable, rest) = word(rest)?;
        let rest = rest.strip_prefix(':')?.strip_prefix(variable)?;
        let (value, rest) = equal(rest)?;
        return Some((Clause::Any(name.to_owned(), value), rest.strip_prefix(')')?));
    }
    let (value, rest) = equal(rest)?;
    Some((Clause::Is(name.to_owned(), value), rest))
}

fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(name, _)| !name.is_empty())
}

/// ` eq 'value'`, a quote in it written twice.
fn equal(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix(" eq ")?.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

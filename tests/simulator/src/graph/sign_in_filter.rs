//! `$filter` of the sign-in log: what Graph documents of `createdDateTime` (`eq`, `le`, `ge`) and of `appId` (`eq`), joined by
//! `and`, alternatives in parentheses. Everything else is refused, see
//! <https://learn.microsoft.com/en-us/graph/api/resources/signin>.

use crate::sign_in::Kept;

/// All of these, and of each any.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter(Vec<Vec<Clause>>);

#[derive(Debug, PartialEq, Eq)]
enum Clause {
    App(String),
    /// In hundreds of nanoseconds.
    At(u64),
    From(u64),
    To(u64),
}

impl Filter {
    /// Reads it; `None` where it is not understood.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut all = Vec::new();
        loop {
            let any = match rest.strip_prefix('(') {
                Some(inside) => {
                    let (inside, after) = inside.split_once(')')?;
                    rest = after;
                    inside
                        .split(" or ")
                        .map(|one| clause(one.trim()).filter(|(_, after)| after.is_empty()).map(|(clause, _)| clause))
                        .collect::<Option<_>>()?
                }
                None => {
                    let (one, after) = clause(rest)?;
                    rest = after;
                    vec![one]
                }
            };
            all.push(any);
            if rest.is_empty() {
                return Some(Self(all));
            }
            rest = rest.strip_prefix(" and ")?.trim_start();
        }
    }

    pub(super) fn meets(&self, kept: &Kept) -> bool {
        let meets = |clause: &Clause| match clause {
            Clause::App(id) => kept.sign_in.app_id.eq_ignore_ascii_case(id),
            Clause::At(at) => kept.ticks == *at,
            Clause::From(from) => kept.ticks >= *from,
            Clause::To(to) => kept.ticks <= *to,
        };
        self.0.iter().all(|any| any.iter().any(meets))
    }

    /// The earliest time that it names.
    pub(super) fn oldest_bound(&self) -> Option<u64> {
        let time = |clause: &Clause| match clause {
            Clause::App(_) => None,
            Clause::At(at) | Clause::From(at) | Clause::To(at) => Some(*at),
        };
        self.0.iter().flatten().filter_map(time).min()
    }
}

/// `property operator value`, and what follows.
fn clause(text: &str) -> Option<(Clause, &str)> {
    if let Some(rest) = text.strip_prefix("appId eq '") {
        let (id, rest) = rest.split_once('\'')?;
        let guid = id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        return guid.then(|| (Clause::App(id.to_owned()), rest));
    }
    let rest = text.strip_prefix("createdDateTime ")?;
    let (operator, rest) = rest.split_once(' ')?;
    let (value, rest) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
    let nanoseconds = value.strip_suffix('Z').and_then(|_| value.parse::<jiff::Timestamp>().ok())?.as_nanosecond();
    let ticks = u64::try_from(nanoseconds / 100).ok()?;
    let clause = match operator {
        "eq" => Clause::At(ticks),
        "ge" => Clause::From(ticks),
        "le" => Clause::To(ticks),
        _ => return None,
    };
    Some((clause, rest))
}

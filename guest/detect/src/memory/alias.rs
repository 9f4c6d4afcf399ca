//! Whose an e-mail address is, and was.

use crate::{
    codec::{Reader, Writer},
    moment::Moment,
};

const VERSION: u8 = 1;
/// So many users of one address are kept, the latest.
const KEPT: usize = 3;

/// One e-mail address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alias(Vec<Holder>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder {
    user: String,
    first: Moment,
    last: Moment,
}

impl Alias {
    /// This user had it then.
    pub fn see(&mut self, user: &str, at: Moment) {
        if let Some(holder) = self.0.iter_mut().find(|holder| holder.user == user) {
            (holder.first, holder.last) = (holder.first.min(at), holder.last.max(at));
            return;
        }
        self.0.push(Holder { user: user.to_owned(), first: at, last: at });
        if self.0.len() > KEPT
            && let Some(oldest) = self.0.iter().enumerate().min_by_key(|(_, holder)| holder.last).map(|(place, _)| place)
        {
            self.0.remove(oldest);
        }
    }

    /// Whose it was then: of those who had it by then, the one who got it last. A re-used address is the new user's.
    pub fn holder(&self, at: Moment) -> Option<&str> {
        let had = self.0.iter().filter(|holder| holder.first <= at).max_by_key(|holder| holder.first);
        had.or_else(|| self.0.iter().min_by_key(|holder| holder.first)).map(|holder| holder.user.as_str())
    }

    /// Into a body.
    pub fn write(&self) -> Vec<u8> {
        let mut into = Writer::new(VERSION);
        into.list(self.0.len());
        for Holder { user, first, last } in &self.0 {
            into.text(user);
            into.number(first.0);
            into.number(last.since(*first));
        }
        into.finish()
    }

    /// Out of a body. Nothing where it is not one of ours.
    pub fn read(body: &[u8]) -> Option<Self> {
        let (VERSION, mut from) = Reader::new(body)? else { return None };
        let read = from.list(KEPT, |from| {
            let (user, first) = (from.text()?.to_owned(), from.moment()?);
            Some(Holder { user, first, last: Moment(first.0.checked_add(from.number()?)?) })
        })?;
        from.ended().then_some(Self(read))
    }
}

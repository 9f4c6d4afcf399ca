//! What is remembered of one user: at most 2 KB, whatever happens.

use super::{
    actions::Actions,
    countries::Countries,
    networks::Networks,
    recent::Recent,
    session::{Seldom, Session},
    track::Track,
};
use crate::{
    codec::{Reader, Writer},
    moment::{DAY, Day, Moment},
};

const VERSION: u8 = 2;
/// So many failed sign-ins are kept by time.
pub const FAILURES: u32 = 32;

/// The kinds of activity whose amount is compared with what the user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Administrative activities.
    Administration,
    /// Activities in the name of another.
    Impersonation,
    /// Downloads and exports.
    Download,
    /// Shares.
    Share,
    /// Deletions.
    Delete,
}

impl Amount {
    /// All.
    pub const ALL: [Self; 5] = [Self::Administration, Self::Impersonation, Self::Download, Self::Share, Self::Delete];
}

/// One user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The earliest activity.
    pub first: Moment,
    /// The latest activity.
    pub last: Moment,
    /// Activities in all.
    pub events: u32,
    /// Countries.
    pub countries: Countries,
    /// Autonomous systems.
    pub networks: Networks,
    /// The first and the last day of activity from networks that a feed calls a VPN or a hosting provider.
    hosted: (Day, Day),
    /// The latest day on which their phone seemed to be at home while they were abroad.
    pub roams: Day,
    /// What feeds say of addresses that their own carrier gave them, by name.
    pub listed: Recent<2>,
    /// E-mail addresses.
    pub emails: Recent<4>,
    /// Administrative actions, by name.
    pub actions: Actions,
    /// Places.
    pub track: Track,
    /// Failed sign-ins.
    pub failures: Session,
    /// The latest of them, in order of time.
    pub failed: Vec<Moment>,
    /// The addresses they came from.
    pub failed_from: Recent<4>,
    /// By [`Amount`].
    amounts: [Seldom; 5],
}

impl User {
    /// The session of this kind of activity.
    pub fn amount(&mut self, amount: Amount) -> &mut Session {
        let [administration, impersonation, download, share, delete] = &mut self.amounts;
        let seldom = match amount {
            Amount::Administration => administration,
            Amount::Impersonation => impersonation,
            Amount::Download => download,
            Amount::Share => share,
            Amount::Delete => delete,
        };
        seldom.get()
    }

    /// Whether so many days and so many activities are known of them by then.
    pub fn is_known(&self, at: Moment, days: u16, events: u32) -> bool {
        self.events >= events && at.since(self.first) >= u32::from(days) * DAY
    }

    /// They came through a VPN or a hosting provider.
    pub fn hide(&mut self, day: Day, days: u16) {
        let (first, last) = self.hosted;
        self.hosted = if day.since(last) > days { (day, day) } else { (first.min(day), last.max(day)) };
    }

    /// Whether they did so on an earlier day, in the `days` before this one.
    pub fn hides(&self, day: Day, days: u16) -> bool {
        let (first, last) = self.hosted;
        first < day && day.since(last) <= days
    }

    /// They did something.
    pub fn see(&mut self, at: Moment) {
        self.first = if self.events == 0 { at } else { self.first.min(at) };
        self.last = self.last.max(at);
        self.events = self.events.saturating_add(1);
    }

    /// A sign-in failed. How many did within `seconds` before the latest of them.
    pub fn fail(&mut self, at: Moment, seconds: u32) -> u32 {
        let place = self.failed.partition_point(|failed| *failed <= at);
        self.failed.insert(place, at);
        let surplus = self.failed.len().saturating_sub(FAILURES as usize);
        self.failed.drain(..surplus);
        let latest = self.failed.last().copied().unwrap_or(at);
        let within = self.failed.iter().filter(|failed| latest.since(**failed) <= seconds).count();
        u32::try_from(within).unwrap_or(u32::MAX)
    }

    /// Into a body.
    pub fn write(&self) -> Vec<u8> {
        let mut into = Writer::new(VERSION);
        into.number(self.first.0);
        into.number(self.last.since(self.first));
        into.number(self.events);
        self.countries.write(&mut into);
        self.networks.write(&mut into);
        into.number(self.hosted.0.0);
        into.number(self.hosted.1.0);
        into.number(self.roams.0);
        self.listed.write(&mut into);
        self.emails.write(&mut into);
        self.actions.write(&mut into);
        self.track.write(&mut into);
        self.failures.write(&mut into);
        into.list(self.failed.len());
        let mut before = Moment::default();
        for failed in &self.failed {
            into.number(failed.since(before));
            before = *failed;
        }
        self.failed_from.write(&mut into);
        self.amounts.iter().for_each(|session| session.write(&mut into));
        into.finish()
    }

    /// Out of a body. Nothing where it is not one of ours.
    pub fn read(body: &[u8]) -> Option<Self> {
        let (VERSION, mut from) = Reader::new(body)? else { return None };
        let from = &mut from;
        let first = from.moment()?;
        let last = Moment(first.0.checked_add(from.number()?)?);
        let mut before = Moment::default();
        let read = Self {
            first,
            last,
            events: from.number()?,
            countries: Countries::read(from)?,
            networks: Networks::read(from)?,
            hosted: (from.day()?, from.day()?),
            roams: from.day()?,
            listed: Recent::read(from)?,
            emails: Recent::read(from)?,
            actions: Actions::read(from)?,
            track: Track::read(from)?,
            failures: Session::read(from)?,
            failed: from.list(FAILURES as usize, |from| {
                before = Moment(before.0.checked_add(from.number()?)?);
                Some(before)
            })?,
            failed_from: Recent::read(from)?,
            amounts: [Seldom::read(from)?, Seldom::read(from)?, Seldom::read(from)?, Seldom::read(from)?, Seldom::read(from)?],
        };
        from.ended().then_some(read)
    }
}

//! One person: who it is, where it lives and how it works.

use std::{ops::Range, sync::Arc};

use crate::{
    Actor, Departure,
    calendar::DAY,
    dice::Dice,
    egress::Office,
    network::{Address, Block},
    town::Town,
    trip::Trip,
};

/// How a person works: what one day after another looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Habit {
    /// Between home, phone and office.
    Commuter,
    /// From home and cafés.
    Remote,
    /// Lives in one country and works in another, every day.
    BorderCrosser,
    /// Away for one to four days, two to four times a month.
    Traveller,
    /// Leaves by the company's VPN, in whatever country its exit stands.
    CompanyVpn,
    /// Leaves by a private VPN whenever it is on, in a country after their mood.
    PrivateVpn,
    /// Administers: some actions every day, waves of them when a quarter begins.
    Administrator,
    /// Keeps order: exports and deletes every week, and by dozens once a quarter.
    Archivist,
    /// Runs workshops and shares dozens of boards before each.
    Facilitator,
    /// From another company, seldom here.
    Guest,
}

/// A home and how its address changes.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) town: Arc<Town>,
    pub(crate) block: Block,
    pub(crate) host: u16,
    /// After how many days the provider gives another address.
    pub(crate) lease: u64,
    /// Whether clients prefer IPv6, with another host part every day.
    pub(crate) modern: bool,
}

impl Home {
    pub(crate) fn address(&self, time: u64) -> Address {
        let turn = time / (self.lease * DAY);
        if self.modern {
            let day = (time / DAY).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(self.host).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
            self.block.v6(self.host, day)
        } else {
            // Below what is kept for machines that were taken over.
            self.block.v4(((u64::from(self.host) + turn * 7_919) % 59_000) as u16)
        }
    }
}

/// One person.
#[derive(Clone, Debug)]
pub struct Person {
    /// The vendor's identifier.
    pub id: Arc<str>,
    /// The e-mail address at the beginning.
    pub email: Arc<str>,
    /// Where it lives: ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// How it works.
    pub habit: Habit,
    /// When it began, if within the period.
    pub joined: Option<u64>,
    /// When and how its account went.
    pub departure: Option<Departure>,
    /// Weeks in which it is silent, in milliseconds since the Unix epoch.
    pub leave: Option<Range<u64>>,
    /// When its name and e-mail address changed.
    pub renamed: Option<u64>,
    pub(crate) actor: Arc<Actor>,
    pub(crate) later_actor: Arc<Actor>,
    pub(crate) groups: Arc<[Arc<str>]>,
    pub(crate) team: usize,
    pub(crate) home: Home,
    pub(crate) office: Option<Arc<Office>>,
    /// On which weekdays it goes to the office, one bit each.
    pub(crate) office_days: u8,
    /// How much it does, 1 on average.
    pub(crate) rate: f64,
    /// How much later than others it works, in minutes.
    pub(crate) shift: i64,
    /// Which of the company's gateways it takes from home.
    pub(crate) company_gateway: Option<usize>,
    /// Which private exits it likes.
    pub(crate) private_exits: Vec<usize>,
    /// Whether its phone keeps an address of its own country while abroad.
    pub(crate) roams: bool,
    pub(crate) trips: Vec<Trip>,
    /// From which day on an administrator administers.
    pub(crate) appointed: u32,
    /// On which days a clean-up, a wave of administration or the end of a project falls.
    pub(crate) great_days: Vec<u32>,
    /// When an expired password makes a morning of failures.
    pub(crate) password_day: Option<u32>,
    /// When a forgotten device begins to fail with an old password, all night.
    pub(crate) stale_device: Option<u32>,
}

impl Person {
    /// Whether it has an account that it uses at `time`: begun, not left, not on leave.
    #[must_use]
    pub fn is_here(&self, time: u64) -> bool {
        self.joined.is_none_or(|joined| joined <= time)
            && self.departure.is_none_or(|departure| time < departure.at)
            && !self.leave.as_ref().is_some_and(|leave| leave.contains(&time))
    }

    /// Who it is in the log at `time`.
    pub(crate) fn actor_at(&self, time: u64) -> &Arc<Actor> {
        if self.renamed.is_some_and(|renamed| renamed <= time) { &self.later_actor } else { &self.actor }
    }

    /// What the directory says at `time` of its account.
    pub(crate) fn departed_at(&self, time: u64) -> Option<Departure> {
        self.departure.filter(|departure| departure.at <= time)
    }

    /// The journey that it is on at `time`, in the air included.
    pub(crate) fn trip_at(&self, time: u64) -> Option<&Trip> {
        self.trips.iter().find(|trip| trip.depart <= time && time < trip.home)
    }

    pub(crate) fn goes_to_office(&self, day: u32) -> bool {
        self.office_days >> (day % 7) & 1 == 1
    }

    /// How long it takes until its next action, in milliseconds: from seconds to a quarter of an hour.
    pub(crate) fn pause(&self, dice: &mut Dice) -> u64 {
        8_000 + dice.magnitude(9) * 1_500
    }
}

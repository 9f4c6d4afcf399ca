//! An organization in numbers, for people.

use std::{collections::BTreeMap, fmt};

use crate::{ActorKind, Habit, Kind, Lookalikes, Organization};

/// An organization in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// People by habit.
    pub habits: BTreeMap<Habit, usize>,
    /// People who began within the period.
    pub joined: usize,
    /// People whose account went.
    pub departed: usize,
    /// People on leave for weeks.
    pub on_leave: usize,
    /// People who changed their name.
    pub renamed: usize,
    /// Happenings by kind of actor.
    pub happenings: BTreeMap<ActorKind, usize>,
    /// Happenings by action.
    pub actions: BTreeMap<&'static str, usize>,
    /// Happenings of people by country.
    pub countries: BTreeMap<&'static str, usize>,
    /// What a person does on a day on which it does anything: the mean.
    pub per_active_day: f64,
    /// The same: half do less.
    pub median_day: usize,
    /// The same: one in a hundred does more.
    pub busy_day: usize,
    /// Happenings that were stored more than five minutes after they happened.
    pub late: usize,
    /// People who did nothing wrong and look as if they had.
    pub lookalikes: Lookalikes,
    /// Attacks by kind and variant, and how many happenings they made.
    pub attacks: BTreeMap<(Kind, &'static str), (usize, usize)>,
}

impl Organization {
    /// Counts.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut days: BTreeMap<(&str, u64), usize> = BTreeMap::new();
        let (mut happenings, mut actions, mut countries) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for happening in &self.happenings {
            *happenings.entry(happening.actor.kind).or_default() += 1;
            *actions.entry(happening.action).or_default() += 1;
            if happening.actor.kind == ActorKind::User && happening.attack.is_none() {
                let country = happening.network.as_ref().and_then(|network| network.country).unwrap_or("??");
                *countries.entry(country).or_default() += 1;
                let id = happening.actor.id.as_deref().unwrap_or_default();
                *days.entry((id, happening.time / 86_400_000)).or_default() += 1;
            }
        }
        let mut busy: Vec<usize> = days.into_values().collect();
        busy.sort_unstable();
        let at = |share: usize| busy.get(busy.len() * share / 100).copied().unwrap_or_default();
        let mut habits = BTreeMap::new();
        for person in &self.people {
            *habits.entry(person.habit).or_default() += 1;
        }
        let mut attacks: BTreeMap<_, (usize, usize)> = BTreeMap::new();
        for attack in &self.attacks {
            let (count, size) = attacks.entry((attack.kind, attack.variant)).or_default();
            *count += 1;
            *size += attack.size;
        }
        let people = |is: &dyn Fn(&crate::Person) -> bool| self.people.iter().filter(|person| is(person)).count();
        Summary {
            habits,
            joined: people(&|person| person.joined.is_some()),
            departed: people(&|person| person.departure.is_some()),
            on_leave: people(&|person| person.leave.is_some()),
            renamed: people(&|person| person.renamed.is_some()),
            happenings,
            actions,
            countries,
            per_active_day: busy.iter().sum::<usize>() as f64 / busy.len().max(1) as f64,
            median_day: at(50),
            busy_day: at(99),
            late: self.happenings.iter().filter(|happening| happening.received > happening.time + 300_000).count(),
            lookalikes: Lookalikes::count(&self.happenings),
            attacks,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "people: {}", self.habits.values().sum::<usize>())?;
        for (habit, count) in &self.habits {
            writeln!(f, "  {count:>7} {habit:?}")?;
        }
        let Self { joined, departed, on_leave, renamed, .. } = self;
        writeln!(f, "  of them {joined} joined, {departed} departed, {on_leave} on leave, {renamed} renamed")?;
        writeln!(f, "happenings: {}, {} of them more than five minutes late", self.happenings.values().sum::<usize>(), self.late)?;
        for (kind, count) in &self.happenings {
            writeln!(f, "  {count:>7} {kind:?}")?;
        }
        writeln!(
            f,
            "a person on an active day: {:.1} on average, {} in the middle, {} for one in a hundred",
            self.per_active_day, self.median_day, self.busy_day
        )?;
        let list = |counts: &BTreeMap<&'static str, usize>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        writeln!(f, "actions: {}", list(&self.actions))?;
        writeln!(f, "people's countries: {}", list(&self.countries))?;
        writeln!(f, "{}", self.lookalikes)?;
        writeln!(f, "attacks: {}", self.attacks.values().map(|(count, _)| count).sum::<usize>())?;
        for ((kind, variant), (count, size)) in &self.attacks {
            writeln!(f, "  {kind:<23} {count:>3} × {variant} ({size} happenings)")?;
        }
        Ok(())
    }
}

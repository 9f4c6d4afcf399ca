//! What happens in an ordeal, as plain values: printed, it is the whole case.

use simulator::{Rule, Settings, Spec};

use crate::stage::Token;

/// Everything that happens. Times are milliseconds since the epoch, lengths are milliseconds.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it was drawn from; also the seed of the order of steps.
    pub seed: u64,
    /// The organization.
    pub organization: Spec,
    /// How Miro and Sumo Logic behave.
    pub settings: Settings,
    /// The kind of token.
    pub token: Token,
    /// `interval`
    pub interval: u64,
    /// `since`
    pub since: u64,
    /// `revisit`
    pub revisit: Vec<u64>,
    /// `page_limit`
    pub page_limit: u32,
    /// `window`
    pub window: u64,
    /// `body_cap`
    pub body_cap: u64,
    /// `batch_bytes`
    pub batch: usize,
    /// What goes wrong at Miro and Sumo Logic.
    pub rules: Vec<Rule>,
    /// How likely a call of the store that writes fails, having done nothing.
    pub disk: f64,
    /// When everything begins to work for good.
    pub faults_until: u64,
    /// When the host is not running.
    pub outages: Vec<Outage>,
    /// When it dies in the middle of a step.
    pub crashes: Vec<Crash>,
    /// How long a person takes to act.
    pub person: u64,
    /// What is wrong with the host itself.
    pub sabotage: Sabotage,
}

/// The host is not running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// From then on.
    pub at: u64,
    /// For so long.
    pub lasts: u64,
}

/// The host dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Not before then.
    pub at: u64,
    /// At that boundary, counted from zero: a call of the store, a request to Miro, a request to Sumo Logic.
    pub boundary: u32,
    /// Before the boundary, or after it.
    pub side: Side,
    /// And stays down for so long.
    pub down: u64,
}

/// Where at a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What lies behind the boundary did not happen.
    Before,
    /// It did, but nobody heard of it.
    After,
}

/// A host that breaks its promises on purpose, to see that the ordeal notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sabotage {
    /// It does not.
    #[default]
    Honest,
    /// The sink says *accepted* and sends nothing, every seventh time.
    Pretends,
    /// The store takes the checkpoint without the events, every seventh time.
    Forgets,
}

impl Plan {
    /// The longest lateness looked after.
    pub fn longest(&self) -> u64 {
        self.revisit.iter().copied().max().unwrap_or(0)
    }

    /// By then everything has become visible, every tier has looked since, and everybody had time to act: no tier's
    /// period is over L/2, a pair whose answer was lost and what needs a person are tried again within the hour each, and a
    /// person may be needed twice.
    pub fn end(&self) -> u64 {
        let late = self.longest();
        let visible = self.organization.to.saturating_add(late);
        let down = self.outages.iter().map(|outage| outage.lasts).chain(self.crashes.iter().map(|crash| crash.down)).sum::<u64>();
        let begun = self.outages.iter().map(|outage| outage.at).chain(self.crashes.iter().map(|crash| crash.at));
        // No outage may outlast the ordeal, though each begins only once the one before is over.
        let quiet = visible.max(begun.fold(self.faults_until, u64::max).saturating_add(down));
        quiet + late / 2 + 3 * self.interval + 2 * self.person + 4 * 3_600_000
    }

    /// The component's configuration.
    pub fn config(&self, api_url: &str, client_id: &str) -> serde_json::Value {
        let length = |ms: &u64| format!("{ms}ms");
        serde_json::json!({
            "api_url": api_url,
            "client_id": client_id,
            "since": length(&self.since),
            "revisit": self.revisit.iter().map(length).collect::<Vec<_>>(),
            "page_limit": self.page_limit,
            "window": length(&self.window),
            "body_cap": self.body_cap,
        })
    }
}

//! Waiting for something that another process does.
//!
//! A process gives no notice of what it has done, but what it has done can be seen: in the simulator's ledger, in its exit
//! status, in its log. So the thing itself is looked at, often, until it is there. How long that takes decides nothing; the
//! limit is only there so that what never comes fails a test instead of holding it up for ever.

use std::time::Duration;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(5);
/// How often at most: a minute of looks.
const LOOKS: u32 = 12_000;
/// The same as a time, for what has to be asked instead of looked at.
pub const LONG: Duration = LOOK.saturating_mul(LOOKS);

/// Returns once `holds` does; fails where it never does, saying `what` was waited for.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) -> anyhow::Result<()> {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for _ in 0..LOOKS {
        looks.tick().await;
        if holds() {
            return Ok(());
        }
    }
    anyhow::bail!("waited a minute in vain until {what}")
}

//! What happens at Miro, told alike to every runtime: the same organization, the same clock, the same faults, and a pair of
//! tokens that rotates.
//!
//! The world's clock stands still during a visit and its events have fixed times, so that two runtimes that ask the same
//! get the same, whenever they run. It lies some minutes behind this machine's clock, which the runtimes read: a watermark
//! never passes the vendor's `Date`, so all end at the same one.

use anyhow::ensure;
use miro_source::{clock::SteppedClock, model::Instant};
use miro_source_tests::stage::MINUTE;
use serde_json::json;
use simulator::{Endpoint, Fault, Organization, Pair, Rule, Server, Settings, Spec, World};

use crate::play::Play;

/// How often a runtime is started in a story, as cron would.
pub(crate) const VISITS: usize = 4;

/// When it is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Story {
    /// The vendor's time at the first visit, to the second, as `Date` tells it.
    zero: u64,
}

/// A world in which it happens.
pub(crate) struct Scene {
    /// The vendor on sockets.
    pub(crate) server: Server,
    /// The vendor.
    pub(crate) world: World,
    /// The tokens that are configured. After the first rotation they are dead.
    pub(crate) pair: Pair,
    clock: SteppedClock,
    zero: u64,
}

impl Story {
    /// It happens now.
    pub(crate) fn begin() -> Self {
        Self { zero: Instant::system().0 / 1000 * 1000 - 4 * MINUTE }
    }

    /// A world of its own for one runtime.
    pub(crate) async fn scene(self) -> anyhow::Result<Scene> {
        let zero = self.zero;
        let spec = Spec {
            from: zero - 50 * MINUTE,
            to: zero,
            events: 1_200,
            late_share: 0.0,
            v1_share: 0.05,
            odd_share: 0.1,
            nasty_share: 0.1,
            text_details_share: 0.05,
            ..Spec::default()
        };
        let world = World::new(Organization::generate(20, spec), Settings::default());
        let clock = SteppedClock::new(Instant(zero));
        let told = clock.clone();
        let server = Server::start(world.clone(), std::sync::Arc::new(move || miro_source::clock::Clock::now(&told).0)).await?;
        let pair = world.issue(zero);
        Ok(Scene { server, world, pair, clock, zero })
    }

    /// Whether the measure is one: the native host printed every event the world held, once each.
    pub(crate) fn told_whole(self, native: &Play) -> anyhow::Result<()> {
        let lines: std::collections::HashSet<&[u8]> = native.lines().collect();
        ensure!(native.lines().count() == lines.len(), "an event was printed twice");
        ensure!(
            u64::try_from(lines.len())? == native.account.held,
            "{} events were printed of {} that the vendor held",
            lines.len(),
            native.account.held
        );
        let all = native.output.concat();
        for (what, sign) in
            [("a bidi override", &b"\\u202e"[..]), ("another script", "日本語".as_bytes()), ("a large number", b"9007199254740993")]
        {
            ensure!(all.windows(sign.len()).any(|window| window == sign), "no event has {what}: the story is too plain");
        }
        Ok(())
    }
}

impl Scene {
    /// The vendor's time.
    pub(crate) fn now(&self) -> u64 {
        miro_source::clock::Clock::now(&self.clock).0
    }

    /// What happens before that visit, counted from 0.
    pub(crate) fn before(&self, visit: usize) {
        let (zero, world) = (self.zero, &self.world);
        let at = |minutes: u64| zero + minutes * MINUTE;
        match visit {
            // The token ends while the past is read.
            0 => drop(world.add_rule(Rule::new(Endpoint::Audit, Fault::ExpireToken).after(3).once())),
            // New events, late ones, and those that no schema foresees; the configured tokens are dead by now.
            1 => {
                for n in 0..130 {
                    world.add_event(zero + 1 + n * 250, zero + 1 + n * 250, "board_opened");
                }
                for n in 1..=20 {
                    world.add_event(zero - n * 97_003, at(1), "sign_in_failed");
                }
                self.strange(zero + 40_000);
                self.clock.step_to(Instant(at(1)));
            }
            // An answer is lost on the way, and the token ends again.
            2 => {
                for n in 0..30 {
                    world.add_event(at(1) + 500 + n * 1000, at(1) + 500 + n * 1000, "file_downloaded");
                }
                world.add_rule(Rule::new(Endpoint::Audit, Fault::Lost).after(1).once());
                world.add_rule(Rule::new(Endpoint::Audit, Fault::ExpireToken).after(4).once());
                self.clock.step_to(Instant(at(2)));
            }
            // Nothing.
            _ => self.clock.step_to(Instant(at(3))),
        }
    }

    fn strange(&self, created: u64) {
        let time = |n: u64| jiff::Timestamp::from_millisecond(i64::try_from(created + n).unwrap_or_default()).unwrap_or_default();
        let records = [
            json!({ "event": "no_id", "createdAt": time(1).to_string(), "createdBy": null }),
            json!({ "id": "number", "event": "board_opened", "createdAt": time(2).to_string(), "details": { "n": 9_007_199_254_740_993_u64, "f": 1e21 } }),
            json!({ "id": "deep", "event": "?", "createdAt": time(3).to_string(), "new": [[[{ "field": [true, null, ""] }]]] }),
            json!({ "id": "text \u{202e}\u{e0041}\u{7f}", "event": "\u{1b}[2J", "createdAt": time(4).to_string(), "object": "日本語 👩‍💻 \u{feff}" }),
        ];
        for (n, record) in records.iter().enumerate() {
            self.world.insert(created + n as u64 + 1, created + n as u64 + 1, record);
        }
    }
}

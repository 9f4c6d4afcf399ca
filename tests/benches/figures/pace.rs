//! How much of Miro's limit a backfill uses where it may use all of it: 1000 calls a minute, 30 ms each.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use miro_source::{
    clock::{Clock as _, SteppedClock},
    config,
    egress::{AnswerBody, RequestLimits, Transport, TransportError},
    model::Instant,
    pipeline::{Edges, Pipeline},
    store::{History, Purpose},
};
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use simulator::{Endpoint, Organization, Settings, Spec, World};

use crate::table::{Table, Target};

const MINUTES: u64 = 4;
/// Small pages: Miro counts calls, and this counts minutes.
const PAGE: usize = 10;

/// Miro without a socket, each answer taking a while on the clock that everybody shares.
struct Far {
    world: World,
    clock: SteppedClock,
}

impl Transport for Far {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _: &RequestLimits,
    ) -> BoxFuture<'static, Result<http::Response<AnswerBody>, TransportError>> {
        let answer = self.world.miro(&request, self.clock.now().0);
        self.clock.step_to(self.clock.now().plus(Duration::from_millis(30)));
        Box::pin(async move {
            let mut built = http::Response::builder().status(answer.status);
            for (name, value) in &answer.headers {
                built = built.header(name, value);
            }
            let body = Full::new(answer.body).map_err(|never| match never {}).boxed_unsync();
            built.body(body).map_err(|why| TransportError::Lost(why.to_string()))
        })
    }
}

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let events = usize::try_from((MINUTES + 2) * 1000)? * PAGE;
    let spec = Spec { from: ORIGIN - 48 * HOUR, to: ORIGIN - 24 * HOUR, events, late_share: 0.0, ..Spec::default() };
    let (stage, clock) = Stage::stepped(World::new(Organization::generate(5, spec), Settings::default())).await?;
    let recipe = Recipe { config: format!("page_limit = {PAGE}, history_share = 1.0,"), ..Recipe::default() };
    let config = config::load(&stage.configure(&recipe, clock.now())?)?;
    let mut edges = Edges::real(&config, Arc::new(clock.clone()))?;
    edges.transport = Arc::new(Far { world: stage.world.clone(), clock: clock.clone() });
    let mut drive = Drive::over(Pipeline::assemble(&config, edges).await?, &clock);
    drive.store.register(&"acme".parse()?)?;
    drive.store.add_history(&History {
        id: 0,
        source: "acme".parse()?,
        start: Instant(ORIGIN - 48 * HOUR),
        end: Instant(ORIGIN - 24 * HOUR),
        purpose: Purpose::Delivery,
        gap: None,
        through: Instant(ORIGIN - 48 * HOUR),
        events: 0,
        finished: false,
    })?;
    drive.until(Instant(ORIGIN + MINUTES * MINUTE)).await?;
    let asked = stage.world.calls().iter().filter(|call| call.endpoint == Endpoint::Audit && call.at < ORIGIN + MINUTES * MINUTE).count();
    let account = stage.world.account(clock.now().0);
    let share = asked as f64 / (MINUTES * 1000) as f64;
    table.row("a backfill's share of Miro's limit, where it may use all of it", Target::Least(95.0), share * 100.0, "%");
    table.row("  429 answers meanwhile", Target::Most(0.0), account.throttled as f64, "");
    Ok(())
}

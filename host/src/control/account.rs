//! Giving account: no command changes what a host holds before the governance log says who asked for it.

use super::{Reply, Request, perform};
use crate::{
    alert::Step,
    model::{Instant, SourceName},
    respond::{Deed, Kind},
    store::{Purpose, Result as StoreResult, Store},
};

/// Does what somebody asked, once that is in the governance log. What did not come to be is there too.
pub fn carry_out(store: &dyn Store, who: &str, request: &Request, now: Instant) -> Reply {
    if let Err(why) = tell(store, who, request, now) {
        return Reply::Failed(format!("nothing was done, since the governance log cannot be written: {why}"));
    }
    let reply = perform(store, request, now);
    if let (Reply::Failed(why), Some(about)) = (&reply, about(request)) {
        let failed = Deed {
            at: now,
            who: Some(who.to_owned()),
            deed: Kind::Failed,
            about: format!("{about}: {why}"),
            source: source(store, request),
        };
        if let Err(unwritten) = store.deed(&failed, None) {
            tracing::error!("failed to write to the governance log: {unwritten}");
        }
    }
    reply
}

/// The governance log says who asks for something that is not done by [`perform`].
pub fn tell(store: &dyn Store, who: &str, request: &Request, now: Instant) -> StoreResult<()> {
    let Some(about) = about(request) else { return Ok(()) };
    let asks = Deed { at: now, who: Some(who.to_owned()), deed: Kind::Asks, about, source: source(store, request) };
    store.deed(&asks, None).map(drop)
}

/// What a request does, in a few words, with no secret in them. `None`: it changes nothing, or has records of its own.
fn about(request: &Request) -> Option<String> {
    Some(match request {
        // What it changes is a record of its own.
        Request::Reload => return None,
        Request::RetryParked { sink, seq } => {
            let which = seq.map_or("parked events".to_owned(), |seq| format!("parked event {}", seq.0));
            format!("try {which} again{}", sink.as_ref().map(|sink| format!(" at sink {sink}")).unwrap_or_default())
        }
        Request::Resend(events) => {
            let sinks: std::collections::BTreeSet<&str> = events.iter().map(|event| event.sink.as_str()).collect();
            format!("send {} events again to {}", events.len(), sinks.into_iter().collect::<Vec<_>>().join(", "))
        }
        Request::AddHistories(histories) => {
            let each = histories.iter().take(20).map(|history| {
                let whom = match &history.purpose {
                    Purpose::Delivery => String::new(),
                    Purpose::Sink(sink) => format!(" for sink {sink}"),
                    Purpose::Learning => " to learn from it".to_owned(),
                };
                format!("{} from {} to {}{whom}", history.source, history.start, history.end)
            });
            format!("read again: {}", each.collect::<Vec<_>>().join(", "))
        }
        Request::PutGrant { source, .. } => format!("authorize source {source}"),
        Request::Confirm(source) => format!("confirm the stored tokens of source {source}"),
        Request::ChangeAlert { id, step, .. } => {
            let what = match step {
                Step::Take => "take".to_owned(),
                Step::Close(_) => "close".to_owned(),
                Step::Reopen => "reopen".to_owned(),
            };
            format!("{what} alert {id}")
        }
        Request::LiftSuppression { id, .. } => format!("lift suppression {id}"),
        Request::Rekey(_) => "give the store another key".to_owned(),
        Request::Privacy(asked) => return asked.about(),
        Request::Swap(swap) => format!("replace component {} by {}", swap.component, swap.file),
        Request::Remember { about, .. } => about.clone(),
        Request::Order(_)
        | Request::MoveResponse { .. }
        | Request::Stop { .. }
        | Request::Resume { .. }
        | Request::Nudge
        | Request::Components => return None,
    })
}

/// The one source that a request is about, as far as that is known: what it does is told where that source is heard of.
fn source(store: &dyn Store, request: &Request) -> Option<SourceName> {
    match request {
        Request::PutGrant { source, .. } | Request::Confirm(source) => Some(source.clone()),
        Request::Remember { source, .. } => source.clone(),
        Request::Privacy(asked) => asked.source().cloned(),
        Request::AddHistories(histories) => only(histories.iter().map(|history| &history.source)),
        Request::Resend(events) => only(events.iter().map(|event| &event.source)),
        // What cannot be read is told where all is: the request itself will say why.
        Request::ChangeAlert { id, .. } => store.alert(*id).ok().flatten().map(|alert| alert.source),
        Request::LiftSuppression { id, .. } => {
            store.suppressions().ok().and_then(|all| all.into_iter().find(|each| each.id == *id)).map(|suppression| suppression.source)
        }
        Request::RetryParked { .. }
        | Request::Rekey(_)
        | Request::Swap(_)
        | Request::Reload
        | Request::Order(_)
        | Request::MoveResponse { .. }
        | Request::Stop { .. }
        | Request::Resume { .. }
        | Request::Nudge
        | Request::Components => None,
    }
}

/// The source that all of them are of.
fn only<'a>(mut sources: impl Iterator<Item = &'a SourceName>) -> Option<SourceName> {
    let first = sources.next()?;
    sources.all(|source| source == first).then(|| first.clone())
}

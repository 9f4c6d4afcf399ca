//! Giving account: no command changes what a host holds before the governance log says who asked for it.

use super::{Reply, Request, perform};
use crate::{
    alert::Step,
    model::Instant,
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
        let (who, about) = (Some(who.to_owned()), format!("{about}: {why}"));
        if let Err(unwritten) = store.deed(&Deed { at: now, who, deed: Kind::Failed, about }, None) {
            tracing::error!("failed to write to the governance log: {unwritten}");
        }
    }
    reply
}

/// The governance log says who asks for something that is not done by [`perform`].
pub fn tell(store: &dyn Store, who: &str, request: &Request, now: Instant) -> StoreResult<()> {
    let Some(about) = about(request) else { return Ok(()) };
    store.deed(&Deed { at: now, who: Some(who.to_owned()), deed: Kind::Asks, about }, None).map(drop)
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
        Request::Remember(about) => about.clone(),
        Request::Order(_)
        | Request::MoveResponse { .. }
        | Request::Stop { .. }
        | Request::Resume { .. }
        | Request::Nudge
        | Request::Components => return None,
    })
}

//! What a command finds behind the control socket.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::succession::Reload;

use crate::{
    clock::Clock,
    control,
    store::{Store, blocking},
    swap::{Offer, Swaps},
    trust::Package,
};

/// What a command finds behind the control socket.
pub(super) struct Door {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) swaps: Arc<Swaps>,
    pub(super) nudge: Arc<Notify>,
    pub(super) stored: Arc<Notify>,
}

impl Door {
    async fn answer(&self, control::Asked { who, request }: control::Asked) -> control::Reply {
        match request {
            control::Request::Swap(swap) => {
                let (asked, now) = (control::Request::Swap(swap.clone()), self.clock.now());
                if let Err(why) = blocking(&self.store, move |store| control::tell(store, &who, &asked, now)).await {
                    return control::Reply::Failed(why.to_string());
                }
                self.swap(swap).await
            }
            control::Request::Components => match self.swaps.shown().await {
                Ok(shown) => control::Reply::Components(shown),
                Err(why) => control::Reply::Failed(why.to_string()),
            },
            request => {
                let (now, nudged) = (self.clock.now(), request.concerns_sources());
                let done = blocking(&self.store, move |store| Ok(control::carry_out(store, &who, &request, now))).await;
                if nudged {
                    self.nudge.notify_waiters();
                }
                self.stored.notify_waiters();
                done.unwrap_or_else(|why| control::Reply::Failed(why.to_string()))
            }
        }
    }

    async fn swap(&self, swap: control::Swap) -> control::Reply {
        let control::Swap { component, file, consent } = swap;
        let reason = format!("a person asked for {file}");
        let read = tokio::task::spawn_blocking(move || Package::open(&file)).await;
        let package = match read {
            Ok(Ok(package)) => Arc::new(package),
            Ok(Err(why)) => return control::Reply::Failed(why.to_string()),
            Err(gone) => return control::Reply::Failed(gone.to_string()),
        };
        match self.swaps.offer(Offer { component, package, consent, reason }).await {
            Ok(promoted) => control::Reply::Promoted(promoted),
            Err(refusal) => control::Reply::Refused(refusal.into()),
        }
    }
}

/// Behind the control socket, whichever pipeline runs: one door, or none from the end of one pipeline to the begin of the next.
pub(super) type Doors = watch::Receiver<Option<Arc<Door>>>;

/// Answers commands until told to stop. Who comes while there is no door waits.
pub(super) async fn serve(server: control::Server, shutdown: CancellationToken, doors: Doors, reloads: Option<mpsc::Sender<Reload>>) {
    let handle = move |asked: control::Asked| {
        let (mut doors, reloads) = (doors.clone(), reloads.clone());
        async move {
            if let control::Request::Reload = asked.request {
                return reload(reloads).await;
            }
            let door = match doors.wait_for(Option::is_some).await {
                Ok(door) => door.clone(),
                Err(_) => None,
            };
            match door {
                Some(door) => door.answer(asked).await,
                None => control::Reply::Failed("the host is stopping".to_owned()),
            }
        }
    };
    server.serve(shutdown, handle).await;
}

async fn reload(reloads: Option<mpsc::Sender<Reload>>) -> control::Reply {
    let stopping = || control::Reply::Failed("the host is stopping".to_owned());
    let Some(reloads) = reloads else {
        return control::Reply::Failed("the process that owns the store reads its configuration once: start it again".to_owned());
    };
    let (reload, answer) = Reload::answered();
    if reloads.send(reload).await.is_err() {
        return stopping();
    }
    match answer.await {
        Ok(Ok(said)) => control::Reply::Reloaded(said),
        Ok(Err(why)) => control::Reply::Failed(why),
        Err(_) => stopping(),
    }
}

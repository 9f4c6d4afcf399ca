//! All the identities of whoever was typed.

use audit_pipeline::types::{Actor, ActorKind};

use super::{Ended, Exit, Hand, Result, log::Makers};
use crate::{
    alert::Who,
    model::SourceName,
    neutral::visible,
    privacy::{Gathered, Identity, Marks},
    store::{Kept, blocking},
};

/// Passages over all that is stored, at most: each brings the identities that go with those of the one before.
const PASSAGES: usize = 5;

/// Finds them. Nobody else has them.
pub(super) async fn of(hand: &Hand<'_>, makers: &Makers, sources: &[SourceName], typed: &str) -> Result<Vec<Identity>> {
    if Identity::account(typed).is_empty() {
        return Err(Ended::new(Exit::Left, "name a person by identifier or e-mail address, like --user ann@example.com").into());
    }
    let mut who = Gathered::of(typed);
    for _ in 0..PASSAGES {
        let known = Marks::plain(&who.identities());
        let mut news = false;
        let kept = blocking(hand.store(), move |store| {
            let mut entries = Vec::new();
            store.kept_of(None, &known, &mut |kept| {
                entries.extend(actor(&kept));
                entries.dedup();
                Ok(())
            })?;
            Ok(entries)
        });
        for actor in kept.await? {
            news |= who.learn(&actor);
        }
        for source in sources {
            let known = Marks::plain(&who.identities());
            let passage = makers.go_through(hand, source, &known, async |batch| {
                for actor in batch.naming.iter().filter_map(|(_, actor)| actor.as_ref()) {
                    news |= who.learn(actor);
                }
                Ok(())
            });
            passage.await?;
        }
        if !news {
            break;
        }
    }
    let called = who.only_called();
    if !called.is_empty() {
        let text =
            format!("`{}` is a name, which others may have: name the account, one of {}", visible(typed), visible(&called.join(", ")));
        return Err(Ended::new(Exit::Left, text).into());
    }
    Ok(who.identities())
}

/// Whom a row is about, where it says so.
fn actor(kept: &Kept) -> Option<Actor> {
    let text = |name: &str| kept.row.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let of = |id: Option<String>, email: Option<String>, name: Option<String>| Actor { kind: ActorKind::User, id, name, email };
    match kept.table {
        "people" => Some(of(text("id"), None, text("name"))),
        "person_addresses" => Some(of(text("person"), text("address"), None)),
        "alerts" | "behaviours" => {
            let who = kept.row.get("body")?.get("story")?.get("who")?;
            let Who { id, email, name } = serde_json::from_value(who.clone()).ok()?;
            Some(of(id, email, name))
        }
        _ => None,
    }
}

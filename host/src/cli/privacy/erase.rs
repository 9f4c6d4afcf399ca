//! `miro-source privacy erase`: a person is taken out of the store, and kept out.

use std::collections::BTreeMap;

use audit_pipeline::types::Actor;

use super::{Context, Ended, Erase, Exit, Hand, Result, held, log::Makers, whom};
use crate::{
    cli::respond::confirm,
    config::Config,
    control::{self, Reply},
    model::SourceName,
    neutral::visible,
    privacy::{self, Hold, Identity, Marks, line},
    store::{Erased, StoredEvent, Stretch, blocking},
};

/// Runs the command.
pub(super) async fn run(args: Erase, config: &Config, context: &Context) -> Result<Exit> {
    let hand = Hand::take(config, context)?;
    let sources = hand.sources(args.source.as_ref())?;
    let makers = Makers::of(config, &sources).await?;
    let identities = match &args.user {
        Some(user) => whom::of(&hand, &makers, &sources, user).await?,
        None => Vec::new(),
    };
    let (mark, shown) = match &args.user {
        Some(user) => (hand.mark(user), visible(user)),
        None => ("(all erased before)".to_owned(), "everybody who was erased before".into()),
    };
    let holds = held::holds(&hand).await?;
    held::refuse(&hand, &makers, args.source.as_ref(), &sources, &identities, &holds).await?;
    show(&hand, &makers, &sources, &args, &identities, &holds).await?;
    if args.dry_run {
        return Ok(Exit::Done);
    }
    let until = if args.user.is_some() { "until this moment" } else { "until they were" };
    confirm(&format!("erase {shown} from all that happened {until}, which cannot be taken back"), args.yes)?;
    // First the hash, then the removal: what comes in from here on is kept out, and whatever is cut short is ended by doing it again.
    if args.user.is_some() {
        hand.ask(control::Privacy::KeepOut { mark: mark.clone(), source: args.source.clone(), identities }).await?;
    }
    let done = take_out(&hand, &makers, &sources, args.source.is_none()).await?;
    hand.ask(control::Privacy::Scrub { mark, done: done.clone() }).await?;
    tell(config, &done);
    Ok(if done.waiting + done.held + done.held_rows > 0 { Exit::Left } else { Exit::Done })
}

/// Says whom it is about and what would go.
async fn show(
    hand: &Hand<'_>,
    makers: &Makers,
    sources: &[SourceName],
    args: &Erase,
    identities: &[Identity],
    holds: &BTreeMap<SourceName, Hold>,
) -> Result<()> {
    for identity in identities {
        let what = match identity.kind {
            privacy::Kind::Account => "account",
            privacy::Kind::Name => "name, whoever has it",
        };
        say!("{what}: {}", visible(&identity.text));
    }
    let marks = |source: Option<SourceName>| async move {
        match args.again {
            true => blocking(hand.store(), move |store| store.kept_out(source.as_ref())).await.map_err(anyhow::Error::from),
            false => Ok(Marks::plain(identities)),
        }
    };
    for source in sources {
        let marks = marks(Some(source.clone())).await?;
        let (mut gone, mut named, mut stay) = (0_u64, 0_u64, 0_u64);
        let held = holds.get(source).map(Hold::marks);
        let passage = makers.go_through(hand, source, &marks, async |batch| {
            for (event, actor) in &batch.naming {
                let is_held = held.as_ref().is_some_and(|held| line::names(&event.record, held, line::Whose::Vendor));
                let did = actor.as_ref().is_some_and(|actor| marks.then(event.time).acted(actor));
                let count = match (is_held, did) {
                    (true, _) => &mut stay,
                    (false, true) => &mut gone,
                    (false, false) => &mut named,
                };
                *count += 1;
            }
            Ok(())
        });
        passage.await?;
        say!("source {source}: {gone} events that they did go, {named} that name them are redacted");
        if stay > 0 {
            say!("source {source}: {stay} events stay whole, which name somebody who is held too");
        }
        if !makers.read(source) {
            say!("source {source} is not configured, so that who did what cannot be read: its events are redacted, and none goes");
        }
    }
    let mut counted: BTreeMap<&'static str, u64> = BTreeMap::new();
    for source in sources {
        for (table, rows) in rows(hand, Some(source.clone()), marks(Some(source.clone())).await?).await? {
            *counted.entry(table).or_default() += rows;
        }
    }
    if args.source.is_none() {
        // Rows of sources are among these again, but for who was erased from one alone.
        for (table, rows) in rows(hand, None, marks(None).await?).await? {
            let counted = counted.entry(table).or_default();
            *counted = rows.max(*counted);
        }
    }
    for (table, rows) in counted {
        let stays = if table == "governance" { ", which stay: the log proves what was done to people" } else { "" };
        say!("{}: {rows}{stays}", table.replace('_', " "));
    }
    Ok(())
}

/// Takes everybody who is kept out of these sources; where they are all of them, also out of what belongs to none.
pub(super) async fn take_out(hand: &Hand<'_>, makers: &Makers, sources: &[SourceName], all: bool) -> Result<Erased> {
    let (mut done, mut waiting, mut held_rows) = (Erased::default(), 0, 0);
    for source in sources {
        events(hand, makers, source, &mut done).await?;
        // Who was erased from this source alone is kept out of this source alone.
        let rows = part(hand.ask(control::Privacy::Rows(Some(source.clone()))).await?)?;
        waiting += rows.waiting;
        held_rows += rows.held_rows;
        done.add(&rows);
    }
    if all {
        done.add(&part(hand.ask(control::Privacy::Rows(None)).await?)?);
    }
    done.waiting = done.waiting.max(waiting);
    done.held_rows = done.held_rows.max(held_rows);
    Ok(done)
}

/// How many rows of each table name somebody.
pub(super) async fn rows(hand: &Hand<'_>, source: Option<SourceName>, marks: Marks) -> Result<BTreeMap<&'static str, u64>> {
    let counted = blocking(hand.store(), move |store| {
        let mut counted: BTreeMap<&'static str, u64> = BTreeMap::new();
        store.kept_of(source.as_ref(), &marks, &mut |kept| {
            *counted.entry(kept.table).or_default() += 1;
            Ok(())
        })?;
        Ok(counted)
    });
    Ok(counted.await?)
}

/// Takes everybody who is kept out of the log of a source.
async fn events(hand: &Hand<'_>, makers: &Makers, source: &SourceName, done: &mut Erased) -> Result<()> {
    let of = source.clone();
    let marks = blocking(hand.store(), move |store| store.kept_out(Some(&of))).await?;
    let passage = makers.go_through(hand, source, &marks, async |batch| {
        if batch.naming.is_empty() {
            return Ok(());
        }
        let did = |event: &StoredEvent, actor: &Actor| marks.then(event.time).acted(actor);
        let theirs = batch.naming.iter().filter(|(event, actor)| actor.as_ref().is_some_and(|actor| did(event, actor)));
        let gone = theirs.map(|(event, _)| event.seq).collect();
        let stretch = Stretch { source: source.clone(), after: batch.after, through: batch.through, gone };
        done.add(&part(hand.ask(control::Privacy::Events(stretch)).await?)?);
        Ok(())
    });
    passage.await
}

fn part(reply: Reply) -> Result<Erased> {
    match reply {
        Reply::Erased(done) => Ok(*done),
        _ => Err(Ended::new(Exit::Left, "the running host gave an answer that does not fit: it is of another version").into()),
    }
}

/// What was done, and what was not.
fn tell(config: &Config, done: &Erased) {
    say!("erased: {} events removed, {} of them before every sink had them; {} redacted", done.removed, done.undelivered, done.redacted);
    for (table, rows) in &done.rows {
        say!("erased: {} of {}", rows, table.replace('_', " "));
    }
    if done.waiting > 0 {
        say!("{} responses are not over and name the person until they are: run `miro-source privacy erase --again` then", done.waiting);
    }
    if done.held + done.held_rows > 0 {
        say!(
            "{} events and {} other records stay whole, which name somebody who is held too: run `miro-source privacy erase --again` once the \
             legal_hold is over",
            done.held,
            done.held_rows
        );
    }
    say!("what they do from then on is collected, delivered and judged as anybody's: erase them again where it is to go too");
    say!("the governance log stays as it is: it proves what was done to people, and by whom (GDPR Art. 17(3)(b) and (e))");
    say!("what sinks and channels have got is not called back; copies of the store hold the person until they are deleted");
    for copy in copies(config) {
        say!("such a copy is {}", copy.display());
    }
}

/// Copies of the store beside it, made by restoring, by upgrades and of damage.
fn copies(config: &Config) -> Vec<std::path::PathBuf> {
    let path = &config.store.path;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_copy = |path: &std::path::PathBuf| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        file.strip_prefix(name.as_ref())
            .is_some_and(|rest| [".replaced-", ".schema-", ".damaged-"].iter().any(|kind| rest.starts_with(kind)))
    };
    let mut copies: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(is_copy).collect();
    copies.sort();
    copies
}

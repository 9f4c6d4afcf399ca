//! Whatever a component returns: refused in words, or stored, and then it is read back as it came, once.

use std::cell::RefCell;

use audit_pipeline::{
    source::{Gap, Meter, Next, Note, Page, Reading},
    types::{Actor, ActorKind, Entity, Event, Outcome},
};
use miro_source::{
    model::{Instant, Lane, Seq, SourceName, Stream},
    neutral, runtime,
    store::{self, Range, Store as _},
};

use scratch::Scratch;

mod scratch;

/// Between the parts of a page: itself, events, notes.
const PART: char = '\x1e';
/// Between the fields of a part.
const FIELD: char = '\x1f';
/// A field may say `*2000:x` for two thousand times `x`, up to so many bytes.
const LONGEST: usize = 1 << 17;
/// When every page is received.
const RECEIVED: Instant = Instant(1_767_226_200_000);

thread_local! {
    static SCRATCH: RefCell<Option<Scratch>> = const { RefCell::new(None) };
}

/// See the corpus for what the bytes look like; a field that is not there is absent.
pub fn returned(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut page = read(&text);
    if let Err(why) = runtime::check_page(&mut page) {
        assert!(!why.is_empty() && why.len() < 1000 && !why.contains('\n'), "{why}");
        return;
    }
    for note in &page.notes {
        if let Note::Warning(text) | Note::Gap(Gap { cause: text, .. }) = note {
            assert!(!neutral::visible(text).to_string().chars().any(char::is_control), "{text:?}");
        }
    }
    SCRATCH.with_borrow_mut(|scratch| {
        let scratch = Scratch::ready(scratch);
        let source = scratch.next();
        stored(&scratch.store, &source, &page);
    });
}

/// The page is committed twice, as after a crash, and read.
fn stored(store: &store::sqlite::SqliteStore, source: &SourceName, page: &Page) {
    let lane = if matches!(page.reading, Reading::Live) { Lane::Live } else { Lane::Late };
    let gaps: Vec<Gap> = page.notes.iter().filter_map(|note| if let Note::Gap(gap) = note { Some(gap.clone()) } else { None }).collect();
    let through = Instant(page.through);
    let commit = || {
        store.commit(&store::Page {
            source,
            stream: Stream::Live,
            lane,
            received: RECEIVED,
            events: &page.events,
            known: &[],
            checkpoint: &page.checkpoint,
            through,
            gaps: &gaps,
            finished: matches!(page.next, Next::Finished),
            generation: None,
        })
    };
    let mut unique: Vec<&Event> = Vec::new();
    for event in &page.events {
        if !unique.iter().any(|known| known.id == event.id) {
            unique.push(event);
        }
    }
    let (first, second) = (commit(), commit());
    let news = |done: &store::Result<store::Committed>| done.as_ref().map(|done| done.new).map_err(ToString::to_string);
    assert_eq!(news(&first), Ok(unique.len() as u64), "an accepted page is stored, each id once");
    assert_eq!(news(&second), Ok(0), "a page that comes again is known");

    let range = Range { source, lane, after: Seq(0), sink: None, events: usize::MAX >> 1, bytes: usize::MAX >> 1 };
    let back = store.read(&range).unwrap_or_default();
    let came: Vec<_> = back.iter().map(|event| (event.time.0, event.action.as_str(), event.record.as_str())).collect();
    let went: Vec<_> = unique.iter().map(|event| (event.time, event.action.as_str(), event.record.as_str())).collect();
    assert_eq!(came, went);
    let checkpoint = store.checkpoint(source, Stream::Live).ok().flatten().map(|checkpoint| (checkpoint.body, checkpoint.through));
    assert_eq!(checkpoint, Some((page.checkpoint.clone(), through)));
    let known = store.gaps().unwrap_or_default();
    for gap in gaps.iter().filter(|gap| gap.start < gap.end) {
        let same = known.iter().any(|known| known.source == *source && known.start.0 <= gap.start && known.end.0 >= gap.end);
        assert!(same, "{gap:?} is not in {known:?}");
    }
}

fn read(text: &str) -> Page {
    let mut parts = text.split(PART);
    let mut head = Fields::of(parts.next().unwrap_or_default());
    let mut page = Page {
        checkpoint: head.text(),
        through: head.number(),
        reading: match head.number() % 3 {
            0 => Reading::Live,
            1 => Reading::Revisit,
            _ => Reading::Fixed,
        },
        next: match head.number() % 4 {
            0 => Next::AtOnce,
            1 => Next::After(head.number()),
            2 => Next::CaughtUp,
            _ => Next::Finished,
        },
        events: Vec::new(),
        notes: Vec::new(),
    };
    for part in parts {
        let mut fields = Fields::of(part);
        match fields.text().as_str() {
            "gap" => page.notes.push(Note::Gap(Gap { start: fields.number(), end: fields.number(), cause: fields.text() })),
            "clock" => page.notes.push(Note::Clock(i64::try_from(fields.number()).unwrap_or(i64::MIN))),
            "meter" => page.notes.push(Note::Meter(Meter { limit: fields.number(), remaining: fields.number(), reset: None })),
            "warning" => page.notes.push(Note::Warning(fields.text())),
            _ => page.events.push(event(&mut fields)),
        }
    }
    page
}

fn event(fields: &mut Fields<'_>) -> Event {
    Event {
        id: fields.text(),
        time: fields.number(),
        action: fields.text(),
        record: fields.text(),
        category: fields.some(),
        traits: fields.some().map(|words| words.split(',').map(str::to_owned).collect()).unwrap_or_default(),
        outcome: if fields.number() == 0 { Outcome::Success } else { Outcome::Unknown },
        actor: Actor { kind: ActorKind::User, id: fields.some(), name: fields.some(), email: fields.some() },
        object: fields.some().map(|id| Entity { kind: None, id: Some(id), name: fields.some() }),
        team: None,
        organization: None,
        ip: fields.some(),
        user_agent: fields.some(),
        session: fields.some(),
        extra: fields.some().map(|name| (name, fields.text())).into_iter().collect(),
    }
}

struct Fields<'a>(std::str::Split<'a, char>);

impl<'a> Fields<'a> {
    fn of(part: &'a str) -> Self {
        Self(part.split(FIELD))
    }

    fn some(&mut self) -> Option<String> {
        let field = self.0.next().filter(|field| !field.is_empty())?;
        let repeated = field.strip_prefix('*').and_then(|rest| rest.split_once(':')).and_then(|(times, what)| {
            let times: usize = times.parse().ok()?;
            (times.checked_mul(what.len())? <= LONGEST).then(|| what.repeat(times))
        });
        Some(repeated.unwrap_or_else(|| field.to_owned()))
    }

    fn text(&mut self) -> String {
        self.some().unwrap_or_default()
    }

    fn number(&mut self) -> u64 {
        self.0.next().and_then(|field| field.parse().ok()).unwrap_or(0)
    }
}

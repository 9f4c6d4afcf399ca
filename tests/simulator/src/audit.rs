//! `GET /v2/audit/logs`, see <https://developers.miro.com/reference/enterprise-get-audit-logs>.

use std::collections::HashMap;

use serde_json::value::RawValue;
use url::form_urlencoded;

use crate::{
    answer::Answer,
    cast::Cast,
    event,
    key::{self, Key},
    log::{Content, Entry, Log},
    organization::Spec,
    settings::{Bound, Changed, CutCursor, LastPage, MiroSettings, TooOld},
};

/// One request, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    after: u64,
    before: u64,
    limit: usize,
    descending: bool,
    pub(crate) cursor: Option<String>,
    /// Parameters nobody knows: ignored, and a violation.
    pub(crate) strange: Vec<String>,
}

/// Which cursors were given out, for which parameters, and which page each leads to.
#[derive(Debug, Default)]
pub(crate) struct Issued(HashMap<Key, Vec<(Query, u64)>>);

impl Query {
    /// Reads the query string, or says what is wrong with it.
    pub(crate) fn read(query: &str, settings: &MiroSettings) -> Result<Self, String> {
        let mut given: HashMap<String, String> = HashMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if given.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(format!("Parameter {name} is given twice"));
            }
        }
        let mut time = |name: &str| {
            let text = given.remove(name).ok_or_else(|| format!("Required parameter {name} is not present"))?;
            key::bound(&text).ok_or_else(|| format!("Parameter {name} is not UTC in ISO 8601 with milliseconds and a trailing Z"))
        };
        let (after, before) = (time("createdAfter")?, time("createdBefore")?);
        if after > before {
            return Err("createdAfter is later than createdBefore".into());
        }
        let limit = match given.remove("limit") {
            None => settings.max_limit.min(100),
            Some(text) => match text.parse() {
                Ok(limit) if (1..=settings.max_limit).contains(&limit) => limit,
                _ => return Err(format!("Parameter limit is not between 1 and {}", settings.max_limit)),
            },
        };
        let descending = match given.remove("sorting").as_deref() {
            None | Some("ASC") => false,
            Some("DESC") => true,
            Some(_) => return Err("Parameter sorting is neither ASC nor DESC".into()),
        };
        let cursor = given.remove("cursor");
        let mut strange: Vec<_> = given.into_keys().collect();
        strange.sort_unstable();
        Ok(Self { after, before, limit, descending, cursor, strange })
    }

    /// Its parameters without the cursor.
    fn window(&self) -> Self {
        Self { cursor: None, strange: Vec::new(), ..self.clone() }
    }

    /// The keys between its bounds, compared by `createdAt` and hence by the millisecond.
    fn keys(&self, settings: &MiroSettings) -> (Key, Key) {
        let from = match settings.lower {
            Bound::Inclusive => self.after.div_ceil(1000),
            Bound::Exclusive => self.after / 1000 + 1,
        };
        let to = match settings.upper {
            Bound::Inclusive => self.before / 1000 + 1,
            Bound::Exclusive => self.before.div_ceil(1000),
        };
        (Key::at(from), Key::at(to))
    }
}

impl Issued {
    /// Which page of its window the query asks for, counted from 1; an error where its cursor belongs to another one.
    pub(crate) fn page(&self, query: &Query, settings: &MiroSettings) -> Result<u64, String> {
        let Some(issues) = query.cursor.as_deref().and_then(Key::parse).and_then(|key| self.0.get(&key)) else { return Ok(1) };
        let same = |issue: &&(Query, u64)| match settings.changed_parameters {
            Changed::Refuse => issue.0 == query.window(),
            Changed::AllowLimit => issue.0 == Query { limit: issue.0.limit, ..query.window() },
            Changed::Allow => true,
        };
        let found = issues.iter().find(same).map(|issue| issue.1);
        found.ok_or_else(|| "The cursor belongs to a request with other parameters".into())
    }

    fn issue(&mut self, key: Key, query: &Query, page: u64) {
        // Forgetting is harmless: an unknown cursor is taken as it is.
        if self.0.len() > 100_000 {
            self.0.clear();
        }
        let issues = self.0.entry(key).or_default();
        let window = query.window();
        if !issues.iter().any(|issue| issue.0 == window) {
            issues.push((window, page));
        }
    }
}

/// What a page is made from.
pub(crate) struct Source<'a> {
    pub(crate) log: &'a Log,
    pub(crate) cast: &'a Cast,
    pub(crate) spec: &'a Spec,
    pub(crate) settings: &'a MiroSettings,
}

impl Source<'_> {
    /// One page. `number` is its place in its window; [`Log::reveal`] has been called.
    pub(crate) fn page(&self, query: &Query, issued: &mut Issued, number: u64, now: u64) -> Answer {
        let (mut from, mut to) = query.keys(self.settings);
        let kept = self.settings.retention_ms.map_or(0, |ms| now.saturating_sub(ms));
        if query.after / 1000 < kept {
            match self.settings.too_old {
                TooOld::Refuse => {
                    return Answer::refusal(400, "invalidParameters", "createdAfter is before the audit log retention period");
                }
                TooOld::LeaveOut => from = from.max(Key::at(kept)),
            }
        }
        match query.cursor.as_deref().map(|text| (text, Key::parse(text))) {
            None => {}
            Some((_, Some(key))) if query.descending => to = to.min(key),
            Some((_, Some(key))) => from = from.max(Key { serial: key.serial.saturating_add(1), ..key }),
            Some((text, None)) => {
                let cut = self.settings.cut_cursor == CutCursor::FirstPage && key::bound(text).is_some();
                if !cut {
                    return Answer::refusal(400, "invalidParameters", "The cursor is not valid");
                }
            }
        }
        let range = self.log.range(from, to);
        let wanted = query.limit + 1;
        let mut entries: Vec<_> = if query.descending { range.rev().take(wanted).collect() } else { range.take(wanted).collect() };
        let more = entries.len() > query.limit;
        entries.truncate(query.limit);
        let next = entries.last().map(|(key, _)| *key).filter(|_| more || self.settings.last_page == LastPage::EmptyPage);
        if let Some(key) = next {
            issued.issue(key, query, number + 1);
        }
        Answer::text(200, "application/json", self.write(&entries, query.limit, next))
    }

    fn write(&self, entries: &[(Key, &Entry)], limit: usize, next: Option<Key>) -> String {
        let mut body = format!("{{\"type\":\"cursor-list\",\"limit\":{limit},");
        if !self.settings.omit_size {
            body += &format!("\"size\":{},", entries.len());
        }
        // An id holds nothing that JSON escapes.
        body += &match (next, self.settings.last_page) {
            (Some(key), _) => format!("\"cursor\":\"{}\",", key.id()),
            (None, LastPage::EmptyText) => "\"cursor\":\"\",".to_owned(),
            (None, LastPage::Null) => "\"cursor\":null,".to_owned(),
            (None, LastPage::NoCursor | LastPage::EmptyPage) => String::new(),
        };
        body += "\"data\":[";
        for (n, (key, entry)) in entries.iter().enumerate() {
            if n > 0 {
                body.push(',');
            }
            body += &written(self.cast, self.spec, *key, entry);
        }
        body + "]}"
    }
}

/// The event as the vendor writes it.
pub(crate) fn written(cast: &Cast, spec: &Spec, key: Key, entry: &Entry) -> String {
    match &entry.content {
        Content::Drawn(seed) => event::render(cast, spec, key, *seed, None),
        Content::Crafted(text) => text.to_string(),
    }
}

/// The page with the cursor it was asked for, over and over. A page without a successor gets none.
pub(crate) fn repeated(answer: Answer, query: &Query) -> Answer {
    #[derive(serde::Deserialize, serde::Serialize)]
    struct Page<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
    }
    let Ok(text) = std::str::from_utf8(&answer.body) else { return answer };
    let Ok(page) = serde_json::from_str::<Page<'_>>(text) else { return answer };
    let own = serde_json::from_str::<serde_json::Value>(text).ok();
    let own = own.as_ref().and_then(|page| page.get("cursor")).and_then(serde_json::Value::as_str);
    let Some(cursor) = query.cursor.as_deref().or(own) else { return answer };
    let cursor = serde_json::Value::from(cursor);
    let body = format!("{{\"type\":\"cursor-list\",\"limit\":{},\"cursor\":{cursor},\"data\":{}}}", query.limit, page.data);
    Answer { body: body.into(), ..answer }
}

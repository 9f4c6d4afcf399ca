//! One run, from the environment to the exit code.

use crate::{
    custody::Custody,
    edges::Edges,
    exit::{Ended, Exit, Result},
    lease::{self, Lease},
    neutral::{json, visible},
    settings::Settings,
    source::{Gap, Next, Note, Page, Span},
    state::State,
    types::Failure,
};

/// Waits between tries of what may heal by itself, in milliseconds. After the last the run ends and leaves it to the next.
const TRIES: [u64; 3] = [1000, 5000, 25_000];
/// The longest wait before the lock is pushed ahead again.
const STRETCH: u64 = lease::LENGTH / 4;
/// From this many milliseconds on a wrong clock is worth a line.
const CLOCK_OFF: u64 = 60_000;

/// Polls until caught up. What went wrong is said on standard error, the exit code with it on the last line.
pub fn run(edges: Edges<'_>, environment: &[(String, String)]) -> Exit {
    let mut secrets = Vec::new();
    match attempt(edges, environment, &mut secrets) {
        Ok(()) => Exit::Done,
        Err(Ended { exit, why }) => {
            say(edges, &secrets, &why);
            edges.console.say(&format!("miro-source-command: exit {}", exit as u8));
            exit
        }
    }
}

fn attempt(edges: Edges<'_>, environment: &[(String, String)], secrets: &mut Vec<String>) -> Result<()> {
    let about = edges.source.describe();
    let settings = Settings::read(environment, &about, edges.disk)?;
    secrets.extend(settings.secrets.iter().map(|(_, value)| value.clone()));
    edges.disk.make_folder(&settings.state).map_err(|why| {
        Ended::configuration(format!("{}: the state folder (MIRO_SOURCE_STATE) must be one that the runtime opened for writing", why.0))
    })?;
    let lease = Lease::take(edges.disk, edges.clock, &settings.state)?;
    let ended = work(edges, &settings, &about.name, &lease, secrets);
    lease.release();
    ended
}

fn work(edges: Edges<'_>, settings: &Settings, source: &str, lease: &Lease<'_>, secrets: &mut Vec<String>) -> Result<()> {
    let state = State::load(edges.disk, &settings.state, source)?;
    let custody = Custody::load(edges, settings)?;
    let mut poll = Poll { edges, settings, lease, state, custody, secrets, started: edges.clock.elapsed(), renewed: false };
    let ended = poll.until_caught_up();
    if lease.check().is_ok() {
        poll.state.close(ended.is_ok(), settings.remember, edges.clock.now())?;
    }
    ended
}

struct Poll<'a, 's> {
    edges: Edges<'a>,
    settings: &'a Settings,
    lease: &'s Lease<'a>,
    state: State<'a>,
    custody: Custody<'a>,
    secrets: &'s mut Vec<String>,
    started: u64,
    /// Whether the token was renewed because it had been refused, and not been accepted since.
    renewed: bool,
}

impl Poll<'_, '_> {
    fn until_caught_up(&mut self) -> Result<()> {
        self.secrets.extend(self.custody.secrets());
        let mut pages = 0;
        let mut tries = TRIES.iter();
        loop {
            let now = self.edges.clock.now();
            let Some(checkpoint) = self.state.checkpoint().map(str::to_owned) else {
                let first = self.edges.source.begin(&self.settings.config, Span::Live(now), now).map_err(|failure| ended(&failure))?;
                self.state.save(first)?;
                continue;
            };
            let Some(token) = self.custody.access(now)? else {
                self.refresh()?;
                continue;
            };
            if pages >= self.settings.pages {
                return Err(Ended::left(format!("read {pages} pages (MIRO_SOURCE_PAGES): the next run goes on")));
            }
            self.spend(0)?;
            match self.edges.source.collect(&self.settings.config, &token, &checkpoint, now) {
                Ok(page) => {
                    tries = TRIES.iter();
                    self.renewed = false;
                    pages += 1;
                    let next = page.next;
                    self.take(page)?;
                    match next {
                        Next::AtOnce => {}
                        Next::After(wait) => self.wait(wait)?,
                        Next::CaughtUp | Next::Finished => return Ok(()),
                    }
                }
                Err(Failure::Expired) if self.custody.renewable() && !self.renewed => {
                    self.renewed = true;
                    self.refresh()?;
                }
                Err(failure) => {
                    let wait = match (&failure, tries.next()) {
                        (Failure::Throttled(Some(wait)), _) => *wait,
                        (Failure::Throttled(None) | Failure::Unavailable(_) | Failure::Protocol(_), Some(wait)) => *wait,
                        _ => return Err(ended(&failure)),
                    };
                    say(self.edges, self.secrets, &format!("{}; trying again in {} s", describe(&failure), wait.div_ceil(1000)));
                    self.wait(wait)?;
                }
            }
        }
    }

    /// Writes a page out and commits it: in this order nothing is lost, wherever a crash falls.
    fn take(&mut self, page: Page) -> Result<()> {
        let mut gaps: Vec<Gap> = Vec::new();
        for note in &page.notes {
            match note {
                Note::Gap(gap) => {
                    say(
                        self.edges,
                        self.secrets,
                        &format!("cannot be read, now or later: {} to {} ({})", instant(gap.start), instant(gap.end), gap.cause),
                    );
                    gaps.push(gap.clone());
                }
                Note::Clock(off) if off.unsigned_abs() >= CLOCK_OFF => {
                    let (seconds, side) = (off.unsigned_abs() / 1000, if *off > 0 { "behind" } else { "ahead of" });
                    say(self.edges, self.secrets, &format!("this machine's clock is {seconds} s {side} the vendor's"));
                }
                Note::Clock(_) | Note::Meter(_) => {}
                Note::Warning(text) => say(self.edges, self.secrets, text),
            }
        }
        if page.events.iter().any(|event| event.id.is_empty() || event.record.contains('\n')) {
            return Err(Ended::left("the component broke its contract: an event without an id, or a record of several lines"));
        }
        let new = self.state.new_among(&page);
        let new = || page.events.iter().zip(&new).filter(|(_, new)| **new).map(|(event, _)| event);
        let mut lines = String::new();
        for event in new() {
            lines.push_str(&json(&event.record));
            lines.push('\n');
        }
        self.lease.hold()?;
        self.state.write(self.edges, lines.as_bytes())?;
        self.state.commit(new().map(|event| event.id.as_str()), &gaps, page.checkpoint.clone(), self.edges.clock.now())
    }

    fn refresh(&mut self) -> Result<()> {
        self.lease.hold()?;
        let outcome = self.custody.refresh();
        self.secrets.extend(self.custody.secrets());
        outcome
    }

    fn wait(&mut self, mut wait: u64) -> Result<()> {
        self.spend(wait)?;
        while wait > 0 {
            let stretch = wait.min(STRETCH);
            self.edges.clock.wait(stretch);
            self.lease.hold()?;
            wait -= stretch;
        }
        Ok(())
    }

    /// Fails where the run's time does not suffice for that much more.
    fn spend(&self, more: u64) -> Result<()> {
        let used = self.edges.clock.elapsed().saturating_sub(self.started);
        if used.saturating_add(more) >= self.settings.budget {
            let wait = if more > 0 { format!(" and must wait {} s more", more.div_ceil(1000)) } else { String::new() };
            return Err(Ended::left(format!(
                "worked for {} s{wait}, over its time (MIRO_SOURCE_BUDGET): the next run goes on",
                used / 1000
            )));
        }
        Ok(())
    }
}

/// How a failure ends a run.
fn ended(failure: &Failure) -> Ended {
    let why = describe(failure);
    match failure {
        Failure::Throttled(_) | Failure::Unavailable(_) | Failure::Protocol(_) => Ended::left(why),
        Failure::Expired => Ended::authorize(format!("{why}: authorize again and set a new one")),
        Failure::Unauthorized(_) | Failure::Forbidden(_) => Ended::authorize(why),
        Failure::Invalid(_) => Ended::configuration(why),
    }
}

/// A failure for people.
pub fn describe(failure: &Failure) -> String {
    match failure {
        Failure::Throttled(None) => "the vendor asks to slow down".to_owned(),
        Failure::Throttled(Some(wait)) => format!("the vendor asks to wait {} s", wait.div_ceil(1000)),
        Failure::Expired => "the vendor refuses the access token".to_owned(),
        Failure::Unavailable(text)
        | Failure::Unauthorized(text)
        | Failure::Forbidden(text)
        | Failure::Invalid(text)
        | Failure::Protocol(text) => text.clone(),
    }
}

/// One line to standard error, without secrets, harmless to look at.
fn say(edges: Edges<'_>, secrets: &[String], text: &str) {
    let mut clean = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        clean = clean.replace(secret.as_str(), "[hidden]");
    }
    edges.console.say(&format!("miro-source-command: {}", visible(&clean)));
}

fn instant(milliseconds: u64) -> String {
    let time = i64::try_from(milliseconds).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    time.map_or_else(|| milliseconds.to_string(), |time| time.to_string())
}

//! What a detector found, and what becomes of it, in one transaction.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{
    alerts, behaviours, detectors, erased, fault::Outcome, holdings, names::register, outbox, reactions, responses, situation, suppressions,
};
use crate::{
    alert::{Activity, Alert, AlertId, Cause, Change, Course, Entry, Fate, Form, Found, Judged, Judgement, Story, course, quiet},
    privacy::Hold,
    respond::{Made, Reaction, reacted},
    store::seal::Key,
};

/// Stores a judgement: cursor, profiles, behaviours, alerts, and what is to be done about them.
///
/// What was made of events that were erased meanwhile is not stored; what whoever was erased did later is judged as anybody's, and
/// so is what is held.
pub(super) fn judge(db: &Connection, key: &Key, judgement: &Judgement<'_>, hold: &Hold) -> Outcome<Judged> {
    detectors::advance(db, judgement)?;
    let source = register(db, judgement.source)?;
    let (kept_out, held) = (erased::marks_under(db, key, source, hold)?, hold.marks());
    let learned = kept_out.then(judgement.at);
    let stays = |subject: &str| !holdings::is_whose(subject, &learned) || holdings::is_whose(subject, &held);
    for profile in judgement.profiles.iter().filter(|profile| stays(&profile.subject)) {
        detectors::remember(db, source, judgement.detector, profile)?;
    }
    let reactions = if judgement.findings.is_empty() { Vec::new() } else { reactions::of(db, source)? };
    let mut bench = Bench { db, source, judgement, reactions, judged: Judged::default() };
    let stays = |story: &Story| !story.who.is_kept_out(&kept_out.then(story.end)) || story.who.is_kept_out(&held);
    for found in judgement.findings.iter().filter(|found| stays(&found.story)) {
        let fate = bench.settle(found)?;
        behaviours::add(db, source, judgement, found, fate)?;
        bench.react(found, fate)?;
    }
    Ok(bench.judged)
}

struct Bench<'a> {
    db: &'a Connection,
    source: i64,
    judgement: &'a Judgement<'a>,
    reactions: Vec<Reaction>,
    judged: Judged,
}

impl Bench<'_> {
    fn settle(&mut self, found: &Found) -> Outcome<Fate> {
        let (db, at) = (self.db, self.judgement.at);
        if let Some(why) = quiet(found, self.judgement.stage) {
            self.judged.quiet += 1;
            return Ok(Fate::Quiet(why));
        }
        let situation = situation::of(db, self.source, found, at)?;
        Ok(match course(found, at, &situation) {
            Course::Suppress(id) => {
                self.judged.suppressed += 1;
                suppressions::count(db, id, at)?;
                Fate::Suppressed(id)
            }
            Course::Repeat(id) => {
                self.judged.repeated += 1;
                let mut alert = alerts::get(db, id)?;
                alert.repeat(found, at);
                outbox::tell(db, &mut alert, Activity::Update)?;
                alerts::put(db, &alert)?;
                Fate::Repeated(id)
            }
            Course::Withhold => {
                self.judged.withheld += 1;
                Fate::Withheld(self.withhold(found)?)
            }
            Course::Join(incident) => {
                let alert = self.raise(found, Some(incident))?;
                let mut incident = alerts::get(db, incident)?;
                incident.gather(&alert, at);
                outbox::tell(db, &mut incident, Activity::Update)?;
                alerts::put(db, &incident)?;
                Fate::Raised(alert.id)
            }
            Course::Fold(cause, others) => {
                let alert = self.raise(found, None)?;
                let id = alert.id;
                self.fold(&cause, &others, alert)?;
                Fate::Raised(id)
            }
            Course::Raise => {
                let mut alert = self.raise(found, None)?;
                outbox::tell(db, &mut alert, Activity::Create)?;
                alerts::put(db, &alert)?;
                Fate::Raised(alert.id)
            }
        })
    }

    /// What is to be done about a finding. The daily limit of alerts limits nothing of it.
    fn react(&mut self, found: &Found, fate: Fate) -> Outcome<()> {
        let detector = self.judgement.detector;
        if !self.reactions.iter().any(|reaction| reaction.is_about(detector, found)) {
            return Ok(());
        }
        let severity = match fate {
            Fate::Raised(id) | Fate::Repeated(id) => alerts::get(self.db, id)?.story.severity,
            // The alert of a limit is as grave as the gravest of all that it counts.
            Fate::Withheld(_) | Fate::Quiet(_) | Fate::Suppressed(_) => found.story.severity,
        };
        for response in reacted(&self.reactions, Made { detector, found, fate, severity, at: self.judgement.at }) {
            self.judged.responses.extend(responses::make(self.db, response)?);
        }
        Ok(())
    }

    /// A new alert, of which nobody has been told yet.
    fn raise(&mut self, found: &Found, incident: Option<AlertId>) -> Outcome<Alert> {
        self.add(Alert::raise(found, self.judgement, incident))
    }

    fn add(&mut self, mut alert: Alert) -> Outcome<Alert> {
        alert.id = alerts::add(self.db, self.source, &alert)?;
        alerts::note(self.db, alert.id, &Entry { at: self.judgement.at, who: None, change: Change::Raised })?;
        self.judged.raised.push(alert.id);
        Ok(alert)
    }

    fn withhold(&mut self, found: &Found) -> Outcome<AlertId> {
        let at = self.judgement.at;
        let (mut alert, activity) = match alerts::same(self.db, self.source, &found.policy, &Alert::limit_key(at), &Form::Limit)? {
            Some(id) => {
                let mut alert = alerts::get(self.db, id)?;
                alert.withhold(found, at);
                (alert, Activity::Update)
            }
            None => (self.add(Alert::limit(found, self.judgement))?, Activity::Create),
        };
        outbox::tell(self.db, &mut alert, activity)?;
        alerts::put(self.db, &alert)?;
        Ok(alert.id)
    }

    fn fold(&mut self, cause: &Cause, others: &[AlertId], latest: Alert) -> Outcome<()> {
        let (db, at) = (self.db, self.judgement.at);
        let mut members: Vec<Alert> = others.iter().map(|id| alerts::get(db, *id)).collect::<Outcome<_>>()?;
        members.push(latest);
        let Some(incident) = Alert::incident(cause, &members, at) else { return Ok(()) };
        let mut incident = self.add(incident)?;
        let mut gone: BTreeMap<AlertId, Vec<AlertId>> = BTreeMap::new();
        for member in &mut members {
            if let Some(held) = member.incident.replace(incident.id) {
                gone.entry(held).or_default().push(member.id);
            }
            alerts::put(db, member)?;
            alerts::note(db, member.id, &Entry { at, who: None, change: Change::Folded(incident.id) })?;
        }
        for (held, gone) in gone {
            let mut held = alerts::get(db, held)?;
            held.release(&gone, &incident, at);
            outbox::tell(db, &mut held, Activity::Update)?;
            alerts::put(db, &held)?;
        }
        outbox::tell(db, &mut incident, Activity::Create)?;
        alerts::put(db, &incident)
    }
}

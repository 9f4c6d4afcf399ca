//! What `status` says of what is done to accounts.

use serde::Serialize;

use crate::{
    authenticate::{Concern, Keys, RENEW},
    cli::{Result, respond::thrown},
    config::Config,
    directory::Reading,
    model::{Instant, ResponderName},
    neutral::visible,
    respond::{ResponseQuery, Stopped},
    store::Store,
};

/// More are not counted.
const MOST: usize = 1000;
/// How far back failures are counted.
const WEEK: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

/// What is done to accounts, and by whom.
#[derive(Debug, Serialize)]
pub(super) struct Acting {
    /// Nothing acts without it.
    enabled: bool,
    /// What would be done is only found out.
    dry_run: bool,
    /// Who stopped everything, when and why.
    stopped: Option<Stopped>,
    responders: Vec<Each>,
}

#[derive(Debug, Serialize)]
struct Each {
    name: ResponderName,
    /// Responses that wait for a person; 1000 stands for more too, here and below.
    waiting: usize,
    /// That are pending or running.
    pending: usize,
    /// That failed in the last seven days.
    failed: usize,
    /// What is wrong with the certificate that it signs with, or soon will be.
    certificate: Option<Concern>,
    /// How the reading of its directory is doing.
    directory: Option<Reading>,
}

impl Acting {
    pub(super) fn find(config: &Config, store: &dyn Store, now: Instant) -> Result<Self> {
        let count = |responder: &ResponderName, states: &[&str], since| {
            let states = states.iter().map(|state| (*state).to_owned()).collect();
            let query = ResponseQuery { states, responder: Some(responder.clone()), since, limit: MOST, ..ResponseQuery::default() };
            store.responses(&query).map(|found| found.len())
        };
        let mut responders = Vec::new();
        for each in &config.responders {
            responders.push(Each {
                name: each.name.clone(),
                waiting: count(&each.name, &["waiting"], None)?,
                pending: count(&each.name, &["pending", "running"], None)?,
                failed: count(&each.name, &["failed"], Some(now.minus(WEEK)))?,
                certificate: Keys::from(each).certificate().and_then(|certificate| certificate.concern(now)),
                directory: Reading::noted(store, &each.name)?,
            });
        }
        Ok(Self { enabled: config.respond.enabled, dry_run: config.respond.dry_run, stopped: Stopped::find(store)?, responders })
    }

    pub(super) fn needs_a_person(&self) -> bool {
        let ended = |each: &Each| matches!(each.certificate, Some(Concern::Over(_)));
        let waits =
            |each: &Each| each.waiting > 0 || ended(each) || each.directory.as_ref().is_some_and(|reading| reading.problem.is_some());
        self.stopped.is_some() || self.responders.iter().any(waits)
    }
}

pub(super) fn print(acting: &Acting) {
    if let Some(stopped) = &acting.stopped {
        say!("\n{}", thrown(stopped));
    }
    for each in &acting.responders {
        let state = match (acting.enabled, acting.dry_run) {
            (false, _) => "does nothing: [respond] is not enabled",
            (true, true) => "finds out and logs what it would do (dry run)",
            (true, false) => "acts",
        };
        say!("\nresponder {}: {state}", each.name);
        let more = |count: usize| if count < MOST { count.to_string() } else { format!("{MOST} or more") };
        let (waiting, pending, failed) = (more(each.waiting), more(each.pending), more(each.failed));
        say!("  responses  {waiting} wait for a person, {pending} pending, {failed} failed in 7 days; see `miro-source respond`");
        match &each.certificate {
            None => {}
            Some(Concern::Soon(text)) => say!("  warning    {}; {RENEW}", visible(text)),
            Some(Concern::Over(text)) => say!("  problem    {}; {RENEW}", visible(text)),
        }
        let Some(reading) = &each.directory else { continue };
        let read = reading.read.map_or_else(|| "not yet to its end".to_owned(), |at| format!("last on {at}"));
        say!("  directory  {} people, {} of them gone; read {read}", reading.people, reading.departed);
        if let Some((problem, since)) = &reading.problem {
            say!("  problem    since {since}: {}", visible(problem));
        }
        for (group, why) in &reading.groups {
            say!("  problem    group {}: {}", visible(group), visible(why));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authenticate::ENDS,
        store::{
            seal::Key,
            sqlite::{Access, Open, SqliteStore},
        },
    };

    #[test]
    fn a_certificate_that_ends_is_told_and_one_that_ended_needs_a_person() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("entra.pem"), include_str!("../../authenticate/key/certificate.pem")).unwrap();
        let text = "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\n\
             [[responder]]\nname = \"entra\"\ncomponent = \"builtin:entra\"\nactions = [\"sign-out\"]\n\
             config = { tenant = \"acme.example\", client_id = \"1\" }\ncertificate = { file = \"entra.pem\" }\n\
             private_key = { file = \"of-another-user.key\" }\nallow = [\"https://graph.microsoft.com\"]\n";
        std::fs::write(folder.path().join("c.toml"), text).unwrap();
        let config = crate::config::load(&folder.path().join("c.toml")).unwrap();
        let key = Key::parse(&[7; 32]).unwrap();
        let store = SqliteStore::open(Open::new(folder.path().join("s.db"), key, Access::Owner)).unwrap();
        let at = |days: u64| Acting::find(&config, &store, ENDS.minus(std::time::Duration::from_secs(days * 24 * 3600))).unwrap();
        for (days, needs_a_person) in [(15, false), (7, false), (0, true)] {
            assert_eq!(at(days).needs_a_person(), needs_a_person, "{days}");
        }
        let told = |days| at(days).responders[0].certificate.clone();
        assert!(told(15).is_none() && matches!(told(7), Some(Concern::Soon(_))) && matches!(told(0), Some(Concern::Over(_))));
    }
}

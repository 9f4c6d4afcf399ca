//! The exports: each attacks where the plan says so, and behaves well otherwise.

use crate::{
    behave, bindings, hoard, overfill,
    plan::{self, Plan},
    request,
    source::{Allowance, Guest, Identity, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure, Secrets},
};

struct Hostile;

/// The plan, where this export is the one that attacks; what it does instead of answering is done.
fn struck(config: &str, export: &str) -> Result<Option<Plan>, Failure> {
    let plan = Plan::parse(config)?;
    if !plan.strikes(export) {
        return Ok(None);
    }
    hoard::instead_of_answering(&plan);
    overfill::failure(&plan).map_or(Ok(Some(plan)), Err)
}

impl Guest for Hostile {
    /// Is handed no configuration: its plan lies in the component itself.
    fn describe() -> Description {
        match plan::built_in() {
            Some(plan) => {
                hoard::instead_of_answering(&plan);
                overfill::describe(&plan)
            }
            None => behave::description(),
        }
    }

    fn metering(config: String) -> Result<Allowance, Failure> {
        Ok(struck(&config, "metering")?.map_or_else(behave::allowance, |plan| overfill::metering(&plan)))
    }

    fn origins(config: String) -> Result<Vec<String>, Failure> {
        match struck(&config, "origins")? {
            Some(plan) => overfill::origins(&plan).ok_or_else(|| plan.unknown()),
            None => Plan::parse(&config).map(|plan| plan.origins),
        }
    }

    fn check(config: String, access_token: String) -> Result<Identity, Failure> {
        match struck(&config, "check")? {
            Some(plan) if plan.attack == "request" => {
                request::send(&plan, &access_token).map(|_| behave::identity()).map_err(Failure::Unavailable)
            }
            Some(plan) => Ok(overfill::check(&plan)),
            None => Ok(behave::identity()),
        }
    }

    fn authorize_url(config: String, _: String, _: String) -> Result<String, Failure> {
        Ok(struck(&config, "authorize-url")?.map_or_else(|| "https://a.example/".to_owned(), |plan| overfill::authorize_url(&plan)))
    }

    fn exchange(config: String, _: Secrets, _: String, _: String, _: u64) -> Result<Credentials, Failure> {
        Ok(struck(&config, "exchange")?.map_or_else(behave::credentials, |plan| overfill::credentials(&plan)))
    }

    fn refresh(config: String, _: Secrets, _: Credentials, _: u64) -> Result<Credentials, RefreshFailure> {
        let plan = struck(&config, "refresh").map_err(RefreshFailure::Unsent)?;
        Ok(plan.map_or_else(behave::credentials, |plan| overfill::credentials(&plan)))
    }

    fn revoke(config: String, _: Secrets, _: Credentials) -> Result<(), Failure> {
        struck(&config, "revoke").map(|_| ())
    }

    fn begin(config: String, _: Span, _: u64) -> Result<String, Failure> {
        Ok(struck(&config, "begin")?.and_then(|plan| overfill::checkpoint(&plan)).unwrap_or_else(|| behave::checkpoint(0)))
    }

    fn collect(config: String, access_token: String, checkpoint: String, now: u64) -> Result<Page, Failure> {
        let plan = Plan::parse(&config)?;
        let step = behave::step(&checkpoint)?;
        if !plan.strikes_at(step) {
            return Ok(behave::page(step, now));
        }
        struck(&config, "collect")?;
        if let Some(page) = overfill::page(&plan, step, now) {
            return Ok(page);
        }
        let came = match plan.attack.as_str() {
            "request" => request::send(&plan, &access_token),
            "requests" => request::send_many(&plan),
            "open" => request::open_many(&plan),
            // Other words every time.
            "chatter" => Err(format!("it is {now} and nothing works")),
            // So that a refresh follows, which attacks.
            "long-token" | "far-expiry" | "empty-token" => return Err(Failure::Expired),
            _ => return Err(plan.unknown()),
        };
        let came = came.map_err(Failure::Unavailable)?;
        let mut page = behave::page(step, now);
        for event in &mut page.events {
            event.record = serde_json::json!({ "came": came }).to_string();
        }
        Ok(page)
    }

    fn normalize(config: String, records: Vec<String>) -> Vec<Result<Event, String>> {
        match struck(&config, "normalize") {
            Ok(Some(plan)) => (0..plan.count).map(|_| Err(plan.long())).collect(),
            _ => records.into_iter().map(|record| Ok(behave::event("again".to_owned(), 0, record))).collect(),
        }
    }

    fn ocsf(config: String, records: Vec<String>) -> Vec<Result<String, String>> {
        match struck(&config, "ocsf") {
            Ok(Some(plan)) if plan.attack == "lines" => records.iter().map(|_| Ok(plan.text.clone())).collect(),
            Ok(Some(plan)) => (0..plan.count).map(|_| Err(plan.long())).collect(),
            _ => records.into_iter().map(Ok).collect(),
        }
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Hostile, bindings};

    bindings::export!(Hostile with_types_in bindings);
}

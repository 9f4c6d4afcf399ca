//! What the component exports, as plain functions: every argument a value, and the one request of a call handed to
//! `send`. The shell around it does nothing but the sending.

use crate::{
    collect::{self, Checkpoint, Plan},
    config::{Config, SCHEMA},
    http::Request,
    normalize::{self, Traits},
    oauth, ocsf,
    source::{Allowance, Identity, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure, Secret, Secrets},
};

pub use crate::http::Answer;

/// The most of an answer that is read where no configuration says so: every answer but a page is small.
const SMALL: u64 = 1 << 20;

/// About this component.
pub fn describe() -> Description {
    let secret = |name: &str, purpose: &str, required| Secret { name: name.to_owned(), purpose: purpose.to_owned(), required };
    Description {
        name: "miro".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_schema: SCHEMA.to_owned(),
        secrets: vec![
            secret(
                "access_token",
                "the token that reads the audit log: from the SIEM integration in Company settings, or of the installed app",
                true,
            ),
            secret("refresh_token", "the second token of an app with 'Expire user authorization token'", false),
            secret(
                oauth::CLIENT_SECRET,
                "the app's secret, under App Credentials in its settings; needed to refresh, authorize and revoke",
                false,
            ),
        ],
    }
}

/// How Miro meters audit requests.
pub fn metering(config: &str) -> Result<Allowance, Failure> {
    let config = Config::parse(config)?;
    Ok(Allowance { events: config.page_limit, cost: collect::COST, budget: collect::BUDGET, unit: "credits".to_owned() })
}

/// The origins it must reach.
pub fn origins(config: &str) -> Result<Vec<String>, Failure> {
    Config::parse(config).map(|config| config.origins())
}

/// Who the token belongs to.
pub fn check(config: &str, access_token: &str, send: impl FnOnce(Request, u64) -> Answer) -> Result<Identity, Failure> {
    let request = oauth::check(&Config::parse(config)?, access_token)?;
    oauth::check_answer(send(request, SMALL))
}

/// Where a person authorizes the app.
pub fn authorize_url(config: &str, redirect_uri: &str, state: &str) -> Result<String, Failure> {
    oauth::authorize_url(&Config::parse(config)?, redirect_uri, state)
}

/// The code from the redirect becomes credentials.
pub fn exchange(
    config: &str,
    secrets: &Secrets,
    code: &str,
    redirect_uri: &str,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Credentials, Failure> {
    let request = oauth::exchange(&Config::parse(config)?, secrets, code, redirect_uri)?;
    oauth::exchange_answer(secrets, code, send(request, SMALL), now)
}

/// Credentials become newer ones.
pub fn refresh(
    config: &str,
    secrets: &Secrets,
    old: &Credentials,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Credentials, RefreshFailure> {
    let config = Config::parse(config).map_err(RefreshFailure::Unsent)?;
    let request = oauth::refresh(&config, secrets, old)?;
    oauth::refresh_answer(secrets, old, send(request, SMALL), now)
}

/// Ends the credentials at Miro.
pub fn revoke(
    config: &str,
    secrets: &Secrets,
    credentials: &Credentials,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<(), Failure> {
    let request = oauth::revoke(&Config::parse(config)?, secrets, credentials)?;
    oauth::revoke_answer(secrets, credentials, send(request, SMALL))
}

/// The first checkpoint of a span.
pub fn begin(config: &str, span: Span, now: u64) -> Result<String, Failure> {
    Checkpoint::begin(&Config::parse(config)?, span, now)?.text()
}

/// The next page of a span.
pub fn collect(
    config: &str,
    access_token: &str,
    checkpoint: &str,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Page, Failure> {
    let config = Config::parse(config)?;
    let request = match collect::plan(&config, access_token, checkpoint, now)? {
        Plan::Ask(request) => request,
        Plan::Rest(page) => return Ok(page),
    };
    let traits = Traits::new(&config.traits);
    let came = send(request, config.body_cap);
    collect::answer(&config, access_token, checkpoint, now, came, |raw, end| normalize::event(&traits, raw, end))
        .map_err(|failure| without(failure, access_token))
}

/// Stored records to events again.
pub fn normalize(config: &str, records: &[String]) -> Vec<Result<Event, String>> {
    match Config::parse(config) {
        Ok(config) => normalize::records(&Traits::new(&config.traits), records),
        Err(failure) => records.iter().map(|_| Err(format!("the configuration is wrong: {failure}"))).collect(),
    }
}

/// Stored records to OCSF.
pub fn ocsf(config: &str, records: &[String]) -> Vec<Result<String, String>> {
    match Config::parse(config) {
        Ok(config) => ocsf::records(&Traits::new(&config.traits), records),
        Err(failure) => records.iter().map(|_| Err(format!("the configuration is wrong: {failure}"))).collect(),
    }
}

/// The same failure without the token, should Miro have repeated it.
fn without(failure: Failure, token: &str) -> Failure {
    let clean = |text: String| text.replace(token, "…");
    match failure {
        Failure::Unavailable(text) => Failure::Unavailable(clean(text)),
        Failure::Unauthorized(text) => Failure::Unauthorized(clean(text)),
        Failure::Forbidden(text) => Failure::Forbidden(clean(text)),
        Failure::Invalid(text) => Failure::Invalid(clean(text)),
        Failure::Protocol(text) => Failure::Protocol(clean(text)),
        Failure::Throttled(_) | Failure::Expired => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, collect, describe, metering, normalize, ocsf};
    use crate::{
        http::{Body, Request, Response},
        source::{Next, Span},
        types::Failure,
    };

    const NOW: u64 = 1_767_225_600_000;

    fn answers(status: u16, body: &str) -> impl FnOnce(Request, u64) -> Answer {
        let body = Body::Whole(body.as_bytes().to_vec());
        move |_, _| Ok(Response { status, headers: Vec::new(), body })
    }

    #[test]
    fn a_page_goes_from_the_answer_to_the_host() {
        let config = r#"{"traits": {"board_opened": ["read"]}, "body_cap": "64KiB"}"#;
        let start = super::begin(config, Span::Live(NOW), NOW).unwrap();
        let page = collect(config, "token", &start, NOW, |request, cap| {
            assert_eq!(cap, 65_536);
            answers(200, r#"{"data": [{"id": "a", "createdAt": "2026-01-01T00:00:00.000+0000", "event": "board_opened"}]}"#)(request, cap)
        })
        .unwrap();
        assert_eq!((page.events[0].id.as_str(), page.events[0].time, page.next), ("a", NOW, Next::CaughtUp));
        let record = vec![page.events[0].record.clone()];
        assert_eq!(normalize(config, &record), [Ok(page.events[0].clone())]);
        assert!(ocsf(config, &record)[0].as_ref().unwrap().contains("1.8.0"));
        assert!(normalize("?", &record)[0].as_ref().unwrap_err().contains("configuration"));
    }

    #[test]
    fn i5_a_token_that_miro_repeats_reaches_no_text() {
        let start = super::begin("{}", Span::Live(NOW), NOW).unwrap();
        let error = collect("{}", "sesame", &start, NOW, answers(500, r#"{"message": "sesame is not welcome"}"#)).unwrap_err();
        let Failure::Unavailable(text) = error else { panic!() };
        assert!(text.contains("… is not welcome"), "{text}");
        for token in ["", "two words", "line\nbreak"] {
            assert!(matches!(collect("{}", token, &start, NOW, |_, _| unreachable!()), Err(Failure::Invalid(_))));
        }
    }

    #[test]
    fn i5_a_token_at_the_edge_of_a_long_text_is_not_cut_in_half() {
        let start = super::begin("{}", Span::Live(NOW), NOW).unwrap();
        let body = format!(r#"{{"message": "{} open-sesame is not welcome"}}"#, "x".repeat(192));
        let error = collect("{}", "open-sesame", &start, NOW, answers(500, &body)).unwrap_err();
        let Failure::Unavailable(text) = error else { panic!() };
        assert!(text.ends_with("x … is no"), "{text}");
        assert!(!text.contains("open"), "{text}");
    }

    #[test]
    fn it_describes_itself_and_what_it_costs() {
        let about = describe();
        assert_eq!(about.name, "miro");
        assert!(serde_json::from_str::<serde_json::Value>(&about.config_schema).is_ok());
        let cost = metering("{}").unwrap();
        assert_eq!((cost.events, cost.budget / cost.cost, cost.unit.as_str()), (100, 1000, "credits"));
    }
}

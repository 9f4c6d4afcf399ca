//! The way to each place that anything goes to: DNS, route, certificate, answer.
//!
//! Of a URL that is a credential only the origin is looked at and shown.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use futures_util::future::join_all;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret as _;
use url::Url;

use super::report::{Level, Report};
use crate::{
    cli::Exit,
    config::{ChannelKind, Config, SecretRef, SinkKind, secret},
    egress::{
        Purpose,
        certificate::Certificate,
        endpoint,
        probe::{Look, Place, Probe, Speech},
        route::Route,
    },
    feeds::orders,
    model::{Instant, SourceName},
    notify,
    sink::sumo,
};

/// A certificate that ends sooner is warned of.
const SOON: Duration = Duration::from_secs(14 * 86_400);
/// Names of a host are shown so far; load balancers have many.
const SHOWN: usize = 4;

/// A place, for whom it is reached, and who they are.
type Places = BTreeMap<(Place, Reach), Vec<String>>;

/// Whose word it is that somebody goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// A component asks, the operator granted.
    Granted,
    /// The operator wrote it.
    Written,
}

/// Looks at every place, all at once.
pub(super) async fn check(config: &Config, picked: &(dyn Fn(&SourceName) -> bool + Sync), now: Instant, report: &mut Report) {
    let places = places(config, picked, now).await;
    let probe = match tokio::task::spawn_blocking({
        let network = config.network.clone();
        move || Probe::new(&network)
    })
    .await
    {
        Ok(Ok(probe)) => probe,
        failed => {
            places.keys().for_each(|(place, _)| report.hides(&subject(place)));
            // Why the network cannot be used says the line `network`.
            if let Err(gone) = failed {
                report.fail(Exit::Left, "network", &format!("it could not be looked at: {gone}"), None);
            }
            return;
        }
    };
    let looks = join_all(places.iter().map(|((place, reach), _)| {
        let purpose = match reach {
            Reach::Granted => Purpose::Component,
            Reach::Written => Purpose::Sink,
        };
        probe.look(place, purpose)
    }))
    .await;
    for (((place, _), users), look) in places.iter().zip(looks) {
        line(place, users, &look, now, report);
    }
}

async fn places(config: &Config, picked: &(dyn Fn(&SourceName) -> bool + Sync), now: Instant) -> Places {
    let mut places = Places::new();
    let mut note = |place: Option<Place>, reach: Reach, user: String| {
        if let Some(place) = place {
            let users = places.entry((place, reach)).or_default();
            if !users.contains(&user) {
                users.push(user);
            }
        }
    };
    for source in config.sources.iter().filter(|each| picked(&each.name)) {
        source.allow.iter().for_each(|origin| note(written(origin.as_str()), Reach::Granted, format!("source {}", source.name)));
    }
    for responder in config.responders.iter().filter(|each| each.sources.iter().any(picked)) {
        responder.allow.iter().for_each(|origin| note(written(origin.as_str()), Reach::Granted, format!("responder {}", responder.name)));
    }
    for order in orders(config).iter().filter(|order| order.fetch) {
        let first = order.addresses(now, None).first().and_then(at);
        note(first, Reach::Granted, format!("feed {}", order.publication.name));
    }
    for sink in config.sinks.iter().filter(|each| each.sources.iter().any(picked)) {
        if let SinkKind::Sumo(sumo) = &sink.kind {
            note(held(&sumo.url).await, Reach::Written, format!("sink {}", sink.name));
            if let Some(search) = &sumo.search {
                let api = match &search.api_url {
                    Some(url) => at(url),
                    None => url_of(&sumo.url).await.and_then(|url| at(&sumo::search::api(&url)?)),
                };
                note(api, Reach::Written, format!("verify of sink {}", sink.name));
            }
        }
    }
    for channel in config.channels.iter().filter(|each| each.sources.iter().any(picked)) {
        let place = match &channel.kind {
            ChannelKind::Webhook(webhook) => match &webhook.url {
                Some(url) => held(url).await,
                None => written(notify::PAGERDUTY),
            },
            ChannelKind::Smtp(smtp) => Some(Place { host: smtp.host.clone(), port: smtp.port, speech: smtp.tls.into() }),
            ChannelKind::Command(_) => None,
        };
        note(place, Reach::Written, format!("channel {}", channel.name));
    }
    if let Some(telemetry) = &config.telemetry {
        note(at(&telemetry.endpoint), Reach::Written, "traces".to_owned());
    }
    places
}

fn written(url: &str) -> Option<Place> {
    at(&url.parse().ok()?)
}

/// Where a URL leads that is kept as a secret. What is wrong with it is the business of another line.
async fn held(reference: &SecretRef) -> Option<Place> {
    at(&url_of(reference).await?)
}

async fn url_of(reference: &SecretRef) -> Option<Url> {
    let reference = reference.clone();
    let read = tokio::task::spawn_blocking(move || secret::resolve(&reference).ok()).await.ok()??;
    endpoint::endpoint(read.expose_secret()).ok()
}

fn at(url: &Url) -> Option<Place> {
    let speech = if url.scheme() == "https" { Speech::Https } else { Speech::Http };
    Some(Place { host: url.host_str()?.to_owned(), port: url.port_or_known_default()?, speech })
}

fn line(place: &Place, users: &[String], look: &Look, now: Instant, report: &mut Report) {
    let subject = subject(place);
    let left = look.certificate.as_ref().map(|certificate| certificate.ends.as_second() - i64::try_from(now.0 / 1000).unwrap_or(i64::MAX));
    let soon = left.is_some_and(|left| left < i64::try_from(SOON.as_secs()).unwrap_or(i64::MAX));
    let said = match &look.answer {
        Ok(status) => format!("answers {status}"),
        Err(why) => why.clone(),
    };
    let mut text = format!("{said} ({})", users.join(", "));
    text.push_str(&format!("\ndns    {}", dns(look)));
    text.push_str(&format!("\nroute  {}", route(&look.route)));
    if let (Some(certificate), Some(left)) = (&look.certificate, left) {
        text.push_str(&format!("\ntls    {}", tls(certificate, left)));
    }
    match look.certificate.as_ref().and_then(|certificate| u64::try_from(certificate.ends.as_millisecond()).ok()) {
        Some(ends) => report.ends(&subject, Instant(ends), RENEW),
        None if look.answer.is_err() => report.hides(&subject),
        None => {}
    }
    match &look.answer {
        Err(_) => report.fail(Exit::Left, &subject, &text, Some(advice(look))),
        Ok(_) if soon => {
            report.line(Level::Warn, &subject, &text, Some(RENEW));
        }
        Ok(_) => report.line(Level::Ok, &subject, &text, None),
    }
}

const RENEW: &str = "have it renewed: when it ends, nothing gets there any more, and what waits for it waits";

fn subject(place: &Place) -> String {
    let Place { host, port, speech } = place;
    match (speech, port) {
        (Speech::Https, 443) => format!("origin https://{host}"),
        (Speech::Https, _) => format!("origin https://{host}:{port}"),
        (Speech::Http, _) => format!("origin http://{host}:{port}"),
        _ => format!("mail {host}:{port}"),
    }
}

fn dns(look: &Look) -> String {
    match &look.addresses {
        None => "left to the proxy".to_owned(),
        Some(Err(_)) => "no address".to_owned(),
        Some(Ok(found)) => {
            let shown: Vec<String> = found.iter().take(SHOWN).map(IpAddr::to_string).collect();
            match found.len().saturating_sub(SHOWN) {
                0 => shown.join(", "),
                more => format!("{} and {more} more", shown.join(", ")),
            }
        }
    }
}

fn route(route: &Route) -> String {
    match route {
        Route::Direct => "direct".to_owned(),
        Route::Excepted => "no_proxy".to_owned(),
        Route::Through(proxy) => format!("proxy {proxy}"),
    }
}

fn tls(certificate: &Certificate, left: i64) -> String {
    let day = certificate.ends.to_zoned(TimeZone::UTC).date();
    let when = match left.div_euclid(86_400) {
        days if days < 0 => format!("ended {day}"),
        0 => format!("ends {day}, within a day"),
        1 => format!("ends {day}, in 1 day"),
        days => format!("ends {day}, in {days} days"),
    };
    let issuer = crate::neutral::brief(&certificate.issuer, 60);
    format!("{when}; issued by {issuer}")
}

fn advice(look: &Look) -> &'static str {
    match &look.answer {
        Err(why) if why.contains("UnknownIssuer") => {
            "where a gateway inspects TLS, or the issuer is your own: name its authority in `ca_file` of [network]"
        }
        Err(why) if why.contains("certificate expired") => "have it renewed, there or at the gateway that made it",
        Err(why) if why.contains("not valid for name") => "somebody else answers there: look at the URL, at DNS, and at what is on the way",
        Err(why) if why.contains("certificate") && look.certificate.is_some() => {
            "its certificate is not accepted: have it replaced there, or, where a gateway made it, name its authority in `ca_file` of [network]"
        }
        Err(why) if why.contains("[network]") => "see [network] in the configuration",
        _ => "is the way out open (proxy, firewall, DNS)? it is tried again for ever",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_told_by_its_end_and_its_issuer() {
        let certificate = Certificate { issuer: "Corp \u{1b}[2J CA".into(), ends: "2026-12-31T12:00:00Z".parse().unwrap() };
        assert_eq!(tls(&certificate, 33 * 86_400), "ends 2026-12-31, in 33 days; issued by Corp \\u{1b}[2J CA");
        assert_eq!(tls(&certificate, 86_399), "ends 2026-12-31, within a day; issued by Corp \\u{1b}[2J CA");
        assert_eq!(tls(&certificate, -1), "ended 2026-12-31; issued by Corp \\u{1b}[2J CA");
    }

    #[test]
    fn of_a_place_that_cannot_be_reached_it_is_known_that_no_certificate_was_seen() {
        let place = written("https://sumo.example/x").unwrap();
        let look = |certificate, answer| Look { route: Route::Direct, addresses: None, certificate, answer };
        let seen = |look| {
            let mut report = Report::silent();
            line(&place, &[], &look, Instant(0), &mut report);
            (report.ends.len(), report.unseen)
        };
        let certificate = || Certificate { issuer: "CA".into(), ends: "2026-12-31T12:00:00Z".parse().unwrap() };
        let subject = vec!["origin https://sumo.example".to_owned()];
        assert_eq!(seen(look(None, Err("no address".into()))), (0, subject));
        assert_eq!(seen(look(Some(certificate()), Err("the certificate is over".into()))), (1, Vec::new()));
        assert_eq!(seen(look(Some(certificate()), Ok(200))), (1, Vec::new()));
    }

    #[test]
    fn of_a_url_that_is_a_credential_only_the_origin_is_shown() {
        let place = written("https://endpoint4.collection.sumologic.com/receiver/v1/http/ZaVnC4dhaV1").unwrap();
        assert_eq!(subject(&place), "origin https://endpoint4.collection.sumologic.com");
        assert_eq!(subject(&written("http://[::1]:8080/x").unwrap()), "origin http://[::1]:8080");
        let mail = Place { host: "mail.corp".into(), port: 587, speech: Speech::SmtpStarttls };
        assert_eq!(subject(&mail), "mail mail.corp:587");
    }
}

//! What a new version says that the one before it did not.

use audit_pipeline::detector::Network;

use super::ground::{FEEDS, Ground, NOW, city, database, range};
use crate::{
    enrich::{Enricher, FeedChange, feed::Watched as _, nothing},
    model::{Instant, SourceName},
};

const HOUR: u64 = 3_600_000;
/// An address that no version says anything of but what a test adds.
const EXIT: &str = "192.0.2.7";

fn acme() -> SourceName {
    "acme".parse().unwrap()
}

/// Replaces the file of a feed.
fn replace(enricher: &Enricher, feed: &str, content: impl AsRef<[u8]>, at: Instant) {
    let watched = enricher.watched().into_iter().find(|each| each.status().feed == feed).unwrap();
    std::fs::write(&watched.status().path, content).unwrap();
    watched.renew(at).unwrap();
}

/// On which changes it rests that this address was stored as it is known now, by a rule that reads these facts.
fn rests(enricher: &Enricher, ip: &str, facts: &[&str], now: Instant) -> Vec<String> {
    let stored = enricher.network(&acme(), ip);
    told(enricher.changes(&acme(), ip, stored.as_ref(), now, |fact| facts.contains(&fact)))
}

fn told(changes: Vec<FeedChange>) -> Vec<String> {
    changes.into_iter().map(|change| format!("{} +{}h", change.feed, change.at.since(NOW).as_secs() / 3600)).collect()
}

fn later(hours: u64) -> Instant {
    Instant(NOW.0 + hours * HOUR)
}

#[test]
fn what_a_list_newly_says_rests_on_its_change_for_a_day() {
    let ground = Ground::new();
    let enricher = ground.enricher(FEEDS);
    assert_eq!(rests(&enricher, EXIT, &["tags:tor"], NOW), [""; 0]);
    replace(&enricher, "threat-list tor", format!("203.0.113.66\n{EXIT}\n"), later(1));
    assert_eq!(rests(&enricher, EXIT, &["tags:tor"], later(1)), ["threat-list tor +1h"]);
    assert_eq!(rests(&enricher, EXIT, &["tags:tor"], later(25)), ["threat-list tor +1h"], "a day to the millisecond");
    assert_eq!(rests(&enricher, EXIT, &["tags:tor"], Instant(later(25).0 + 1)), [""; 0]);
    assert_eq!(rests(&enricher, "203.0.113.66", &["tags:tor"], later(1)), [""; 0], "listed before as well");
    assert_eq!(rests(&enricher, "198.51.100.66", &["tags:tor"], later(1)), ["threat-list tor +1h"], "not listed any more");
    assert_eq!(rests(&enricher, EXIT, &["country", "asn"], later(1)), [""; 0], "of no weight to such a rule");
    let earlier = enricher.changes(&acme(), EXIT, None, later(2), |_| true);
    assert_eq!(told(earlier), [""; 0], "stored before the change");
}

#[test]
fn a_change_is_found_behind_later_ones() {
    let ground = Ground::new();
    let enricher = ground.enricher(FEEDS);
    replace(&enricher, "threat-list tor", format!("203.0.113.66\n{EXIT}\n"), later(1));
    for hour in 2..20 {
        replace(&enricher, "threat-list tor", format!("{EXIT}\n198.18.0.{hour}\n"), later(hour));
    }
    assert_eq!(rests(&enricher, EXIT, &["tags:tor"], later(20)), ["threat-list tor +1h"]);
    replace(&enricher, "threat-list tor", "203.0.113.66\n", later(20));
    replace(&enricher, "threat-list tor", format!("{EXIT}\n"), later(21));
    assert_eq!(rests(&enricher, EXIT, &["tags:tor"], later(21)), ["threat-list tor +21h"], "the latest that made it so");
}

#[test]
fn a_database_that_moves_an_address_elsewhere_changed_what_is_read_of_it() {
    let ground = Ground::new();
    let enricher = ground.enricher(FEEDS);
    let moved = database(
        "City",
        &[("203.0.113.0/25", city("FR", "Paris", 48.85, 2.35)), ("203.0.113.128/25", city("DE", "Bonn", 52.5244, 13.4105))],
    );
    replace(&enricher, "city", moved, later(3));
    assert_eq!(rests(&enricher, "203.0.113.7", &["country"], later(4)), ["city +3h"]);
    assert_eq!(rests(&enricher, "203.0.113.200", &["country", "coordinates", "asn"], later(4)), [""; 0], "only the name of its city");
    assert_eq!(rests(&enricher, "203.0.113.200", &["city"], later(4)), ["city +3h"]);
    assert_eq!(rests(&enricher, "2001:db8::1", &["country", "asn", "isp"], later(4)), [""; 0]);
}

#[test]
fn what_another_says_as_well_rests_on_no_change() {
    let ground = Ground::new();
    ground.write("other.txt", format!("{EXIT}\n"));
    let lists = format!("{FEEDS}[[threat-list]]\nname = \"other\"\npath = \"other.txt\"\ntag = \"tor\"\n");
    let own = range("addresses = [\"203.0.113.7\"]\ncountry = \"PT\"");
    let enricher = ground.enricher(&format!("{lists}{own}"));
    replace(&enricher, "threat-list tor", format!("{EXIT}\n"), later(1));
    assert_eq!(rests(&enricher, EXIT, &["tags:tor"], later(1)), [""; 0], "the other list");
    replace(&enricher, "city", database("City", &[("203.0.113.0/24", city("FR", "Paris", 48.85, 2.35))]), later(1));
    assert_eq!(rests(&enricher, "203.0.113.7", &["country"], later(1)), [""; 0], "the operator's range");
    assert_eq!(rests(&enricher, "203.0.113.8", &["country"], later(1)), ["city +1h"]);
    assert_eq!(rests(&enricher, "no address", &["country"], later(1)), [""; 0]);
}

#[test]
fn i7_of_large_versions_only_the_latest_is_kept_and_none_for_longer_than_a_day() {
    use std::{path::Path, sync::Arc};

    use crate::enrich::feed::{Content, Facts, Feed};
    struct Large(Arc<()>);
    thread_local! { static HELD: Arc<()> = Arc::new(()); }
    impl Content for Large {
        fn read(_: &Path) -> Result<Self, String> {
            Ok(Self(HELD.with(Arc::clone)))
        }
        fn facts(&self) -> Facts {
            Facts { what: String::new(), entries: u64::from(Arc::strong_count(&self.0) > 0), built: None, concern: None }
        }
        fn kept(&self) -> Option<usize> {
            Some(100 << 20)
        }
    }
    let held = || HELD.with(Arc::strong_count) - 1;
    let feed = Feed::<Large>::open("large", Path::new("/dev/null"), NOW).unwrap();
    for hour in 1..5 {
        feed.renew(later(hour)).unwrap();
    }
    assert_eq!(held(), 2, "what it holds, and the version before it");
    feed.forget(later(28));
    assert_eq!(held(), 2);
    feed.forget(later(29));
    assert_eq!(held(), 1);
}

#[test]
fn the_first_version_of_a_file_that_is_fetched_is_a_change_too() {
    let ground = Ground::new();
    let mut config = ground.config(FEEDS).enrich;
    config.fetched = vec!["threat-list tor".to_owned()];
    std::fs::remove_file(ground.path("tor.txt")).unwrap();
    let enricher = Enricher::open(&config, NOW).unwrap();
    replace(&enricher, "threat-list tor", format!("{EXIT}\n"), later(1));
    let stored = Network { tags: vec!["tor".into()], ..nothing() };
    assert_eq!(told(enricher.changes(&acme(), EXIT, Some(&stored), later(2), |_| true)), ["threat-list tor +1h"]);
}

use std::time::Duration;

use super::ground::{Ground, HOUR, NOW};
use crate::{
    egress::Origin,
    enrich::Found,
    feeds::{
        Held, Record, Standing,
        catalogue::{ALL, Gives, Publication},
        filled,
        order::mark,
        record::Doubt,
        verify::judge,
    },
    model::{Instant, ListName},
};

const DAY: Duration = Duration::from_secs(86_400);

fn held(entries: u64) -> Held {
    Held { from: None, digest: String::new(), bytes: 1, entries, built: None, installed: NOW, etag: None, modified: None }
}

fn minutes(time: Duration) -> u64 {
    time.as_secs() / 60
}

#[test]
fn everything_in_the_catalogue_can_be_asked_for_and_says_under_which_terms() {
    for publication in ALL {
        let url = url::Url::parse(&filled(publication.url, "city", "2026-03")).unwrap();
        assert_eq!(url.scheme(), "https", "{}", publication.name);
        assert!(url.origin().ascii_serialization().parse::<Origin>().is_ok());
        assert!(url::Url::parse(publication.licence.url).is_ok() && !publication.licence.terms.is_empty());
        // What CC BY asks for is agreed to by name; what asks for nothing is not asked about.
        assert_eq!(publication.licence.attribution.is_some(), publication.licence.name.starts_with("CC-BY"), "{}", publication.name);
        for part in publication.parts {
            assert!(part.entries.start() < part.entries.end() && part.bytes.start() < part.bytes.end());
            if let Gives::Tag(_) = part.gives {
                assert!(part.name.parse::<ListName>().is_ok());
            }
        }
    }
    let mut files: Vec<&str> = Publication::parts().map(|(_, part)| part.file).collect();
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), Publication::parts().count(), "no two share a file");
}

#[test]
fn a_file_with_the_month_in_its_name_is_looked_for_there_and_one_month_back() {
    let ground = Ground::new("[[feed]]\nname = \"geo\"\nlicence = \"CC-BY-4.0\"\n");
    let order = ground.order();
    let urls = |now, held: Option<&str>| order.addresses(now, held).iter().map(|url| url.path().to_owned()).collect::<Vec<_>>();
    let (march, february) = ("/free/dbip-city-lite-2026-03.mmdb.gz", "/free/dbip-city-lite-2026-02.mmdb.gz");
    assert_eq!(urls(NOW, None), [march, february]);
    assert_eq!(urls(Instant(1_767_225_600_000), None), ["/free/dbip-city-lite-2026-01.mmdb.gz", "/free/dbip-city-lite-2025-12.mmdb.gz"]);
    // Never back from what is held already.
    let all = order.addresses(NOW, None);
    assert_eq!(urls(NOW, Some(&mark(&all[0]))), [march]);
    assert_eq!(urls(NOW, Some(&mark(&all[1]))), [march, february]);
    assert_eq!(Ground::tor().order().addresses(NOW, None).len(), 1, "without a month there is one address");
}

#[test]
fn a_feed_is_due_at_once_then_each_period_and_after_failures_ever_later() {
    let mut record = Record::default();
    assert_eq!(record.due(HOUR, "a"), Instant::EPOCH);
    record.unchanged(NOW);
    let due = |record: &Record, seed| minutes(record.due(HOUR, seed).since(NOW));
    let spread: Vec<u64> = ["a", "b", "c", "d", "e"].iter().map(|seed| due(&record, seed)).collect();
    assert!(spread.iter().all(|at| (60..=66).contains(at)) && spread.iter().any(|at| *at != spread[0]), "{spread:?}");
    let mut waits = Vec::new();
    for _ in 0..12 {
        record.began(NOW);
        record.failed(NOW, "no".into(), None);
        waits.push(record.due(DAY, "a").since(NOW));
    }
    assert!(waits[0] >= Duration::from_secs(30) && waits[0] <= Duration::from_secs(60), "{waits:?}");
    assert!(waits.windows(2).all(|pair| pair[1] >= pair[0] / 2) && waits[11] >= 3 * HOUR && waits[11] <= 6 * HOUR, "{waits:?}");
    // Never further apart than when all is well, and not before the far side wants.
    assert!(record.due(HOUR, "a").since(NOW) <= HOUR);
    record.failed(NOW, "no".into(), Some(20 * HOUR));
    assert_eq!(record.due(DAY, "a"), NOW.plus(20 * HOUR));
    record.unchanged(NOW);
    assert_eq!((record.failures, &record.problem, record.not_before), (0, &None, None));
}

#[test]
fn a_feed_is_stale_after_three_periods_without_news_whatever_was_tried() {
    let mut record = Record::default();
    assert_eq!(record.standing(HOUR, NOW), Standing::Missing);
    record.installed(NOW, held(10));
    assert_eq!(record.standing(HOUR, NOW.plus(3 * HOUR)), Standing::Fresh);
    record.began(NOW.plus(3 * HOUR));
    let later = NOW.plus(3 * HOUR).plus(Duration::from_secs(1));
    assert_eq!(record.standing(HOUR, later), Standing::Stale);
    record.unchanged(later);
    assert_eq!(record.standing(HOUR, later), Standing::Fresh);
}

#[test]
fn less_than_half_is_not_believed_until_a_day_later() {
    let mut record = Record { held: Some(held(1000)), ..Record::default() };
    assert!(!record.doubts(500, NOW) && record.doubts(499, NOW));
    record.doubted(NOW, 499, "less".into());
    assert!(record.doubts(400, NOW.plus(23 * HOUR)));
    record.doubted(NOW.plus(23 * HOUR), 400, "less".into());
    assert_eq!(record.doubt, Some(Doubt { entries: 400, since: NOW }), "the day begins with the first");
    assert!(!record.doubts(400, NOW.plus(24 * HOUR)));
    record.unchanged(NOW.plus(24 * HOUR));
    assert!(record.doubts(400, NOW.plus(25 * HOUR)), "what was seen whole since begins anew");
}

#[test]
fn what_is_not_plausible_is_refused_with_the_reason() {
    let part = &Publication::of("tor").unwrap().parts[0];
    let found = Found { entries: 1000, built: None, strange: 0, wide: None };
    let record = Record { held: Some(Held { built: Some(NOW), ..held(1000) }), ..Record::default() };
    let said = |found: Found| judge(part, &found, &record);
    assert_eq!(said(found.clone()), None);
    assert_eq!(said(Found { strange: 10, ..found.clone() }), None);
    insta::assert_snapshot!(
        [
            Found { entries: 199, ..found.clone() },
            Found { entries: 50_001, ..found.clone() },
            Found { strange: 11, ..found.clone() },
            Found { wide: Some("64.0.0.0/2".parse().unwrap()), ..found.clone() },
            Found { built: Some(NOW.minus(DAY)), ..found },
        ]
        .into_iter()
        .map(|found| said(found).unwrap())
        .collect::<Vec<_>>()
        .join("\n"),
        @r"
    it has 199 entries, which is not plausible: 200 to 50000 are
    it has 50001 entries, which is not plausible: 200 to 50000 are
    11 of its lines are no addresses, beside 1000 that are
    it holds 64.0.0.0/2, a block that no list of this kind holds
    it was made on 2026-02-28T12:00:00.000Z, before the one that is held
    "
    );
}

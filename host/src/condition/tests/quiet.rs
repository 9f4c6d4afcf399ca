//! When silence means something.

use super::*;

/// A minute of the week, from Monday 00:00.
fn minute(at: Instant) -> u64 {
    // NOON is a Monday's.
    let monday = NOON.minus(HOUR * 12);
    at.0.wrapping_sub(monday.0).wrapping_add(52 * 7 * 86_400_000) / 60_000 % (7 * 24 * 60)
}

/// From eight to six on working days, every ten minutes.
fn at_work(at: Instant) -> bool {
    let (day, hour) = (minute(at) / 1440, minute(at) / 60 % 24);
    day < 5 && (8..18).contains(&hour) && minute(at).is_multiple_of(10)
}

fn minutes(from: Instant, to: Instant) -> impl Iterator<Item = Instant> {
    std::iter::successors(Some(from), |at| Some(at.plus(MINUTE))).take_while(move |at| *at < to)
}

/// Five weeks of work, then silence from `until` on: when it was noticed, and when that was over.
fn silences(until: Instant, back: Instant, to: Instant) -> Vec<(Instant, String)> {
    // Thousands of looks: without a store, which would be opened for each.
    let mut known: Vec<Known> = Vec::new();
    let mut rhythm = Rhythm::default();
    let before: Vec<Instant> = minutes(until.minus(DAY * 35), until).filter(|at| at_work(*at)).collect();
    rhythm.follow(&before, until);
    let mut news = Vec::new();
    for now in minutes(until, to).filter(|at| minute(*at) % 10 == 5) {
        let came: Vec<Instant> = minutes(now.minus(MINUTE * 10), now).filter(|at| at_work(*at) && *at >= back).collect();
        rhythm.follow(&came, now);
        let mut source = collecting(now);
        source.quiet = rhythm.last().map(|last| Quiet { last, usual: rhythm.usual(now) });
        for turn in reconcile(&known, &judge(&of(source, now)), now) {
            // What only reads differently is news to nobody.
            let word = turn.news.map(|news| if news == Activity::Close { "ends" } else { "begins" });
            news.extend(word.map(|word| (now, format!("{word} {}", turn.known.condition.key().as_str()))));
            known = vec![turn.known];
        }
    }
    news
}

#[test]
fn a_weekend_and_a_night_wake_nobody() {
    assert_eq!(silences(NOON, NOON, NOON.plus(DAY * 21)), []);
}

#[test]
fn a_source_that_falls_silent_at_work_is_noticed_within_hours_and_only_an_event_ends_it() {
    let (from, back) = (NOON, NOON.plus(HOUR * 22));
    let news = silences(from, back, NOON.plus(DAY * 3));
    let [(noticed, begins), (over, ends)] = news.as_slice() else { panic!("{news:?}") };
    assert_eq!((begins.as_str(), ends.as_str()), ("begins silent/acme", "ends silent/acme"));
    assert!(noticed.since(from) <= HOUR * 2, "{}", noticed);
    assert!(over.since(back) <= MINUTE * 10, "the night did not end it: {over}");
}

#[test]
fn a_source_that_stays_silent_after_the_weekend_is_noticed_on_monday_morning() {
    let friday = NOON.plus(DAY * 4 + HOUR * 6);
    let news = silences(friday, NOON.plus(DAY * 30), NOON.plus(DAY * 9));
    let (noticed, _) = news.first().unwrap();
    assert_eq!((news.len(), minute(*noticed) / 1440), (1, 0), "{news:?}");
    assert!((8 * 60..12 * 60).contains(&minute(*noticed)), "{news:?}");
}

#[test]
fn nothing_is_usual_before_there_are_two_weeks_to_compare_with() {
    let came: Vec<Instant> = minutes(NOON.minus(DAY * 10), NOON).filter(|at| at_work(*at)).collect();
    let mut rhythm = Rhythm::default();
    rhythm.follow(&came, NOON);
    assert_eq!(rhythm.usual(NOON), None);
}

#[test]
fn a_source_that_does_not_collect_is_not_called_silent() {
    let mut source = failing(NOON, NOON, Remedy::Wait);
    source.quiet = Some(Quiet { last: NOON.minus(DAY), usual: Some(MINUTE) });
    assert_eq!(course([of(source, NOON)]), [""; 0]);
}

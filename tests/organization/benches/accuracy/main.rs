//! How many of the attacks the built-in detector finds, and how often it is wrong, over many organizations.
//!
//! ```text
//! cargo bench -p organization --bench accuracy                     # 20 organizations, seeds 1 to 20
//! cargo bench -p organization --bench accuracy -- --seeds 1001-1020
//! cargo bench -p organization --bench accuracy -- --vary --seeds 1-3 --users 1000   # each default halved and doubled
//! cargo bench -p organization --bench accuracy -- --details --config '{"sensitivity": "high"}'
//! cargo bench -p organization --bench accuracy -- --seeds 1-4 --config '{}' --config '{"sensitivity": "low"}'    # side by side
//! ```
//!
//! - `replay`: one organization through the detector, as a host hands it over.
//! - `score`: which findings are right.
//! - `report`: all of it, for people.

mod replay;
mod report;
mod score;

use std::{process::ExitCode, sync::Mutex, time::Instant};

use guest_detect::config::{ENTRIES, Entry};
use organization::{Organization, Settings};
use score::Score;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let asked = words.iter().position(|word| word == "--seeds").and_then(|at| words.get(at + 1));
    let Some(seeds) = asked.map_or(Some(1..=20), |text| range(text)) else {
        eprintln!("--seeds is a range such as 1-20");
        return ExitCode::from(2);
    };
    let seeds: Vec<u64> = seeds.collect();
    let after = |flag: &str| words.iter().position(|word| word == flag).and_then(|at| words.get(at + 1));
    let mut settings = Settings::default();
    if let Some(users) = after("--users").and_then(|users| users.parse().ok()) {
        // As many attacks for every person, and six of each kind at least.
        settings = Settings { users, attacks_per_kind: (settings.attacks_per_kind * users / settings.users).max(6), ..settings };
    }
    // The first is told at length, all of them in a line each.
    let given = words.iter().zip(words.iter().skip(1)).filter(|(flag, _)| *flag == "--config");
    let mut configs: Vec<(String, String)> = given.map(|(_, config)| (config.clone(), config.clone())).collect();
    if configs.is_empty() {
        configs.push(("as it is".to_owned(), "{}".to_owned()));
    }
    if words.iter().any(|word| word == "--vary") {
        configs.extend(variations());
    }
    let measured = measure(&configs, &seeds, &settings);
    let Some(base) = measured.first() else { return ExitCode::SUCCESS };
    print!("{}", report::whole(base, &settings));
    if words.iter().any(|word| word == "--details") {
        print!("{}", report::details(base));
    }
    if configs.len() > 1 {
        println!("\n{}", report::heading());
        for ((what, _), scores) in configs.iter().zip(&measured) {
            println!("{}", report::line(what, scores));
        }
    }
    ExitCode::SUCCESS
}

/// Every default halved and doubled, within its bounds: what it is, and the configuration.
fn variations() -> Vec<(String, String)> {
    let each = |entry: &Entry| {
        let (key, default, rule) = (entry.key, entry.default, entry.rule);
        let within = |number: u32| number.clamp(entry.least, entry.most);
        let numbers = [("halved", within(default / 2)), ("doubled", within(default * 2))];
        let set = move |(word, number): (&str, u32)| {
            let of = rule.map_or(String::new(), |rule| format!("{}.", rule.name()));
            let set = match rule {
                Some(rule) => format!(r#"{{"rules": {{"{}": {{"{key}": {number}}}}}}}"#, rule.name()),
                None => format!(r#"{{"{key}": {number}}}"#),
            };
            (format!("{of}{key} {word}: {number}"), set)
        };
        numbers.into_iter().filter(move |(_, number)| *number != default).map(set).collect::<Vec<_>>()
    };
    ENTRIES.iter().flat_map(each).collect()
}

fn range(text: &str) -> Option<std::ops::RangeInclusive<u64>> {
    let (first, last) = text.split_once('-')?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

/// Each seed's organization, scored with each configuration; two at a time.
fn measure(configs: &[(String, String)], seeds: &[u64], settings: &Settings) -> Vec<Vec<Score>> {
    let (left, done) = (Mutex::new(seeds.iter()), Mutex::new(vec![Vec::new(); configs.len()]));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = left.lock().ok().and_then(|mut left| left.next().copied());
                    let Some(seed) = next else { return };
                    let began = Instant::now();
                    let organization = Organization::draw(seed, settings);
                    for (place, (_, config)) in configs.iter().enumerate() {
                        let score = Score::of(seed, &organization, &replay::run(config, &organization));
                        if let Ok(mut done) = done.lock()
                            && let Some(scores) = done.get_mut(place)
                        {
                            scores.push(score);
                        }
                    }
                    eprintln!("seed {seed}: {} events, {:.1} s", organization.happenings.len(), began.elapsed().as_secs_f64());
                }
            });
        }
    });
    let mut measured = done.into_inner().unwrap_or_default();
    measured.iter_mut().for_each(|scores| scores.sort_by_key(|score| score.seed));
    measured
}

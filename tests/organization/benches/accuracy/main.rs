//! How many of the attacks the built-in detector finds, and how often it is wrong, over many organizations.
//!
//! ```text
//! cargo bench -p organization --bench accuracy                     # 20 organizations, seeds 1 to 20
//! cargo bench -p organization --bench accuracy -- --seeds 1001-1020
//! cargo bench -p organization --bench accuracy -- --vary --seeds 1-3   # each default halved and doubled
//! cargo bench -p organization --bench accuracy -- --details --config '{"sensitivity": "high"}'
//! ```
//!
//! - `replay`: one organization through the detector, as a host hands it over.
//! - `score`: which findings are right.
//! - `report`: all of it, for people.

mod replay;
mod report;
mod score;

use std::{process::ExitCode, sync::Mutex, time::Instant};

use guest_detect::config::ENTRIES;
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
    let config = words.iter().position(|word| word == "--config").and_then(|at| words.get(at + 1)).map_or("{}", String::as_str);
    let base = measure(config, &seeds);
    print!("{}", report::whole(&base));
    if words.iter().any(|word| word == "--details") {
        print!("{}", report::details(&base));
    }
    if words.iter().any(|word| word == "--vary") {
        println!("\n{}", report::heading());
        println!("{}", report::line("as it is", &base));
        for entry in ENTRIES {
            for (word, number) in [("halved", entry.default / 2), ("doubled", entry.default * 2)] {
                let number = number.clamp(entry.least, entry.most);
                let set = match entry.rule {
                    Some(rule) => format!(r#"{{"rules": {{"{}": {{"{}": {number}}}}}}}"#, rule.name(), entry.key),
                    None => format!(r#"{{"{}": {number}}}"#, entry.key),
                };
                let rule = entry.rule.map_or(String::new(), |rule| format!("{}.", rule.name()));
                println!("{}", report::line(&format!("{rule}{} {word}: {number}", entry.key), &measure(&set, &seeds)));
            }
        }
    }
    ExitCode::SUCCESS
}

fn range(text: &str) -> Option<std::ops::RangeInclusive<u64>> {
    let (first, last) = text.split_once('-')?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

/// Each seed's organization, scored; two at a time.
fn measure(config: &str, seeds: &[u64]) -> Vec<Score> {
    let (left, done) = (Mutex::new(seeds.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = left.lock().ok().and_then(|mut left| left.next().copied());
                    let Some(seed) = next else { return };
                    let began = Instant::now();
                    let organization = Organization::draw(seed, &Settings::default());
                    let alerts = replay::run(config, &organization);
                    let score = Score::of(seed, &organization, &alerts);
                    eprintln!(
                        "seed {seed}: {} events, {} alerts, {:.1} s",
                        organization.happenings.len(),
                        alerts.len(),
                        began.elapsed().as_secs_f64()
                    );
                    if let Ok(mut done) = done.lock() {
                        done.push(score);
                    }
                }
            });
        }
    });
    let mut scores = done.into_inner().unwrap_or_default();
    scores.sort_by_key(|score| score.seed);
    scores
}

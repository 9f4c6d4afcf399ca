//! What can ever be known of the events of a source, and where from: for saying what a detector is never told.

use std::collections::BTreeMap;

use crate::{
    config::{Config, ListConfig, ResponderConfig},
    model::{ResponderName, SourceName},
};

/// Facts, as the contract calls them, and what each comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supply(BTreeMap<String, Vec<String>>);

impl Supply {
    /// Of the events of this source. `empty`: lists and directories that hold nothing, which give nothing.
    pub fn new(config: &Config, source: &SourceName, empty: &[String]) -> Self {
        let mut supply = Self::default();
        let is_full = |from: &String| !empty.contains(from);
        for responder in config.responders.iter().filter(|each| each.sources.contains(source) && is_full(&Self::directory(&each.name))) {
            supply.told_by(responder);
        }
        let config = &config.enrich;
        let databases = [("city", &config.city), ("country", &config.country), ("asn", &config.asn)];
        for (name, _) in databases.into_iter().filter(|(_, path)| path.is_some()) {
            let facts: &[&str] = match name {
                "city" => &["country", "city", "coordinates"],
                "country" => &["country"],
                _ => &["asn", "isp"],
            };
            facts.iter().for_each(|fact| supply.add((*fact).to_owned(), name));
        }
        for list in &config.lists {
            let feed = ListConfig::feed(list);
            if is_full(&feed) {
                supply.add(format!("tags:{}", list.tag), &feed);
            }
        }
        for range in config.ranges.iter().filter(|range| range.sources.contains(source)) {
            let from = format!("range {}", range.name);
            let mut add = |fact: String| supply.add(fact, &from);
            range.tags.iter().for_each(|tag| add(format!("tags:{tag}")));
            range.category.iter().for_each(|category| add(format!("category:{}", category.as_str())));
            range.isp.iter().for_each(|_| add("isp".to_owned()));
            if let Some(place) = &range.place {
                add("country".to_owned());
                place.city.iter().for_each(|_| add("city".to_owned()));
                place.at.iter().for_each(|_| add("coordinates".to_owned()));
            }
        }
        for group in config.standing.groups.iter().filter(|group| group.sources.contains(source)) {
            supply.add(format!("groups:{}", group.name), &format!("group {}", group.name));
        }
        for departures in config.standing.departures.iter().filter(|departures| departures.sources.contains(source)) {
            supply.add("departures".to_owned(), &departures.feed());
        }
        supply
    }

    /// What the directory of a responder is called among the feeds.
    pub fn directory(responder: &ResponderName) -> String {
        format!("directory {responder}")
    }

    /// What a directory says: who left, and who belongs to which group.
    fn told_by(&mut self, responder: &ResponderConfig) {
        let Some(directory) = &responder.directory else { return };
        let from = Self::directory(&responder.name);
        self.add("departures".to_owned(), &from);
        directory.groups.iter().for_each(|group| self.add(format!("groups:{group}"), &from));
    }

    /// Where a fact comes from, without regard to case; a fact that says nothing exact comes from whatever gives it exactly.
    pub fn of<'a>(&'a self, fact: &'a str) -> impl Iterator<Item = &'a str> {
        let gives = move |known: &str| match known.split_at_checked(fact.len()) {
            Some((begin, rest)) => begin.eq_ignore_ascii_case(fact) && (rest.is_empty() || rest.starts_with(':')),
            None => false,
        };
        self.0.iter().filter(move |(known, _)| gives(known)).flat_map(|(_, from)| from).map(String::as_str)
    }

    fn add(&mut self, fact: String, from: &str) {
        let known = self.0.entry(fact).or_default();
        if !known.iter().any(|known| known == from) {
            known.push(from.to_owned());
        }
    }
}

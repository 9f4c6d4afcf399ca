//! What an operator may set, from the JSON that the host hands over.
//!
//! ```json
//! { "sensitivity": "medium", "session_minutes": 30,
//!   "rules": { "impossible-travel": { "level": "city", "speed": 900, "exclude": { "groups": ["Pilots"] } } } }
//! ```
//!
//! [`setting`] lists all numbers; every rule takes `enabled`, `sensitivity`, `sensitivity_for`, `severity`, `include` and `exclude`.

mod gate;
pub mod setting;

use activity_policy::Policy;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

pub use gate::{Gate, Grave, Level, Members, Sensitivity};
pub use setting::{ENTRIES, Entry, Setting, Settings};

use crate::rules::Rule;

/// What is compared for travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TravelLevel {
    /// Countries that do not border each other, as Defender does.
    #[default]
    Country,
    /// Places, less what they may be off: within a country too.
    City,
}

/// The configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// All numbers.
    pub settings: Settings,
    /// What is compared for travel.
    pub travel: TravelLevel,
    /// The operator's own policies.
    pub policies: Vec<Policy>,
    /// The organization's own e-mail domains.
    pub domains: Vec<String>,
    /// What policies call the vendor, as the host says.
    pub app: Option<String>,
    /// What policies call the source, as the host says.
    pub source: Option<String>,
    gates: [Gate; Rule::ALL.len()],
}

impl Default for Config {
    fn default() -> Self {
        let gate = Gate {
            enabled: true,
            sensitivity: Sensitivity::Medium,
            levels: Vec::new(),
            severity: None,
            include: Members::default(),
            exclude: Members::default(),
        };
        Self {
            settings: Settings::default(),
            travel: TravelLevel::default(),
            policies: Vec::new(),
            domains: Vec::new(),
            app: None,
            source: None,
            gates: std::array::from_fn(|_| gate.clone()),
        }
    }
}

impl Config {
    /// Reads it. What is wrong is named with its key, what was expected and the nearest valid word.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut object = serde_json::from_str::<Map<String, Value>>(text)
            .map_err(|why| format!("the detector's configuration is not a JSON object: {why}"))?;
        let mut config = Self::default();
        let sensitivity: Sensitivity = take(&mut object, "", "sensitivity")?.unwrap_or_default();
        let mut rules: Map<String, Value> = take(&mut object, "", "rules")?.unwrap_or_default();
        config.numbers(None, "", &mut object)?;
        config.domains = take(&mut object, "", "domains")?.unwrap_or_default();
        config.app = take(&mut object, "", "app")?;
        config.source = take(&mut object, "", "source")?;
        if let Some(policies) = object.remove("policies") {
            config.policies = activity_policy::check_all(&policies).map_err(|wrong| {
                let each: Vec<String> = wrong.iter().map(|each| format!("policies{each}")).collect();
                each.join("; ")
            })?;
        }
        let globals = ENTRIES.iter().filter(|entry| entry.rule.is_none()).map(|entry| entry.key);
        known(&object, "", globals.chain(["sensitivity", "rules", "policies", "domains", "app", "source"]))?;
        if let Some(unknown) = rules.keys().find(|name| Rule::named(name).is_none()) {
            return Err(nearest("rules", unknown, Rule::ALL.into_iter().map(Rule::name)));
        }
        for (rule, gate) in Rule::ALL.into_iter().zip(0_usize..) {
            let within = format!("rules.{}", rule.name());
            let mut object: Map<String, Value> = take(&mut rules, "rules", rule.name())?.unwrap_or_default();
            config.numbers(Some(rule), &within, &mut object)?;
            if rule == Rule::ImpossibleTravel {
                config.travel = take(&mut object, &within, "level")?.unwrap_or_default();
            }
            let read = Gate {
                enabled: take(&mut object, &within, "enabled")?.unwrap_or(true),
                sensitivity: take(&mut object, &within, "sensitivity")?.unwrap_or(sensitivity),
                levels: take(&mut object, &within, "sensitivity_for")?.unwrap_or_default(),
                severity: take::<Grave>(&mut object, &within, "severity")?.map(Into::into),
                include: take(&mut object, &within, "include")?.unwrap_or_default(),
                exclude: take(&mut object, &within, "exclude")?.unwrap_or_default(),
            };
            let own = ENTRIES.iter().filter(|entry| entry.rule == Some(rule)).map(|entry| entry.key);
            let level = (rule == Rule::ImpossibleTravel).then_some("level");
            known(
                &object,
                &within,
                own.chain(level).chain(["enabled", "sensitivity", "sensitivity_for", "severity", "include", "exclude"]),
            )?;
            if let Some(gate) = config.gates.get_mut(gate) {
                *gate = read;
            }
        }
        Ok(config)
    }

    /// Whether and how a rule looks at a user.
    pub fn gate(&self, rule: Rule) -> &Gate {
        let [first, ..] = &self.gates;
        self.gates.get(rule.place()).unwrap_or(first)
    }

    fn numbers(&mut self, rule: Option<Rule>, within: &str, object: &mut Map<String, Value>) -> Result<(), String> {
        for entry in ENTRIES.iter().filter(|entry| entry.rule == rule) {
            if let Some(number) = take::<u32>(object, within, entry.key)? {
                if !(entry.least..=entry.most).contains(&number) {
                    let Entry { key, least, most, what, .. } = entry;
                    return Err(format!("`{}` is {number}; it is {what}: from {least} to {most}", path(within, key)));
                }
                self.settings.set(entry.setting, number);
            }
        }
        Ok(())
    }
}

fn path(within: &str, key: &str) -> String {
    if within.is_empty() { key.to_owned() } else { format!("{within}.{key}") }
}

fn take<T: DeserializeOwned>(object: &mut Map<String, Value>, within: &str, key: &str) -> Result<Option<T>, String> {
    match object.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value).map(Some).map_err(|why| format!("`{}`: {why}", path(within, key))),
    }
}

/// What is left over is not known.
fn known(object: &Map<String, Value>, within: &str, keys: impl Iterator<Item = &'static str>) -> Result<(), String> {
    object.keys().next().map_or(Ok(()), |unknown| Err(nearest(within, unknown, keys)))
}

fn nearest(within: &str, unknown: &str, known: impl Iterator<Item = &'static str>) -> String {
    let known: Vec<_> = known.collect();
    let near = known.iter().map(|word| (strsim::jaro_winkler(unknown, word), word)).max_by(|a, b| a.0.total_cmp(&b.0));
    let unknown = path(within, unknown);
    match near {
        Some((near, word)) if near > 0.75 => format!("there is no `{unknown}`; did you mean `{word}`?"),
        _ => format!("there is no `{unknown}`; there is {}", known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")),
    }
}

/// JSON Schema of the configuration.
pub fn schema() -> String {
    let number = |entry: &Entry| {
        let Entry { default, least, most, what, .. } = entry;
        json!({"type": "integer", "minimum": least, "maximum": most, "default": default, "description": what})
    };
    let of = |rule| ENTRIES.iter().filter(move |entry| entry.rule == rule).map(|entry| (entry.key.to_owned(), number(entry)));
    let sensitivity = json!({"enum": ["low", "medium", "high"], "default": "medium"});
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let members = json!({"type": "object", "additionalProperties": false, "properties": {"users": texts, "groups": texts}});
    let rules = Rule::ALL.into_iter().map(|rule| {
        let mut properties: Map<String, Value> = of(Some(rule)).collect();
        properties.insert("enabled".into(), json!({"type": "boolean", "default": true}));
        properties.insert("sensitivity".into(), sensitivity.clone());
        properties.insert(
            "sensitivity_for".into(),
            json!({"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["sensitivity"],
                "properties": {"users": texts, "groups": texts, "sensitivity": sensitivity}}}),
        );
        properties.insert("severity".into(), json!({"enum": ["informational", "low", "medium", "high"]}));
        properties.insert("include".into(), members.clone());
        properties.insert("exclude".into(), members.clone());
        if rule == Rule::ImpossibleTravel {
            properties.insert("level".into(), json!({"enum": ["country", "city"], "default": "country"}));
        }
        (rule.name().to_owned(), json!({"type": "object", "title": rule.title(), "additionalProperties": false, "properties": properties}))
    });
    let mut properties: Map<String, Value> = of(None).collect();
    properties.insert("sensitivity".into(), sensitivity.clone());
    properties.insert("domains".into(), texts.clone());
    for (key, what) in [("app", "what policies call the vendor"), ("source", "what policies call the source")] {
        properties.insert(key.into(), json!({"type": "string", "description": format!("{what}; the host fills it in")}));
    }
    properties.insert(
        "policies".into(),
        json!({"type": "array", "items": {"type": "object", "required": ["name", "severity", "category", "match"]}}),
    );
    properties.insert("rules".into(), json!({"type": "object", "additionalProperties": false, "properties": rules.collect::<Map<_, _>>()}));
    json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false, "properties": properties}).to_string()
}

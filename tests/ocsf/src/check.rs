//! One event against the schema.

use serde_json::{Map, Value};

use crate::{
    format,
    schema::{Attribute, Schema, Thing},
};

/// The number of what an enumeration does not know.
const OTHER: u64 = 99;

struct Check<'a> {
    schema: &'a Schema,
    /// What the event says it uses.
    profiles: Vec<&'a str>,
    faults: Vec<String>,
}

pub(crate) fn event(schema: &Schema, event: &Value) -> Vec<String> {
    let Some(members) = event.as_object() else { return vec!["it is no object".to_owned()] };
    let uid = members.get("class_uid").and_then(Value::as_u64);
    let Some(class) = schema.classes.values().find(|class| class.uid.is_some() && class.uid == uid) else {
        return vec![format!("class_uid: {} is no class of this cut of the schema", members.get("class_uid").unwrap_or(&Value::Null))];
    };
    let named = event.pointer("/metadata/profiles").and_then(Value::as_array);
    let profiles: Vec<&str> = named.into_iter().flatten().filter_map(Value::as_str).collect();
    let mut check = Check { schema, profiles, faults: Vec::new() };
    for profile in check.profiles.clone() {
        if !class.profiles.iter().any(|known| known == profile) {
            check.faults.push(format!("metadata.profiles: the class has no profile {profile}"));
        }
    }
    check.thing("", class, members);
    check.numbers(event);
    check.faults
}

impl Check<'_> {
    fn fault(&mut self, way: &str, what: &str) {
        self.faults.push(format!("{way}: {what}"));
    }

    /// What the schema says in prose only.
    fn numbers(&mut self, event: &Value) {
        let number = |name: &str| event.get(name).and_then(Value::as_u64);
        if let (Some(class), Some(activity), Some(kind)) = (number("class_uid"), number("activity_id"), number("type_uid"))
            && class.checked_mul(100).and_then(|class| class.checked_add(activity)) != Some(kind)
        {
            self.fault("type_uid", &format!("{kind} is not {class} * 100 + {activity}"));
        }
        match event.pointer("/metadata/version").and_then(Value::as_str) {
            Some(version) if version == self.schema.version => {}
            other => self.fault("metadata.version", &format!("{other:?} is not {}", self.schema.version)),
        }
    }

    fn thing(&mut self, way: &str, thing: &Thing, members: &Map<String, Value>) {
        let at = |name: &str| if way.is_empty() { name.to_owned() } else { format!("{way}.{name}") };
        for (name, attribute) in &thing.attributes {
            let there = attribute.profiles.is_empty() || attribute.profiles.iter().any(|profile| self.profiles.contains(&profile.as_str()));
            match members.get(name) {
                None if attribute.need == "required" && there => self.fault(&at(name), "it is missing"),
                None => {}
                Some(_) if !there => self.fault(&at(name), &format!("it needs one of the profiles {:?}", attribute.profiles)),
                Some(value) => self.attribute(&at(name), attribute, value, members),
            }
        }
        for name in members.keys().filter(|name| !thing.attributes.contains_key(*name)) {
            self.fault(&at(name), "there is no such attribute");
        }
        for (constraint, names) in &thing.constraints {
            let there = names.iter().filter(|name| members.contains_key(*name)).count();
            let holds = match constraint.as_str() {
                "at_least_one" => there >= 1,
                "just_one" => there == 1,
                _ => false,
            };
            if !holds {
                self.fault(if way.is_empty() { "event" } else { way }, &format!("{constraint} of {names:?} does not hold"));
            }
        }
    }

    fn attribute(&mut self, way: &str, attribute: &Attribute, value: &Value, beside: &Map<String, Value>) {
        if let Some(since) = &attribute.deprecated {
            self.fault(way, &format!("it is deprecated since {since}"));
        }
        match (attribute.array, value) {
            (false, one) => self.value(way, attribute, one),
            (true, Value::Array(all)) if all.is_empty() => self.fault(way, "an empty list says nothing"),
            (true, Value::Array(all)) => {
                for (place, each) in all.iter().enumerate() {
                    self.value(&format!("{way}[{place}]"), attribute, each);
                }
            }
            (true, _) => self.fault(way, "it is no list"),
        }
        let said = attribute.sibling.as_ref().and_then(|sibling| beside.get(sibling));
        let known = attribute.values.as_ref().and_then(|values| values.get(&key(value)));
        if let (Some(said), Some(known)) = (said, known) {
            // What a type is called is never the event's own word: it says of which class and activity it is.
            let own = value.as_u64() == Some(OTHER);
            if !own && said.as_str() != Some(known) {
                self.fault(way, &format!("{value} is called {known:?}, not {said}"));
            }
        }
    }

    fn value(&mut self, way: &str, attribute: &Attribute, value: &Value) {
        if let Some(values) = &attribute.values
            && !values.contains_key(&key(value))
        {
            self.fault(way, &format!("{value} is not one of {:?}", values.keys()));
        }
        if let Some(object) = self.schema.objects.get(&attribute.kind) {
            match value.as_object() {
                Some(members) => self.thing(way, object, members),
                None => self.fault(way, "it is no object"),
            }
            return;
        }
        match attribute.kind.as_str() {
            // Whatever has no place of its own.
            "object" if value.is_object() => {}
            "json_t" if !value.is_null() => {}
            kind => self.kind(way, kind, value),
        }
    }

    fn kind(&mut self, way: &str, name: &str, value: &Value) {
        let Some(kind) = self.schema.types.get(name) else {
            return self.fault(way, &format!("{name} is not in this cut of the schema"));
        };
        let right = match name {
            "string_t" => value.is_string(),
            "boolean_t" => value.is_boolean(),
            "integer_t" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "long_t" => value.as_i64().is_some(),
            "float_t" => value.is_number(),
            _ => match &kind.base {
                Some(base) => return self.narrowed(way, name, base, value),
                None => false,
            },
        };
        if !right {
            self.fault(way, &format!("{value} is no {name}"));
        }
    }

    fn narrowed(&mut self, way: &str, name: &str, base: &str, value: &Value) {
        self.kind(way, base, value);
        let Some(kind) = self.schema.types.get(name) else { return };
        let text = value.as_str().unwrap_or_default();
        let long = kind.max_len.is_some_and(|most| text.chars().count() > most);
        let outside = kind.range.is_some_and(|(least, most)| value.as_i64().is_none_or(|number| !(least..=most).contains(&number)));
        let shapeless = kind.regex.is_some() && !format::fits(name, text);
        let early = name == "timestamp_t" && value.as_i64().is_none_or(|at| at < 0);
        if long || outside || shapeless || early {
            self.fault(way, &format!("{value} is no {name}"));
        }
    }
}

/// A value as an enumeration names it.
fn key(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

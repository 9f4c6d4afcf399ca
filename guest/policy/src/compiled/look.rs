//! What an activity has where a filter looks: no text, one, or several.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{
    Activity,
    activity::{Entity, domain},
    filter::Filter,
    row::Role,
    tag,
};

/// Whether any text there passes the test. Where nothing is there, none does.
pub(super) fn any(filter: Filter, role: Role, of: &Activity<'_>, mut test: impl FnMut(&str) -> bool) -> bool {
    let actor = role != Role::Object;
    let object = role != Role::Actor && of.object.is_user();
    // Said by the vendor or the host: an empty text says nothing.
    let mut one = |text: Option<&str>| text.is_some_and(|text| !text.is_empty() && test(text));
    let named = |it: &Entity<'_>, one: &mut dyn FnMut(Option<&str>) -> bool| one(it.name) || one(it.id);
    match filter {
        Filter::ActivityId => one(Some(of.id)),
        Filter::ActivityType => one(Some(of.action)) || of.traits.iter().any(|name| one(Some(name))),
        Filter::ActivityAction => one(Some(of.action)),
        Filter::ActivityTrait => of.traits.iter().any(|name| one(Some(name))),
        Filter::ActivityCategory => one(of.category),
        Filter::ActivityOutcome => one(of.outcome.word()),
        Filter::Administrative => one(Some(if has(of, "administrative") { "true" } else { "false" })),
        Filter::Impersonated if has(of, "impersonated") => one(Some("true")),
        Filter::Impersonated if has(of, "unmapped") => false,
        Filter::Impersonated => one(Some("false")),
        Filter::App => one(of.app),
        Filter::Source => one(of.source),
        Filter::ObjectId => one(of.object.id),
        Filter::ObjectName => one(of.object.name),
        Filter::ObjectItem => named(&of.object, &mut one),
        Filter::ObjectKind => one(of.object.kind),
        Filter::UserId => (actor && one(of.actor.id)) || (object && one(of.object.id)),
        Filter::UserName => {
            (actor && (one(of.actor.name) || one(of.actor.email) || one(of.actor.id))) || (object && named(&of.object, &mut one))
        }
        Filter::UserEmail => (actor && one(of.actor.email)) || (object && one(of.object.email())),
        Filter::UserDomain => (actor && one(of.actor.email.and_then(domain))) || (object && one(of.object.email().and_then(domain))),
        // The directory is asked about the actor alone.
        Filter::UserGroup => actor && of.groups.iter().any(|name| one(Some(name))),
        Filter::UserKind => one(of.actor.kind.word()),
        Filter::Organization => named(&of.organization, &mut one),
        Filter::Team => named(&of.team, &mut one),
        Filter::IpAddress => one(of.ip),
        Filter::IpCategory => one(category(of)),
        Filter::IpTag => of.ip_tags.iter().any(|name| one(Some(name))),
        Filter::IpIsp => one(of.isp),
        Filter::LocationCountry => one(of.country),
        Filter::LocationCity => one(of.city),
        Filter::Session => one(of.session),
        Filter::Lane => one(Some(of.lane.word())),
        Filter::Text => {
            one(Some(of.action))
                || one(of.category)
                || one(of.actor.name)
                || one(of.actor.email)
                || named(&of.object, &mut one)
                || named(&of.team, &mut one)
                || one(of.city)
                || one(of.isp)
        }
        Filter::UserAgent => one(of.user_agent),
        // A number; see `Condition`.
        Filter::IpAsn => false,
        Filter::DeviceType => fact(of, "device.type", &mut one),
        Filter::DeviceTag => fact(of, "device.tags", &mut one),
        Filter::UserAgentTag | Filter::AppliedAction | Filter::AlertId | Filter::MatchedPolicy => false,
    }
}

/// The operator's own word; without one, an address of which a feed says something bad is risky.
fn category<'a>(of: &Activity<'a>) -> Option<&'a str> {
    let own = of.ip_category.filter(|category| !category.is_empty());
    own.or_else(|| tag::are_risky(of.ip_tags).then_some("risky"))
}

/// The value of a fact: a text, or some.
#[derive(Deserialize)]
#[serde(untagged)]
enum Fact<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Some(#[serde(borrow)] Vec<Cow<'a, str>>),
}

/// Whether any text of that fact passes. A value that is neither a text nor a list of them says nothing.
fn fact(of: &Activity<'_>, name: &str, one: &mut dyn FnMut(Option<&str>) -> bool) -> bool {
    let Some((_, json)) = of.extra.iter().find(|(known, _)| known == name) else { return false };
    match serde_json::from_str(json) {
        Ok(Fact::One(text)) => one(Some(&text)),
        Ok(Fact::Some(texts)) => texts.iter().any(|text| one(Some(text))),
        Err(_) => false,
    }
}

fn has(of: &Activity<'_>, name: &str) -> bool {
    of.traits.iter().any(|it| it == name)
}

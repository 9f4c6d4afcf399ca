//! From an event of the contract to what a policy sees of it, written once.
//!
//! Every crate that speaks the contract has bindings of its own, whose types are alike and not the same. What is alike is in this
//! macro; what each keeps in its own way (the place in the log, the lane, the groups) whoever calls fills in.

/// What a policy sees of `$event`, which is of the bindings `$types`, from a `$network` if that is known. Nothing is copied.
#[macro_export]
macro_rules! activity_of {
    ($types:ident, $event:expr, $network:expr) => {{
        fn entity(entity: Option<&$types::Entity>) -> $crate::activity::Entity<'_> {
            entity.map_or_else($crate::activity::Entity::default, |entity| $crate::activity::Entity {
                kind: entity.kind.as_deref(),
                id: entity.id.as_deref(),
                name: entity.name.as_deref(),
            })
        }
        let (event, network): (&$types::Event, Option<_>) = ($event, $network);
        $crate::Activity {
            id: &event.id,
            time: event.time,
            action: &event.action,
            category: event.category.as_deref(),
            traits: &event.traits,
            outcome: match event.outcome {
                $types::Outcome::Success => $crate::activity::Outcome::Success,
                $types::Outcome::Failure => $crate::activity::Outcome::Failure,
                $types::Outcome::Unknown => $crate::activity::Outcome::Unknown,
            },
            actor: $crate::activity::Actor {
                kind: match event.actor.kind {
                    $types::ActorKind::User => $crate::activity::ActorKind::User,
                    $types::ActorKind::Application => $crate::activity::ActorKind::Application,
                    $types::ActorKind::Provisioner => $crate::activity::ActorKind::Provisioner,
                    $types::ActorKind::Automation => $crate::activity::ActorKind::Automation,
                    $types::ActorKind::Unknown => $crate::activity::ActorKind::Unknown,
                },
                id: event.actor.id.as_deref(),
                name: event.actor.name.as_deref(),
                email: event.actor.email.as_deref(),
            },
            object: entity(event.object.as_ref()),
            team: entity(event.team.as_ref()),
            organization: entity(event.organization.as_ref()),
            ip: event.ip.as_deref(),
            ip_category: network.and_then(|network| network.category.as_deref()),
            ip_tags: network.map_or(&[], |network| &network.tags),
            asn: network.and_then(|network| network.asn),
            isp: network.and_then(|network| network.isp.as_deref()),
            country: network.and_then(|network| network.country.as_deref()),
            city: network.and_then(|network| network.city.as_deref()),
            user_agent: event.user_agent.as_deref(),
            session: event.session.as_deref(),
            extra: &event.extra,
            ..$crate::Activity::default()
        }
    }};
}

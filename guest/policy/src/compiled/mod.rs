//! Policies made ready to match: texts folded, addresses parsed, and one bit for each action or trait that a policy needs, so
//! that a policy that cannot match costs one comparison. Matching allocates nothing.

mod condition;
mod look;
mod needs;
mod scope;

pub(crate) use self::needs::named;
use self::{
    condition::Condition,
    needs::{Keys, Needs},
    scope::Scope,
};
use crate::{Activity, address, filter::Filter, hash::Hash, membership, policy::Policy, reason, text};

/// What is the same for every rule, worked out once for each activity.
pub(crate) struct View<'a, 'c> {
    pub(crate) activity: &'c Activity<'a>,
    /// The client's address, where a rule asks for one and it can be read.
    pub(crate) address: Option<u128>,
    /// The organization's own domains, folded.
    pub(crate) home: &'c [String],
}

impl View<'_, '_> {
    /// Whether the actor is a guest.
    fn is_external(&self) -> bool {
        membership::is_external(self.activity.groups, self.activity.actor.email, self.home)
    }
}

/// Policies ready to match.
#[derive(Debug)]
pub struct Compiled<'p> {
    rules: Box<[Rule<'p>]>,
    keys: Keys,
    home: Box<[String]>,
    addresses: bool,
}

/// One policy ready to match.
#[derive(Debug)]
pub struct Rule<'p> {
    policy: &'p Policy,
    needs: Needs,
    conditions: Box<[Condition]>,
    scope: Scope,
    fingerprint: u64,
}

impl<'p> Compiled<'p> {
    /// Makes the enabled ones of some policies ready. `home`: the organization's own e-mail domains; who has an address in none of
    /// them, or in none of their subdomains, is one of the `External users`. With no domain only the directory says who is.
    #[must_use]
    pub fn new(policies: &'p [Policy], home: &[String]) -> Self {
        let enabled = || policies.iter().filter(|policy| policy.enabled);
        let keys = Keys::of(enabled());
        let rules: Box<[Rule<'p>]> = enabled()
            .map(|policy| Rule {
                policy,
                needs: keys.needs(policy),
                conditions: policy.rows.iter().map(Condition::new).collect(),
                scope: Scope::new(&policy.scope),
                fingerprint: fingerprint(policy),
            })
            .collect();
        let addresses = enabled().flat_map(|policy| &policy.rows).any(|row| row.filter == Filter::IpAddress);
        Self { rules, keys, home: home.iter().map(|domain| text::fold(domain)).collect(), addresses }
    }

    /// Every rule, in the order of the policies.
    #[must_use]
    pub fn rules(&self) -> &[Rule<'p>] {
        &self.rules
    }

    /// The rules whose rows and scope the activity fulfils, in the order of the policies. Whether one that has `repeated` has found
    /// something is for [`crate::Tally`] to say.
    pub fn matching<'c, 'v, 'a>(&'c self, activity: &'v Activity<'a>) -> impl Iterator<Item = &'c Rule<'p>> + use<'p, 'c, 'v, 'a>
    where
        'c: 'v,
    {
        let has = self.keys.has(activity);
        let view = self.view(activity);
        self.rules.iter().filter(move |rule| rule.needs.met(has) && rule.is_met(&view))
    }

    /// Why an activity that the rule is matching does so: what it has where each row looks, a sentence for each.
    #[must_use]
    pub fn reasons(&self, rule: &Rule<'_>, activity: &Activity<'_>) -> Vec<String> {
        let view = self.view(activity);
        rule.policy.rows.iter().zip(&rule.conditions).map(|(row, condition)| reason::row(row, &condition.seen(&view))).collect()
    }

    fn view<'c, 'a>(&'c self, activity: &'c Activity<'a>) -> View<'a, 'c> {
        let address = if self.addresses { activity.ip.and_then(address::bits) } else { None };
        View { activity, address, home: &self.home }
    }
}

impl<'p> Rule<'p> {
    /// What it was made from.
    #[must_use]
    pub const fn policy(&self) -> &'p Policy {
        self.policy
    }

    /// The same for as long as the policy counts the same things: of its name, its rows, its repetition and its scope.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    fn is_met(&self, view: &View<'_, '_>) -> bool {
        self.conditions.iter().all(|condition| condition.is_met(view)) && self.scope.holds(view)
    }
}

fn fingerprint(policy: &Policy) -> u64 {
    let mut hash = Hash::new().text(&policy.name);
    for row in &policy.rows {
        hash = hash.text(row.filter.word()).text(row.role.word()).text(row.operator.word());
        hash = row.values.iter().fold(hash, |hash, value| hash.text(value)).text("");
    }
    if let Some(it) = policy.repeated {
        hash = hash.bytes(&it.count.to_le_bytes()).bytes(&it.minutes.to_le_bytes());
        hash = hash.bytes(&[u8::from(it.single_app), u8::from(it.unique_objects)]);
    }
    let scope = &policy.scope;
    for names in [&scope.include.users, &scope.include.groups, &scope.exclude.users, &scope.exclude.groups] {
        hash = names.iter().fold(hash, |hash, name| hash.text(name)).text("");
    }
    hash.value()
}

#[cfg(test)]
mod tests;

//! What a policy reads: the activities it can be about, and what somebody must know besides for it ever to match.

use std::iter;

use crate::{
    compiled::named,
    filter::Filter,
    membership::names_external,
    policy::{Circle, Policy, Scope},
    row::{Operator, Row},
    tag,
};

/// What a policy reads. Facts are called as `wit/detector.wit` calls them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// An activity must have one of each of these lists, as its action or as a trait.
    pub events: Vec<Vec<String>>,
    /// Of each of these lists one fact must be known: else it never matches.
    pub needs: Vec<Vec<String>>,
    /// Further facts that it asks for.
    pub uses: Vec<String>,
}

impl Policy {
    /// What it reads.
    #[must_use]
    pub fn reads(&self) -> Reads {
        let mut reads = Reads { events: self.rows.iter().filter_map(named).collect(), ..Reads::default() };
        for row in &self.rows {
            reads.row(row);
        }
        let groups = |circle: &Circle| circle.groups.iter().map(|group| said("groups", group)).collect::<Vec<_>>();
        let Scope { include, exclude } = &self.scope;
        // Who is included by name, or as a guest, is so without any group.
        if include.groups.is_empty() || !include.users.is_empty() || names_external(&include.groups) {
            reads.uses.extend(groups(include));
        } else {
            reads.needs.push(groups(include));
        }
        reads.uses.extend(groups(exclude));
        reads.uses.sort_unstable();
        reads.uses.dedup();
        reads
    }
}

impl Reads {
    fn row(&mut self, row: &Row) {
        let Some(fact) = fact(row.filter) else { return };
        let exact = matches!(fact, "category" | "tags" | "groups");
        // The category that an address has from tags, where the row is about that one.
        let risky = row.filter == Filter::IpCategory && (row.operator == Operator::Is || row.values.iter().any(|value| value == "risky"));
        let tags = || tag::risky().filter(|_| risky).map(|name| said("tags", name));
        let facts = || iter::once(fact.to_owned()).chain(tags());
        match row.operator {
            // Who is a guest is known without any group.
            Operator::Equals if row.filter == Filter::UserGroup && names_external(&row.values) => self.uses.push(fact.to_owned()),
            Operator::Equals if exact => self.needs.push(row.values.iter().map(|value| said(fact, value)).chain(tags()).collect()),
            Operator::Is if row.values.iter().any(|value| value == "not-set") => self.uses.extend(facts()),
            Operator::Equals | Operator::StartsWith | Operator::EndsWith | Operator::Contains | Operator::Is => {
                self.needs.push(facts().collect());
            }
            // Passes where nothing is known.
            Operator::DoesNotEqual | Operator::DoesNotContain | Operator::DoesNotStartWith => self.uses.extend(facts()),
        }
    }
}

fn said(fact: &str, value: &str) -> String {
    format!("{fact}:{value}")
}

/// What a host must know for a filter to see anything. Whatever else it sees stands in the event.
fn fact(filter: Filter) -> Option<&'static str> {
    match filter {
        Filter::UserGroup => Some("groups"),
        Filter::IpCategory => Some("category"),
        Filter::IpTag => Some("tags"),
        Filter::IpAsn => Some("asn"),
        Filter::IpIsp => Some("isp"),
        Filter::LocationCountry => Some("country"),
        Filter::LocationCity => Some("city"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check;

    fn reads(rows: &Value, scope: &Value) -> Reads {
        check(&json!({"name": "a", "severity": "low", "category": "dlp", "match": rows, "scope": scope})).unwrap().reads()
    }

    fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
        texts.map(str::to_owned).to_vec()
    }

    #[test]
    fn what_a_row_asks_for_must_be_known_unless_it_passes_without() {
        let rows = json!([
            {"filter": "activity.type", "equals": ["Exported", "board_shared"]},
            {"filter": "administrative", "equals": true},
            {"filter": "ip.tag", "equals": ["tor", "botnet"]},
            {"filter": "location.country", "equals": "KP"},
            {"filter": "user.group", "starts_with": "Admin"},
            {"filter": "ip.asn", "does_not_equal": 64500},
            {"filter": "ip.isp", "is": "not-set"},
            {"filter": "ip.category", "equals": "vpn"},
            {"filter": "user.email", "equals": "ann@home.example"},
        ]);
        let reads = reads(&rows, &json!({}));
        assert_eq!(reads.events, [texts(["exported", "board_shared"]), texts(["administrative"])]);
        let needs = [texts(["tags:tor", "tags:botnet"]), texts(["country"]), texts(["groups"]), texts(["category:vpn"])];
        assert_eq!((reads.needs.as_slice(), reads.uses), (needs.as_slice(), texts(["asn", "isp"])));
    }

    #[test]
    fn an_address_is_risky_by_the_operators_word_or_by_a_tag() {
        let needs = |row| reads(&json!([row]), &json!({})).needs.concat();
        let risky = needs(json!({"filter": "ip.category", "equals": ["vpn", "risky"]}));
        assert_eq!(risky[..4], texts(["category:vpn", "category:risky", "tags:tor", "tags:anonymous-proxy"]));
        assert!(risky.contains(&"tags:botnet".to_owned()));
        let set = needs(json!({"filter": "ip.category", "is": "set"}));
        assert_eq!((&set[..2], set.len()), (texts(["category", "tags:tor"]).as_slice(), 8));
    }

    #[test]
    fn a_scope_of_groups_alone_needs_them_and_one_of_users_or_guests_does_not() {
        let rows = json!([{"filter": "activity.type", "equals": "exported"}]);
        let staff = |scope| reads(&rows, &scope);
        let alone = staff(json!({"include": {"groups": ["Staff", "Board"]}, "exclude": {"groups": ["Robots"]}}));
        assert_eq!((alone.needs, alone.uses), (vec![texts(["groups:Staff", "groups:Board"])], texts(["groups:Robots"])));
        for include in [json!({"groups": ["Staff"], "users": ["ann@home.example"]}), json!({"groups": ["Staff", "external users"]})] {
            let open = staff(json!({"include": include}));
            assert!(open.needs.is_empty() && open.uses.contains(&"groups:Staff".to_owned()), "{open:?}");
        }
    }
}

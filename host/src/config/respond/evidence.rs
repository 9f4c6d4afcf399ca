//! What findings are made of: whether they are enough to keep somebody from working.
//!
//! Whoever knows an address can fail to sign in with it, and from an address of ill repute: what does not tell more than that lets
//! strangers lock out whom they like.

use activity_policy::{
    Filter, Policy,
    row::{Operator, Row},
};

/// What a finding tells at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Something that only somebody did who had the account.
    Activity,
    /// Sign-ins that may all have failed.
    Failures,
    /// Where somebody came from, and nothing more.
    Address,
}

/// Of a rule that is built in.
///
/// `impossible-travel` and `infrequent-country` hold a place against what is usual for the user, of activities that succeeded.
pub(super) fn of_rule(rule: &str) -> Evidence {
    match rule {
        "failed-logins" => Evidence::Failures,
        "anonymous-ip" | "suspicious-ip" => Evidence::Address,
        _ => Evidence::Activity,
    }
}

/// Of a policy of the operator's own. One that looks at who or where alone matches sign-ins that failed too.
pub(super) fn of_policy(policy: &Policy) -> Evidence {
    let said: Vec<Said> = policy.rows.iter().map(said).collect();
    let any = |wanted: Said| said.contains(&wanted);
    let signed_in = any(Said::SignedIn) || any(Said::SignIn) && any(Said::Succeeded);
    if any(Said::Deed) {
        Evidence::Activity
    } else if any(Said::Address) && !any(Said::Who) && !any(Said::SignIn) && !signed_in {
        Evidence::Address
    } else if signed_in || any(Said::Succeeded) && !any(Said::Failed) {
        Evidence::Activity
    } else {
        Evidence::Failures
    }
}

/// What a row says of an activity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// That something else was done than to sign in.
    Deed,
    /// That somebody tried to sign in.
    SignIn,
    /// That somebody signed in.
    SignedIn,
    /// That it did not fail.
    Succeeded,
    /// That it failed.
    Failed,
    /// Where it came from.
    Address,
    /// Who did it.
    Who,
    /// Nothing of this.
    Nothing,
}

fn said(row: &Row) -> Said {
    let values: Vec<String> = row.values.iter().map(|value| value.to_lowercase()).collect();
    let has = |word: &str| values.iter().any(|value| value == word);
    let negative = matches!(row.operator, Operator::DoesNotEqual | Operator::DoesNotContain | Operator::DoesNotStartWith);
    match row.filter {
        Filter::ActivityOutcome => match (has("failure"), has("success"), negative) {
            (true, false, false) | (false, true, true) => Said::Failed,
            (false, true, false) | (true, false, true) => Said::Succeeded,
            _ => Said::Nothing,
        },
        Filter::ActivityType | Filter::ActivityAction | Filter::ActivityTrait | Filter::ActivityCategory | Filter::Text => {
            let sign_in = values.iter().any(|value| is_sign_in(value));
            match (sign_in, row.operator) {
                (_, Operator::Is) => Said::Nothing,
                (true, _) if negative => Said::Succeeded,
                (false, _) if negative => Said::Nothing,
                (true, _) if values.iter().all(|value| is_sign_in(value) && value.contains("succe")) => Said::SignedIn,
                (true, _) => Said::SignIn,
                (false, _) => Said::Deed,
            }
        }
        Filter::Administrative | Filter::Impersonated if has("true") => Said::Deed,
        Filter::ObjectId | Filter::ObjectName | Filter::ObjectItem | Filter::ObjectKind if !negative => Said::Deed,
        Filter::IpAddress
        | Filter::IpCategory
        | Filter::IpTag
        | Filter::IpAsn
        | Filter::IpIsp
        | Filter::LocationCountry
        | Filter::LocationCity => Said::Address,
        Filter::UserId | Filter::UserName | Filter::UserEmail | Filter::UserDomain | Filter::UserGroup => Said::Who,
        _ => Said::Nothing,
    }
}

/// Whether a word of an action, a trait, a category or a text is about signing in.
fn is_sign_in(word: &str) -> bool {
    let letters: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
    ["signin", "login", "logon", "authentication"].iter().any(|each| letters.contains(each))
}

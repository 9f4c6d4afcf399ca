//! Who a token belongs to, as a command shows it.

use audit_pipeline::{source, types::Entity};

use crate::neutral::visible;

/// Lines for people.
pub(in crate::cli) struct Identity {
    /// Organization, user and scopes.
    pub(in crate::cli) summary: String,
    /// What the token lacks and what to do about it.
    pub(in crate::cli) missing: Option<String>,
}

/// An identity in words.
pub(in crate::cli) fn identity(found: &source::Identity) -> Identity {
    let name = |entity: &Option<Entity>| {
        let entity = entity.as_ref()?;
        entity.name.as_deref().or(entity.id.as_deref()).map(|text| visible(text).to_string())
    };
    let organization = name(&found.organization).unwrap_or_else(|| "(not named)".into());
    let user = name(&found.user).map(|user| format!(", authorized by {user}")).unwrap_or_default();
    let scopes = if found.scopes.is_empty() { "(not named)".into() } else { visible(&found.scopes.join(" ")).to_string() };
    let missing = (!found.missing.is_empty()).then(|| {
        let lacks = found.missing.join(" ");
        let lacks = visible(&lacks);
        format!(
            "the token lacks the scope {lacks}: add it under Permissions in the app's settings, install the app again, and authorize again"
        )
    });
    Identity { summary: format!("organization {organization}{user}; scopes {scopes}"), missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_and_what_was_written_by_users_is_shown_harmlessly() {
        let organization = Entity { kind: None, id: Some("1".into()), name: Some("Evil\u{1b}[2J Corp".into()) };
        let found = source::Identity {
            organization: Some(organization),
            user: None,
            scopes: vec!["boards:read".into()],
            missing: vec!["auditlogs:read".into()],
        };
        let shown = identity(&found);
        assert!(!shown.summary.contains('\u{1b}'), "{}", shown.summary);
        assert!(shown.summary.contains("boards:read"), "{}", shown.summary);
        assert!(shown.missing.unwrap().contains("auditlogs:read"));
    }
}

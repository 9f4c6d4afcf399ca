//! What tags say of an address, whoever gives them: a feed, or a range of the operator's.

/// What hides where somebody is.
pub const ANONYMOUS: &[&str] = &["tor", "anonymous-proxy"];
/// What attacks come from.
pub const SUSPICIOUS: &[&str] = &["botnet", "malware-c2", "brute-force", "password-spray", "darknet-scanner"];

/// The tags of addresses that are in the category `risky` where the operator gives them none.
pub fn risky() -> impl Iterator<Item = &'static str> {
    ANONYMOUS.iter().chain(SUSPICIOUS).copied()
}

/// Whether one of these tags makes an address risky.
pub(crate) fn are_risky(tags: &[String]) -> bool {
    tags.iter().any(|tag| risky().any(|risky| risky == tag))
}

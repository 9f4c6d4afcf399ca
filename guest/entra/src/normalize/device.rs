//! What a device is, as far as Entra says: <https://learn.microsoft.com/graph/api/resources/devicedetail>. The operating system
//! comes from the user agent, which anybody may write; the rest is what Entra knows of a registered device.

use guest_source::json;
use serde_json::value::RawValue;

/// How names of operating systems begin, in lower case, and what runs them. The first that fits.
const KINDS: &[(&str, &str)] = &[
    ("windows phone", "mobile"),
    ("windows", "pc"),
    ("mac", "pc"),
    ("linux", "pc"),
    ("ubuntu", "pc"),
    ("chrome", "pc"),
    ("ipad", "tablet"),
    ("ios", "mobile"),
    ("iphone", "mobile"),
    ("android", "mobile"),
];

/// How a device is joined, as `trustType` says it.
const JOINED: &[(&str, &str)] =
    &[("hybrid azure ad joined", "hybrid-joined"), ("azure ad joined", "azure-ad-joined"), ("azure ad registered", "registered")];

/// `pc`, `mobile` or `tablet`, where the operating system tells.
pub(super) fn kind(os: &str) -> Option<&'static str> {
    let os = os.trim().to_lowercase();
    KINDS.iter().find(|(name, _)| os.starts_with(name)).map(|(_, kind)| *kind)
}

/// `compliant`, `managed`, and how it is joined.
pub(super) fn tags(device: Option<&RawValue>) -> Vec<&'static str> {
    let [compliant, managed, trust] = super::inside(device, &["isCompliant", "isManaged", "trustType"]);
    let says = |value: Option<&RawValue>| value.is_some_and(|value| value.get() == "true");
    let trust = json::text(trust).map(|text| text.trim().to_lowercase()).unwrap_or_default();
    let joined = JOINED.iter().find(|(name, _)| *name == trust).map(|(_, tag)| *tag);
    [says(compliant).then_some("compliant"), says(managed).then_some("managed"), joined].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::{kind, tags};

    #[test]
    fn the_operating_system_tells_the_kind_of_device() {
        for (os, expected) in [
            ("Windows 10", Some("pc")),
            ("Windows10", Some("pc")),
            ("MacOs", Some("pc")),
            ("Linux", Some("pc")),
            ("ChromeOS", Some("pc")),
            ("Ios 17.1", Some("mobile")),
            ("Android 13", Some("mobile")),
            ("Windows Phone 8.1", Some("mobile")),
            ("iPadOS", Some("tablet")),
            ("Rich Client 4.53", None),
            ("", None),
        ] {
            assert_eq!(kind(os), expected, "{os}");
        }
    }

    #[test]
    fn only_what_entra_says_of_a_device_is_a_tag() {
        let read = |text: &str| tags(Some(serde_json::from_str(text).unwrap()));
        assert_eq!(
            read(r#"{"isCompliant": true, "isManaged": true, "trustType": "Hybrid Azure AD joined"}"#),
            ["compliant", "managed", "hybrid-joined"]
        );
        assert_eq!(read(r#"{"isCompliant": false, "isManaged": null, "trustType": "Azure AD registered"}"#), ["registered"]);
        assert_eq!(read(r#"{"isCompliant": "true", "trustType": "Azure AD joined"}"#), ["azure-ad-joined"]);
        assert!(read(r#"{"trustType": ""}"#).is_empty() && read("5").is_empty() && tags(None).is_empty());
    }
}

//! One sign-in at Entra: what [`World::sign_in`](crate::World::sign_in) is told, and Graph shows.

use serde::{Deserialize, Serialize};

/// The Application ID of Miro's enterprise application in the tenant.
pub const MIRO_APP: &str = "3f2e7a10-9c5b-4d61-8a7e-0b6f54c2d913";
/// The identifier that Graph shows for whoever is not in the tenant.
pub(crate) const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// A sign-in. Who takes none of it for granted says only when and who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignIn {
    /// When it was tried, in milliseconds.
    pub at: u64,
    /// How much later Graph shows it, in milliseconds; without it, as the settings say.
    pub late_ms: Option<u64>,
    /// Object id, UPN or mail of somebody in the directory; anything else is what a stranger typed.
    pub who: String,
    /// The Application ID of what was signed in to.
    pub app_id: String,
    /// Its name.
    pub app_name: String,
    /// From where.
    pub ip: String,
    /// 0, or why not: <https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes>.
    pub error_code: u32,
    /// Whether somebody was asked for something.
    pub interactive: bool,
    /// `Browser`, `Mobile Apps and Desktop clients`, …
    pub client: String,
    /// With what.
    pub device: Device,
}

/// A device, see <https://learn.microsoft.com/en-us/graph/api/resources/devicedetail>.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Device {
    /// Its identifier; empty where it is not registered.
    pub device_id: String,
    /// Its name.
    pub display_name: Option<String>,
    /// Name and version, as the user agent has them.
    pub operating_system: Option<String>,
    /// The same of the browser.
    pub browser: Option<String>,
    /// Whether it meets the customer's rules.
    pub is_compliant: Option<bool>,
    /// Whether the customer manages it.
    pub is_managed: Option<bool>,
    /// How it is joined: `Azure AD joined`, `Hybrid Azure AD joined`, `Azure AD registered`.
    pub trust_type: Option<String>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            at: 0,
            late_ms: None,
            who: String::new(),
            app_id: MIRO_APP.to_owned(),
            app_name: "Miro".to_owned(),
            ip: "203.0.113.10".to_owned(),
            error_code: 0,
            interactive: true,
            client: "Browser".to_owned(),
            device: Device {
                operating_system: Some("Windows 10".to_owned()),
                browser: Some("Edge 125.0.0".to_owned()),
                ..Device::default()
            },
        }
    }
}

impl SignIn {
    /// Somebody got in at `at`.
    pub fn new(at: u64, who: &str) -> Self {
        Self { at, who: who.to_owned(), ..Self::default() }
    }

    /// The same, but it ended with that code.
    pub fn ended(self, error_code: u32) -> Self {
        Self { error_code, ..self }
    }

    /// From that address.
    pub fn from(self, ip: &str) -> Self {
        Self { ip: ip.to_owned(), ..self }
    }

    /// With that device.
    pub fn on(self, device: Device) -> Self {
        Self { device, ..self }
    }
}

/// One that is in the log.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) id: String,
    /// Hundreds of nanoseconds since 1970: Graph counts no coarser, and no bound in milliseconds hits one by accident.
    pub(crate) ticks: u64,
    pub(crate) visible_from: u64,
    pub(crate) sign_in: SignIn,
}

/// Hundreds of nanoseconds in a millisecond.
pub(crate) const TICKS: u64 = 10_000;

//! What a user has before the day begins: a folder with a configuration, the secrets, and what is known of addresses.

use std::path::{Path, PathBuf};

use miro_source::model::Instant;
use simulator::{Server, World};

use super::{
    response::{self, Mode},
    takeover,
};

/// Writes the configuration that a user would write, and the secrets beside it.
pub(super) fn configure(folder: &Path, world: &World, server: &Server, mode: Mode, now: Instant) -> anyhow::Result<PathBuf> {
    let pair = world.issue(now.0);
    for (name, secret) in [
        ("key", "7d".repeat(32)),
        ("client_secret", world.client_secret()),
        ("access_token", pair.access.clone()),
        ("refresh_token", pair.refresh.clone()),
        ("sumo_url", server.sumo_url.clone()),
    ] {
        secret_file(&folder.join(name), &secret)?;
    }
    for (name, secret) in response::secrets(world) {
        secret_file(&folder.join(name), &secret)?;
    }
    let at = |name: &str| folder.join(name).display().to_string();
    let text = format!(
        r#"[store]
path = "{store}"
key = {{ file = "{key}" }}

[[source]]
name = "acme"
component = "builtin:miro"
interval = "5m"
config = {{ api_url = "{miro}", client_id = "{client_id}", since = "24h" }}
allow = ["{miro}"]

[source.secrets]
client_secret = {{ file = "{client_secret}" }}
access_token = {{ file = "{access_token}" }}
refresh_token = {{ file = "{refresh_token}" }}

[[sink]]
name = "sumo"
type = "sumo"
url = {{ file = "{sumo_url}" }}
category = "miro"
alert_category = "miro/alerts"

[[range]]
name = "Lisbon office and homes"
addresses = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/25", "2001:db8::/32"]
category = "corporate"
country = "PT"
city = "Lisbon"
latitude = 38.72
longitude = -9.14

[[range]]
name = "São Paulo"
addresses = ["203.0.113.128/25"]
country = "BR"
city = "São Paulo"
latitude = -23.55
longitude = -46.63

[[threat-list]]
name = "tor-exits"
path = "{tor}"
tag = "tor"
"#,
        store = at("miro-source.db"),
        key = at("key"),
        miro = server.miro_url,
        client_id = world.client_id(),
        client_secret = at("client_secret"),
        access_token = at("access_token"),
        refresh_token = at("refresh_token"),
        sumo_url = at("sumo_url"),
        tor = at("tor-exits.txt"),
    );
    std::fs::write(folder.join("tor-exits.txt"), format!("{}\n", takeover::EXIT))?;
    let text = text + &response::configure(mode, world, server, at);
    let path = folder.join("miro-source.toml");
    std::fs::write(&path, text)?;
    Ok(path)
}

fn secret_file(path: &Path, secret: &str) -> anyhow::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file = std::fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    Ok(file.write_all(secret.as_bytes())?)
}

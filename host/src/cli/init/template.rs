//! The configuration as `init` writes it: what was answered, and every other key as a comment with its default.

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

use super::{
    ask::{Access, Refresh, Setup},
    write::Places,
};

/// Stands in for the client secret until it is given.
pub const CLIENT_SECRET: &str = "MIRO_CLIENT_SECRET";
/// Stands in for the access token, or the SIEM token.
pub const ACCESS_TOKEN: &str = "MIRO_ACCESS_TOKEN";
/// Stands in for the refresh token.
pub const REFRESH_TOKEN: &str = "MIRO_REFRESH_TOKEN";
/// Stands in for the URL of the HTTP Source.
pub const SUMO_URL: &str = "SUMO_HTTP_SOURCE_URL";

/// The secrets that went into files, by name.
pub type Files = BTreeMap<&'static str, PathBuf>;

/// The text of the file.
pub fn render(setup: &Setup, places: &Places, files: &Files) -> String {
    let name = quoted(setup.name.as_str());
    let mut fields = String::new();
    for (key, value) in &setup.fields {
        // Writing into a String cannot fail.
        let _ = write!(fields, "{}{} = {}", if fields.is_empty() { "" } else { ", " }, quoted(key), quoted(value));
    }
    let fields =
        if fields.is_empty() { "# fields = { environment = \"production\" }\n".to_owned() } else { format!("fields = {{ {fields} }}\n") };
    TEMPLATE
        .replace("@DATABASE@", &path(&places.database))
        .replace("@KEY@", &path(&places.key))
        .replace("@CONFIG@\n", &config(&setup.access))
        .replace("@SECRETS@\n", &secrets(&setup.access, files))
        .replace("@URL@", &reference("sumo_url", SUMO_URL, files))
        .replace("@FIELDS@\n", &fields)
        // What a person typed comes last: nothing in it is a placeholder any more.
        .replace("@CATEGORY@", &quoted(&setup.category))
        .replace("@NAME@", &name)
}

fn config(access: &Access) -> String {
    match access {
        Access::Siem { .. } => "# client_id = \"…\"                      # of an app; the SIEM token needs none\n".to_owned(),
        Access::App { client_id, .. } => format!("client_id = {}\n", quoted(client_id)),
    }
}

fn secrets(access: &Access, files: &Files) -> String {
    let line = |name: &str, variable: &str| format!("{name} = {}\n", reference(name, variable, files));
    match access {
        Access::Siem { .. } => line("access_token", ACCESS_TOKEN),
        Access::App { refresh, .. } => {
            let mut lines = line("client_secret", CLIENT_SECRET) + &line("access_token", ACCESS_TOKEN);
            if let Refresh::Token(_) = refresh {
                lines += &line("refresh_token", REFRESH_TOKEN);
            }
            lines
        }
    }
}

fn reference(name: &str, variable: &str, files: &Files) -> String {
    match files.get(name) {
        Some(file) => format!("{{ file = {} }}", path(file)),
        None => format!("{{ env = {} }}", quoted(variable)),
    }
}

fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

const TEMPLATE: &str = r#"# miro-source: Miro's audit log into Sumo Logic. `miro-source check` says whether this works, `miro-source run` starts it.
# Keys that begin with `#` show their default or an example. Relative paths start at the folder of this file.
# Durations are written "90s", "5m", "1h30m", "30d", sizes "900kB", "64KiB".
# A secret never stands here, only where it is: { env = "NAME" }, { file = "/path" } or { command = ["program", "argument"] }.

# Further files, `*` in the file name only. They hold [[source]], [[sink]], [[detector]], [[policy]], [[range]],
# as well as [[notify]], [[responder]] and [[action]]; a wrong one stops only its own sources.
# include = ["customers/*.toml"]
# The same for files that hold [[policy]] only; `miro-source policies add` writes them.
# policies = ["policies/*.toml"]

[store]
# The database: events, places in the log, sealed tokens.
path = @DATABASE@
# Seals the tokens: 32 random bytes, raw, hex or base64, in a file with mode 0600. Back it up apart from the database.
key = { file = @KEY@ }
# How long records are kept after every sink has them, at least a day.
# retention = "30d"
# How long closed alerts, and what detectors found, are kept.
# alerts_retention = "400d"
# behaviours_retention = "90d"
# At this size, or with so little free on its disk, nothing is collected until there is room.
# max_size = "20GB"
# min_free = "256MB"

# [network]
# The proxy for everything that leaves; a user may stand in it, its password only here below.
# proxy = "http://proxy.corp:3128"
# proxy_password = { env = "PROXY_PASSWORD" }
# What is reached without the proxy: hosts, domains, networks.
# no_proxy = ["localhost", ".corp", "10.0.0.0/8"]
# Certificate authorities to trust besides the built-in ones, PEM.
# ca_file = "corp.pem"

[log]
# "text" for people, "json" for machines.
# format = "text"
# error, warn, info, debug, trace; or a list such as "info,miro_source::sink=debug".
# level = "info"

# [web]
# Where metrics (/metrics) and health (/healthz, /readyz) are served: plain HTTP without authentication, so to this machine only.
# listen = "127.0.0.1:9184"

# [telemetry]
# Where a collector of OpenTelemetry is told how long each step took; also headers, service_name, attributes, sample (see the README).
# endpoint = "http://127.0.0.1:4318"

# [health]
# How often sinks hear that each source is there, or false; and whether everything is checked once a day.
# heartbeat = "1h"
# check = true

# [components]
# What may run besides the components that are built in. Keys of minisign whose signatures count, as minisign prints them.
# trusted_keys = ["RWQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
# How many different ones must have signed a component.
# signatures = 1
# Components that need no signature, by the SHA-256 of their file.
# digests = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]

# [enrich]
# Where an address is and whose it is: databases in MaxMind's format. Read anew when they change.
# city = "GeoLite2-City.mmdb"
# country = "GeoLite2-Country.mmdb"
# asn = "GeoLite2-ASN.mmdb"

# Where addresses are, and what others have seen of them, fetched and kept up to date by the host; `miro-source feeds list` shows what
# there is, `feeds add` writes this.
# [[feed]]
# geo, tor, vpn or abuse.
# name = "tor"
# Agrees to the terms of those that ask for attribution.
# licence = "CC-BY-4.0"
# Where a mirror has it; {part} and {month} are filled in.
# url = "https://check.torproject.org/torbulkexitlist"
# The only origins that it may be fetched from.
# allow = ["https://check.torproject.org"]
# How often it is looked for.
# every = "1h"
# false: it is never fetched, only brought by `miro-source feeds import`.
# fetch = true

# [[threat-list]]
# A file with one address or CIDR block a line, and what is said of these addresses.
# name = "tor-exits"
# path = "tor.txt"
# tag = "tor"

# A source asks one vendor for one organization's events. Several may stand here, each with its own grant.
[[source]]
# Stands beside every event: 1 to 64 letters, digits, '_' or '-'.
name = @NAME@
# What knows the vendor: one that is built in, or the path of a .wasm file that [components] trusts.
# component = "builtin:miro"
# How often it asks, 1 second to 24 hours.
# interval = "5m"
# On the first start so much of the past is read as well, to learn what is usual. It alarms nobody, and no sink gets it.
learn = "30d"
# How long the vendor keeps its log, for a notice before anything is lost.
# keeps = "90d"
# Retention otherwise than [store] says, and what a court wants kept: true for all of it, or people.
# retention = "90d"
# legal_hold = ["ann@example.com"]
# The only origins it may reach. Nothing is reachable that is not listed. http is for loopback only.
allow = ["https://api.miro.com"]

# The component's own settings.
[source.config]
api_url = "https://api.miro.com"
@CONFIG@
# How far the first poll reaches back.
since = "24h"
# Miro shows events late: everything is read again this much later.
revisit = ["10m", "1h", "24h"]

# The secrets that the component asks for.
[source.secrets]
@SECRETS@

# A sink gets events. Without any [[sink]] they go to the file events.ndjson beside the database.
[[sink]]
# Its place in the log is kept under this name.
name = "sumo"
# "sumo", "file" or "stdout".
type = "sumo"
# Whose events it gets. May be left out while there is one source.
sources = [@NAME@]
# "record": Miro's own object, which Sumo Logic's Miro app and Cloud SIEM read. "ocsf": OCSF 1.8.0.
# format = "record"
# How many uncompressed bytes it is sent a minute.
# max_rate = "20MB/min"
# What it does not get, in rows like those of a policy: every row of keep must hold, and no row of drop may.
# keep = [{ filter = "user.domain", equals = "acme.example" }]
# drop = [{ filter = "activity.type", equals = ["board_opened"] }]
# What it gets as pseudonyms; "object.name" too.
# mask = ["user.name", "user.email", "user.id", "ip.address"]
# The URL of the HTTP Logs & Metrics Source. The URL is the credential.
url = @URL@
# For a source with an authentication header (x-sumo-token).
# token = { env = "SUMO_TOKEN" }
# _sourceCategory, at most 1024 characters.
category = @CATEGORY@
# _sourceName and _sourceHost, at most 128 characters.
# source_name = "miro"
# host = "miro-source"
# Fields, at most 30; those that are not in the account's schema of fields are dropped by Sumo Logic.
@FIELDS@
# The most that one request carries, uncompressed; at most 1 MB.
# batch_bytes = "1MB"
# An access key, with which `miro-source verify` looks at what arrived. `api_url` where `url` does not name the deployment.
# access_id = { env = "SUMO_ACCESS_ID" }
# access_key = { env = "SUMO_ACCESS_KEY" }
# api_url = "https://api.eu.sumologic.com"

# [[sink]]
# name = "archive"
# type = "file"
# The file, one event a line.
# path = "events.ndjson"

# What addresses are to you: beats what the databases say. Ranges do not overlap.
# [[range]]
# name = "Lisbon office"
# addresses = ["198.51.100.0/24", "2001:db8::/32"]
# corporate, administrative, risky, vpn, cloud-provider or other.
# category = "corporate"
# Beside those of the threat lists.
# tags = ["lisbon"]
# Instead of what the databases say; a place begins with its country.
# isp = "Acme"
# country = "PT"
# city = "Lisbon"
# latitude = 38.7223
# longitude = -9.1393
# Whose events it is about. May be left out while there is one source.
# sources = [@NAME@]

# What judges the events. Without any [[detector]] it is the one that is built in, for every source, as below.
# [[detector]]
# What it has learned is kept under this name.
# name = "detect"
# Or the path of a .wasm file that [components] trusts.
# component = "builtin:detect"
# Whose events it judges. May be left out while there is one source.
# sources = [@NAME@]
# Rules whose findings are recorded and raise no alert.
# behaviours = ["infrequent-country"]
# The detector's own settings. low, medium or high; a rule may have its own.
# [detector.config]
# sensitivity = "medium"
# rules = { impossible-travel = { sensitivity = "low", exclude = { groups = ["Pilots"] } } }

# A rule of your own, which the built-in detector judges. `miro-source policies templates` shows more, `policies check` what it means.
# [[policy]]
# Lower-case letters, digits and hyphens.
# name = "admin-from-outside"
# low, medium or high.
# severity = "high"
# access-control, compliance, configuration-control, cloud-discovery, dlp, privileged-accounts, sharing-control, threat-detection.
# category = "privileged-accounts"
# Every row must hold; of the values of one row, any.
# match = [{ filter = "administrative", equals = true }, { filter = "ip.category", does_not_equal = ["corporate", "vpn"] }]
# How often one user must have done it; without it, each activity counts.
# repeated = { count = 5, minutes = 30 }
# "alert", or "behaviour": recorded, and nobody is woken.
# raise = "alert"
# The most alerts in a UTC day.
# daily_alert_limit = 5
# Whose events it is about. May be left out while there is one source.
# sources = [@NAME@]

# Who is told of alerts. `miro-source notify test` tries it.
# [[notify]]
# name = "soc"
# "webhook", "smtp" or "command".
# type = "webhook"
# "slack", "teams", "pagerduty" (which has a routing_key) or "json".
# template = "slack"
# The URL is a credential.
# url = { file = "/etc/miro-source/slack_url" }
# Signs what is posted.
# hmac = { file = "/etc/miro-source/hmac" }
# Further headers.
# headers = { X-Team = "soc" }
# At least so bad, and of which rules and policies; without the latter, of all.
# severity = "medium"
# policies = ["impossible-travel"]
# When; outside of that it waits, unless it is as bad as `always` (false: everything waits).
# hours = "Mon-Fri 08:00-18:00"
# zone = "Europe/Berlin"
# always = "high"
# The most messages an hour ("20/h") or a day.
# limit = "500/d"
# Whether it is told how the host is doing, too.
# health = true
# Whose alerts. May be left out while there is one source.
# sources = [@NAME@]

# [[notify]]
# name = "mail"
# type = "smtp"
# host = "smtp.example.com"
# "starttls" (port 587), "implicit" (465), or "none" (25) to this machine only.
# tls = "starttls"
# user = "alerts@example.com"
# password = { file = "/etc/miro-source/smtp_password" }
# from = "miro-source <alerts@example.com>"
# to = ["soc@example.com"]

# [[notify]]
# name = "own"
# type = "command"
# Gets the alert as one line of JSON on its standard input.
# command = ["/usr/local/bin/page"]
# timeout = "30s"

# What is done to accounts. Nothing is, by hand either, until `enabled` is true; see "Acting" in the README before that.
# [respond]
# enabled = false
# What would be done is only found out and logged.
# dry_run = true
# Nothing is done about what is older.
# act_within = "1h"
# These wait for a person (`miro-source respond approve`); with four_eyes for two.
# approve = ["suspend"]
# four_eyes = false
# How many may happen by themselves; in a day 0.5 % of all users, where that is more.
# suspensions_per_hour = 3
# suspensions_per_day = 5
# Nothing is done to these by itself: addresses or identifiers. To administrators, nothing that keeps them from working.
# exclude = ["break-glass@acme.example"]
# administrators = ["admin@acme.example"]

# What acts on accounts. `miro-source check` says which permissions each action takes.
# [[responder]]
# name = "entra"
# "builtin:entra", "builtin:miro", or the path of a .wasm file that [components] trusts.
# component = "builtin:entra"
# Whose users. May be left out while there is one source.
# sources = [@NAME@]
# What it may do: notify, sign-out, suspend (with which restore comes), confirm-compromised. There is no default.
# actions = ["notify", "sign-out", "suspend"]
# Tells who left and who belongs to these groups, asked so often.
# directory = true
# interval = "5m"
# groups = ["Contractors"]
# config = { tenant = "acme.example", client_id = "…", sender = "security@acme.example" }
# A certificate with its key, which the host signs with and no component sees.
# certificate = { file = "entra.pem" }
# private_key = { file = "entra.key" }
# Instead: federated_token = { file = "…" }, what the platform vouches with; or secrets = { client_secret = { file = "…" } }.
# allow = ["https://login.microsoftonline.com", "https://graph.microsoft.com"]

# [[responder]]
# name = "miro"
# component = "builtin:miro"
# actions = ["sign-out", "suspend"]
# With it Miro says who administers it.
# config = { organization = "3074457345618265000" }
# secrets = { access_token = { file = "miro_act_token" }, scim_token = { file = "miro_scim_token" } }
# allow = ["https://api.miro.com", "https://miro.com"]

# What is done where policies find something.
# [[action]]
# Rules of detectors, and policies of your own.
# policies = ["impossible-travel"]
# do = "suspend"
# May be left out while of each source only one responder may do it.
# with = ["entra", "miro"]
# At least so bad.
# severity = "high"

# [[action]]
# policies = ["failed-logins"]
# do = "notify"
# A text is built in. Places: {user}, {title}, {policy}, {severity}, {time}, {addresses}, {reasons}.
# subject = "Please check: {title}"
# copy = ["soc@acme.example"]
# manager = true
"#;

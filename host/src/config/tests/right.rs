//! What a right configuration becomes.

use std::time::Duration;

use super::{super::*, files, read, said};

#[test]
fn the_smallest_one_gets_sensible_defaults() {
    let folder = files(&[("miro-source.toml", "{source}\n")]);
    let config = load(&folder.path().join("miro-source.toml")).unwrap();
    assert_eq!(config.store.path, folder.path().join("miro-source.db"));
    let days = |kept: Duration| kept.as_secs() / 86_400;
    let StoreConfig { retention, alerts_retention, behaviours_retention, .. } = &config.store;
    assert_eq!([retention, alerts_retention, behaviours_retention].map(|kept| days(*kept)), [30, 400, 90]);
    assert_eq!(config.log, LogConfig::default());
    assert_eq!(config.network, NetworkConfig::default());
    assert_eq!(config.web, WebConfig::default());
    assert_eq!(config.components, ComponentsConfig::default());
    assert_eq!((config.components.trusted_keys.len(), config.components.signatures), (0, 1));
    let source = &config.sources[0];
    assert_eq!((source.name.as_str(), source.line), ("acme", 1));
    assert_eq!(source.component, ComponentRef::Builtin("miro".to_owned()));
    assert_eq!((source.interval, source.learn), (Duration::from_secs(300), None));
    assert_eq!(source.config, serde_json::json!({}));
    assert_eq!(config.enrich, EnrichConfig::default());
    let detector = &config.detectors[0];
    assert_eq!((detector.name.as_str(), &detector.sources), ("detect", &vec![source.name.clone()]));
    assert_eq!(detector.component, ComponentRef::Builtin("detect".to_owned()));
    assert_eq!(config.policies, Vec::new());
    let sink = &config.sinks[0];
    assert_eq!(sink.sources, std::slice::from_ref(&source.name));
    assert!(matches!(&sink.kind, SinkKind::File { path } if *path == folder.path().join("events.ndjson")), "{sink:?}");
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn limits_rates_and_filters_are_read() {
    let config = read("{source}\n[store]\nmax_size = \"20GB\"\nmin_free = 0\n").unwrap();
    assert_eq!((config.store.limits.max_size, config.store.limits.min_free), (Some(20_000_000_000), 0));
    let config = read("{source}\n").unwrap();
    assert_eq!((config.store.limits.max_size, config.store.limits.min_free), (None, 256_000_000));
    let sink = "[[sink]]\nname = \"out\"\ntype = \"stdout\"\nmax_rate = \"2GB/d\"\n\
                keep = [{ filter = \"user.domain\", equals = \"acme.example\" }]\n\
                drop = [{ filter = \"activity.type\", equals = [\"read\"] }, { filter = \"lane\", equals = \"history\" }]\n";
    let config = read(&format!("{{source}}\n{sink}")).unwrap();
    assert_eq!(config.sinks[0].max_rate, Some(1_388_888));
    let names: Vec<&str> = config.sinks[0].sieve.all().map(|policy| policy.name.as_str()).collect();
    assert_eq!(names, ["keep-1", "drop-1", "drop-2"]);
}

#[test]
fn alerts_and_behaviours_stay_as_long_as_is_said_and_by_default_no_shorter_than_records() {
    let kept = |keys: &str| {
        let store = read(&format!("{{source}}\n[store]\n{keys}\n")).unwrap().store;
        [store.alerts_retention, store.behaviours_retention].map(|kept| kept.as_secs() / 86_400)
    };
    assert_eq!(kept("alerts_retention = \"2d\"\nbehaviours_retention = \"1d\""), [2, 1]);
    assert_eq!(kept("retention = \"1000d\""), [1000, 1000]);
    assert_eq!(kept("retention = \"100d\""), [400, 100]);
}

#[test]
fn traces_go_below_the_endpoint_and_by_default_nowhere() {
    assert_eq!(read("{source}\n").unwrap().telemetry, None);
    let endpoint = |endpoint: &str| {
        let telemetry = read(&format!("{{source}}\n[telemetry]\nendpoint = \"{endpoint}\"\n")).unwrap().telemetry.unwrap();
        assert_eq!((telemetry.sample, telemetry.service_name.as_str()), (1.0, "miro-source"));
        telemetry.endpoint.to_string()
    };
    assert_eq!(endpoint("http://127.0.0.1:4318"), "http://127.0.0.1:4318/v1/traces");
    assert_eq!(endpoint("https://otel.corp/otlp/"), "https://otel.corp/otlp/v1/traces");
    assert_eq!(endpoint("https://otel.corp/otlp/v1/traces"), "https://otel.corp/otlp/v1/traces");
    let all = "{source}\n[telemetry]\nendpoint = \"http://otel.corp\"\nsample = 0.25\nservice_name = \"acme\"\n\
               attributes = { \"deployment.environment.name\" = \"test\" }\nheaders = { X-Tenant = \"soc\", Authorization = { env = \"OTLP\" } }\n";
    let telemetry = read(all).unwrap().telemetry.unwrap();
    assert_eq!((telemetry.sample, telemetry.secrets().count(), telemetry.headers.len()), (0.25, 1, 2));
    assert_eq!(telemetry.resource()[0], ("service.name".to_owned(), "acme".to_owned()));
    assert!(read(all).unwrap().warnings.iter().any(|warning| warning.contains("[telemetry]")), "a secret in plain text is warned of");
    assert_eq!(telemetry.resource()[2].0, "deployment.environment.name");
}

#[test]
fn listening_where_others_reach_it_is_warned_of() {
    let warned = |listen: &str| {
        let config = read(&format!("{{source}}\n[web]\nlisten = \"{listen}\"\n")).unwrap();
        assert_eq!(config.web.listen, Some(listen.parse().unwrap()));
        config.warnings.join("\n")
    };
    for loopback in ["127.0.0.1:9184", "127.8.0.1:1", "[::1]:9184"] {
        assert_eq!(warned(loopback), "");
    }
    for open in ["0.0.0.0:9184", "[::]:9184", "10.0.0.7:9184"] {
        let warning = warned(open);
        assert!(warning.contains(open) && warning.contains("plain HTTP without authentication"), "{warning}");
    }
}

#[test]
fn every_key_arrives() {
    let text = r#"
[store]
path = "state/miro-source.db"
key = { command = ["pass", "show", "key"] }
retention = "90d"

[network]
proxy = "http://me@proxy.corp:3128"
proxy_password = { env = "PROXY_PASSWORD" }
no_proxy = ["localhost", ".corp", "10.0.0.0/8"]
ca_file = "corp.pem"
bind = "192.0.2.10"
nat64 = "2001:db8:64::/96"

[log]
format = "json"
level = "info,miro_source::sink=debug"

[components]
trusted_keys = ["RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG", "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"]
signatures = 2
digests = ["sha256:abababababababababababababababababababababababababababababababab"]

[enrich]
city = "city.mmdb"
country = "country.mmdb"
asn = "asn.mmdb"

[[threat-list]]
name = "tor-exits"
path = "tor.txt"
tag = "tor"

[[range]]
name = "Lisbon office"
addresses = ["198.51.100.0/24", "2001:db8::/32", "203.0.113.7"]
category = "corporate"
tags = ["lisbon", "guest-wifi", "lisbon"]
isp = "Acme"
country = "pt"
city = "Lisbon"
latitude = 38.7223
longitude = -9
sources = ["acme"]

[[range]]
name = "scanners"
addresses = ["192.0.2.1"]

[[group]]
name = "Admins"
members = ["Ann@Home.example", "3458764"]
sources = ["acme"]

[[group]]
name = "Staff"
file = "staff.txt"

[[departures]]
file = "left.csv"
sources = ["acme"]

[[detector]]
name = "anomalies"
component = "builtin:detect"
sources = ["acme"]
behaviours = ["infrequent-country", "admin-from-outside"]
[detector.config]
sensitivity = "high"
domains = ["home.example"]
[detector.config.rules.impossible-travel]
level = "city"
speed = 1000
exclude = { groups = ["Pilots"] }

[[detector]]
name = "other"
component = "other.wasm"
config = { policies = "its own", depth = 0.5 }

[[policy]]
name = "admin-from-outside"
title = "Administration from outside"
description = "An administrator acts from elsewhere."
severity = "high"
category = "privileged-accounts"
enabled = true
match = [
  { filter = "administrative", equals = true },
  { filter = "ip.category", does_not_equal = ["corporate", "vpn"] },
  { filter = "ip.address", is = "set" },
  { filter = "user.group", as = "any", starts_with = "Admin" },
]
repeated = { count = 51, minutes = 1, single_app = true, unique_objects = true }
scope = { include = { users = ["ann@home.example"], groups = ["Staff"] }, exclude = { groups = ["Robots"] } }
daily_alert_limit = 7
raise = "behaviour"
attacks = ["TA0004", "T1078.004"]
sources = ["acme"]

[[policy]]
name = "exports"
severity = "low"
category = "dlp"
[[policy.match]]
filter = "activity.type"
equals = "exported"
[policy.repeated]

[[source]]
name = "acme"
component = "miro.wasm"
interval = "1h30m"
learn = "30d"
allow = ["https://API.miro.com:443", "http://127.0.0.1:8080"]
[source.config]
api_url = "https://api.miro.com"
since = 2026-03-01T00:00:00Z
revisit = ["10m", "1h"]
share = 0.5
[source.secrets]
client_secret = { file = "secrets/client_secret" }

[[sink]]
name = "sumo"
type = "sumo"
sources = ["acme"]
format = "ocsf"
url = { env = "SUMO_HTTP_SOURCE_URL" }
token = { env = "SUMO_TOKEN" }
source_name = "miro"
category = "saas/miro"
alert_category = "saas/miro-alerts"
alerts = "cef"
host = "collector-1"
fields = { environment = "production", _siemForward = true }
batch_bytes = "900kB"
access_id = { env = "SUMO_ACCESS_ID" }
access_key = { env = "SUMO_ACCESS_KEY" }
api_url = "https://api.eu.sumologic.com"

[[sink]]
name = "file"
type = "file"
path = "/var/log/miro.ndjson"
alerts = false

[[sink]]
name = "out"
type = "stdout"
"#;
    let there = ["corp.pem", "miro.wasm", "other.wasm", "city.mmdb", "country.mmdb", "asn.mmdb", "tor.txt", "staff.txt", "left.csv"];
    let all: Vec<_> = std::iter::once(("miro-source.toml", text)).chain(there.map(|name| (name, ""))).collect();
    let folder = files(&all);
    let config = load(&folder.path().join("miro-source.toml")).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    insta::assert_snapshot!(said(folder.path(), format!("{config:#?}")));
}

#[test]
fn a_source_without_sink_and_a_key_beside_the_database_are_warned_of() {
    let text = "[store]\nkey = { file = \"key\" }\n{source}\n[[source]]\nname = \"other\"\nallow = [\"https://api.miro.com\"]\n\
                [[sink]]\nname = \"out\"\ntype = \"stdout\"\nsources = [\"acme\"]\n";
    let folder = files(&[("miro-source.toml", text)]);
    let config = load(&folder.path().join("miro-source.toml")).unwrap();
    insta::assert_snapshot!(said(folder.path(), config.warnings.join("\n")));
}

#[test]
fn another_host_may_have_other_components_built_in() {
    let folder = files(&[("c.toml", "{source}\ncomponent = \"builtin:other\"\n")]);
    assert!(load(&folder.path().join("c.toml")).is_err());
    let config = load_with(&folder.path().join("c.toml"), &["miro", "other"]).unwrap();
    assert_eq!(config.sources[0].component, ComponentRef::Builtin("other".to_owned()));
}

#[test]
fn one_variable_may_hold_what_is_no_grant() {
    let text = "{source}\n[[source]]\nname = \"other\"\nallow = [\"https://api.miro.com\"]\n\
                secrets = { client_secret = { env = \"MIRO_ACCESS_TOKEN\" } }\n";
    assert!(read(text).is_ok());
}

#[test]
fn what_the_host_fetches_has_its_files_beside_the_store() {
    let text = r#"[store]
path = "state/miro-source.db"
[[feed]]
name = "vpn"
[[feed]]
name = "geo"
licence = "CC-BY-4.0"
url = "http://127.0.0.1:8080/dbip-{part}-{month}.mmdb"
allow = ["http://127.0.0.1:8080", "https://cdn.example"]
every = "12h"
fetch = false
{source}
"#;
    let folder = files(&[("miro-source.toml", text)]);
    let config = load(&folder.path().join("miro-source.toml")).unwrap();
    let (vpn, geo) = (&config.fetched[0], &config.fetched[1]);
    assert_eq!((vpn.publication.name, vpn.every, vpn.fetch), ("vpn", Duration::from_secs(86_400), true));
    assert_eq!(vpn.allow[0].as_str(), "https://raw.githubusercontent.com");
    assert_eq!((geo.publication.name, geo.every, geo.fetch, geo.allow.len()), ("geo", Duration::from_secs(43_200), false, 2));
    let enrich = &config.enrich;
    assert_eq!(enrich.city, Some(folder.path().join("state/feeds/city.mmdb")));
    assert_eq!((enrich.lists[0].name.as_str(), enrich.lists[0].tag.as_str()), ("vpn", "vpn"));
    assert_eq!(enrich.fetched, ["threat-list vpn", "city", "asn"]);
}

#[test]
fn a_source_obtains_its_own_token_where_its_component_does_or_a_certificate_is_there() {
    let source = |component: &str, proof: &str| {
        let text =
            format!("[[source]]\nname = \"acme\"\ncomponent = \"{component}\"\n{proof}\nallow = [\"https://graph.microsoft.com\"]\n");
        read(&text).unwrap().sources[0].clone()
    };
    let certificate = "certificate = { file = \"entra.pem\" }\nprivate_key = { env = \"ENTRA_KEY\" }";
    let signed = source("builtin:entra", certificate);
    assert!(signed.authenticates());
    assert_eq!(signed.guarded().collect::<Vec<_>>(), [&SecretRef::Env("ENTRA_KEY".into())], "the certificate itself is no secret");
    assert!(source("builtin:entra", "secrets = { client_secret = { env = \"ENTRA_SECRET\" } }").authenticates());
    assert!(!source("builtin:miro", "").authenticates());
}

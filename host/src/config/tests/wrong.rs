//! Every message as a new user meets it. A snapshot shows the file and what is said of it.

use super::{SOURCE, files, load, said};

macro_rules! wrong {
    ($($name:ident: $text:expr,)+) => {
        $(
            #[test]
            fn $name() {
                shows(stringify!($name), $text);
            }
        )+
    };
}

pub(super) fn shows(name: &str, text: &str) {
    let folder = files(&[("miro-source.toml", text)]);
    let errors = load(&folder.path().join("miro-source.toml")).unwrap_err();
    for problem in errors.problems() {
        assert!(problem.help.is_some(), "says what to do: {problem}");
    }
    insta::assert_snapshot!(name, format!("{}\n---\n{}", text.replace("{source}\n", SOURCE).trim_end(), said(folder.path(), errors)));
}

wrong! {
    an_empty_file: "",
    a_store_smaller_than_it_needs: "{source}\n[store]\nmax_size = \"10MB\"\n",
    a_rate_without_time: "{source}\n[[sink]]\nname = \"file\"\ntype = \"file\"\npath = \"a\"\nmax_rate = \"1MB\"\n",
    a_filter_that_is_misspelt: "{source}\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\ndrop = [{ filter = \"activity.typ\", equals = [\"read\"] }, { filter = \"alert.id\", equals = \"1\" }]\n",
    filters_that_are_no_rows: "{source}\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\nkeep = \"sign_in\"\ndrop = []\n",
    only_a_comment: "# nothing yet\n",
    yaml_instead_of_toml: "source:\n  name: acme\n",
    a_line_without_value: "{source}\n[store]\nretention =\n",
    a_text_without_quotes: "[[source]]\nname = acme\nallow = [\"https://api.miro.com\"]\n",
    a_text_that_never_ends: "[[source]]\nname = \"acme\nallow = [\"https://api.miro.com\"]\n",
    a_secret_on_a_broken_line: "[[source]]\nname = \"acme\"\nsecrets = { access_token = \"eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ }\n",
    a_list_that_never_ends: "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"\n",
    a_header_without_its_bracket: "[[source]\nname = \"acme\"\n",
    a_key_twice: "[[source]]\nname = \"acme\"\nname = \"other\"\n",
    a_duration_without_quotes: "[[source]]\nname = \"acme\"\ninterval = 5m\n",
    two_broken_lines: "[[source]]\nname = acme\ninterval = 5m\nallow = [\"https://api.miro.com\"]\n",
    an_unknown_section: "{source}\n[database]\npath = \"x.db\"\n",
    a_misspelt_section: "{source}\n[netwrok]\nproxy = \"http://proxy.corp:3128\"\n",
    sources_in_the_plural: "[[sources]]\nname = \"acme\"\n",
    a_source_with_one_bracket: "[source]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\n",
    a_misspelt_key: "{source}\nintervall = \"5m\"\n",
    a_key_with_a_dash: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = { env = \"SUMO_URL\" }\nbatch-bytes = \"1MB\"\n",
    a_key_of_the_component_in_the_wrong_place: "{source}\napi_url = \"https://api.miro.com\"\n",
    a_secret_in_the_wrong_place: "{source}\naccess_token = \"eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ\"\n",
    a_secret_written_out: "[[source]]\nname = \"acme\"\nsecrets = { client_secret = \"eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ\" }\nallow = [\"https://api.miro.com\"]\n",
    a_secret_as_the_name_of_its_variable: "[[source]]\nname = \"acme\"\nsecrets = { client_secret = { env = \"$MIRO=secret\" } }\nallow = [\"https://api.miro.com\"]\n",
    a_secret_in_two_places: "[[source]]\nname = \"acme\"\nsecrets = { client_secret = { env = \"A\", file = \"b\" } }\nallow = [\"https://api.miro.com\"]\n",
    a_secret_nowhere: "[[source]]\nname = \"acme\"\nsecrets = { client_secret = {} }\nallow = [\"https://api.miro.com\"]\n",
    a_secret_from_an_unknown_place: "[[source]]\nname = \"acme\"\nsecrets = { client_secret = { vault = \"miro\" } }\nallow = [\"https://api.miro.com\"]\n",
    a_secret_by_a_misspelt_place: "[[source]]\nname = \"acme\"\nsecrets = { client_secret = { flie = \"miro\" } }\nallow = [\"https://api.miro.com\"]\n",
    a_command_as_one_text: "[[source]]\nname = \"acme\"\nsecrets = { client_secret = { command = \"pass show miro\" } }\nallow = [\"https://api.miro.com\"]\n",
    an_empty_command: "[[source]]\nname = \"acme\"\nsecrets = { client_secret = { command = [] } }\nallow = [\"https://api.miro.com\"]\n",
    secrets_as_a_list: "[[source]]\nname = \"acme\"\nsecrets = [\"a\", \"b\"]\nallow = [\"https://api.miro.com\"]\n",
    a_source_without_name: "[[source]]\nallow = [\"https://api.miro.com\"]\n",
    a_name_with_a_space: "[[source]]\nname = \"acme corp\"\nallow = [\"https://api.miro.com\"]\n",
    a_name_that_is_a_number: "[[source]]\nname = 7\nallow = [\"https://api.miro.com\"]\n",
    an_empty_name: "[[source]]\nname = \"\"\nallow = [\"https://api.miro.com\"]\n",
    a_name_that_steers_the_terminal: "[[source]]\nname = \"a\\u001b[2J\\u202eb\"\nallow = [\"https://api.miro.com\"]\n",
    a_source_of_sign_ins_that_proves_nothing: "[[source]]\nname = \"sign-ins\"\ncomponent = \"builtin:entra\"\nallow = [\"https://graph.microsoft.com\"]\n",
    a_source_of_sign_ins_with_a_token: "[[source]]\nname = \"sign-ins\"\ncomponent = \"builtin:entra\"\nsecrets = { client_secret = { env = \"A\" }, access_token = { env = \"B\" } }\nallow = [\"https://graph.microsoft.com\"]\n",
    a_certificate_for_miro: "{source}\ncertificate = { file = \"a.pem\" }\nprivate_key = { file = \"a.key\" }\n",
    two_sources_with_one_name: "{source}\n{source}\n",
    two_sources_with_one_token: "{source}\n[[source]]\nname = \"other\"\nsecrets = { access_token = { env = \"MIRO_ACCESS_TOKEN\" } }\nallow = [\"https://api.miro.com\"]\n\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\nsources = [\"acme\", \"other\"]\n",
    an_interval_without_unit: "{source}\ninterval = 300\n",
    an_interval_in_words: "{source}\ninterval = \"five minutes\"\n",
    an_interval_that_is_too_short: "{source}\ninterval = \"100ms\"\n",
    an_interval_that_is_too_long: "{source}\ninterval = \"2d\"\n",
    a_past_that_is_too_long_to_learn_from: "{source}\nlearn = \"2y\"\n",
    an_unknown_component: "{source}\ncomponent = \"builtin:mrio\"\n",
    a_component_without_builtin: "{source}\ncomponent = \"miro\"\n",
    a_component_that_is_not_there: "{source}\ncomponent = \"guests/miro.wasm\"\n",
    a_config_that_is_a_text: "{source}\nconfig = \"{}\"\n",
    a_secret_in_the_config: "{source}\nconfig = { client_secret = \"eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ\" }\n",
    a_config_that_json_cannot_say: "{source}\nconfig = { since = inf }\n",
    nothing_allowed: "[[source]]\nname = \"acme\"\nallow = []\n",
    allow_left_out: "[[source]]\nname = \"acme\"\n",
    allow_below_the_config: "[[source]]\nname = \"acme\"\n[source.config]\nclient_id = \"1\"\nallow = [\"https://api.miro.com\"]\n",
    allow_below_the_secrets: "[[source]]\nname = \"acme\"\n[source.secrets]\naccess_token = { env = \"T\" }\nallow = [\"https://api.miro.com\"]\n",
    allow_as_one_text: "[[source]]\nname = \"acme\"\nallow = \"https://api.miro.com\"\n",
    allow_without_scheme: "[[source]]\nname = \"acme\"\nallow = [\"api.miro.com\"]\n",
    allow_with_a_path: "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com/v2\"]\n",
    allow_with_a_wildcard: "[[source]]\nname = \"acme\"\nallow = [\"https://*.miro.com\"]\n",
    allow_without_tls: "[[source]]\nname = \"acme\"\nallow = [\"http://api.miro.com\"]\n",
    allow_with_a_password: "[[source]]\nname = \"acme\"\nallow = [\"https://user:hunter2@api.miro.com\"]\n",
    a_sink_without_type: "{source}\n[[sink]]\nname = \"out\"\n",
    a_sink_of_an_unknown_type: "{source}\n[[sink]]\nname = \"out\"\ntype = \"splunk\"\n",
    a_sink_without_name: "{source}\n[[sink]]\ntype = \"stdout\"\n",
    a_sumo_sink_without_url: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\n",
    a_sumo_url_written_out: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = \"https://collectors.sumologic.com/receiver/v1/http/ZaVnC4dhaV1\"\n",
    a_batch_that_is_too_large: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = { env = \"SUMO_URL\" }\nbatch_bytes = \"5MB\"\n",
    too_many_fields: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = { env = \"SUMO_URL\" }\nfields = { f01 = \"x\", f02 = \"x\", f03 = \"x\", f04 = \"x\", f05 = \"x\", f06 = \"x\", f07 = \"x\", f08 = \"x\", f09 = \"x\", f10 = \"x\", f11 = \"x\", f12 = \"x\", f13 = \"x\", f14 = \"x\", f15 = \"x\", f16 = \"x\", f17 = \"x\", f18 = \"x\", f19 = \"x\", f20 = \"x\", f21 = \"x\", f22 = \"x\", f23 = \"x\", f24 = \"x\", f25 = \"x\", f26 = \"x\", f27 = \"x\", f28 = \"x\", f29 = \"x\", f30 = \"x\", f31 = \"x\" }\n",
    a_field_with_a_comma: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = { env = \"SUMO_URL\" }\nfields = { teams = \"red,blue\" }\n",
    a_field_name_with_an_equals_sign: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = { env = \"SUMO_URL\" }\nfields = { \"a=b\" = \"c\" }\n",
    a_category_with_a_line_break: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = { env = \"SUMO_URL\" }\ncategory = \"miro\\r\\nX-Evil: 1\"\n",
    a_source_name_beyond_ascii: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = { env = \"SUMO_URL\" }\nsource_name = \"Zürich\"\n",
    a_host_that_is_too_long: "{source}\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = { env = \"SUMO_URL\" }\nhost = \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"\n",
    a_file_sink_without_path: "{source}\n[[sink]]\nname = \"out\"\ntype = \"file\"\n",
    a_key_of_another_type_of_sink: "{source}\n[[sink]]\nname = \"out\"\ntype = \"file\"\npath = \"events.ndjson\"\ncategory = \"miro\"\n",
    an_unknown_format: "{source}\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\nformat = \"OCSF\"\n",
    a_sink_of_a_source_that_is_not_there: "{source}\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\nsources = [\"acmee\"]\n",
    a_sink_of_no_source: "{source}\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\nsources = []\n",
    a_sink_that_does_not_say_of_which_source: "{source}\n[[source]]\nname = \"other\"\nallow = [\"https://api.miro.com\"]\n\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\n",
    two_sinks_with_one_name: "{source}\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\n",
    a_key_written_out: "{source}\n[store]\nkey = \"000102030405060708090a0b0c0d0e0f\"\n",
    a_retention_of_an_hour: "{source}\n[store]\nretention = \"1h\"\n",
    a_store_that_is_a_text: "store = \"miro-source.db\"\n{source}\n",
    a_proxy_without_scheme: "{source}\n[network]\nproxy = \"proxy.corp:3128\"\n",
    a_proxy_with_a_password: "{source}\n[network]\nproxy = \"http://me:hunter2@proxy.corp:3128\"\n",
    a_proxy_password_without_user: "{source}\n[network]\nproxy = \"http://proxy.corp:3128\"\nproxy_password = { env = \"P\" }\n",
    a_place_to_listen_that_is_a_name: "{source}\n[web]\nlisten = \"localhost:9184\"\n",
    a_place_to_listen_without_a_port: "{source}\n[web]\nlisten = \"127.0.0.1\"\n",
    a_place_to_listen_that_is_a_number: "{source}\n[web]\nlisten = 9184\n",
    a_misspelt_place_to_listen: "{source}\n[web]\nlistn = \"127.0.0.1:9184\"\n",
    traces_to_nowhere: "{source}\n[telemetry]\nendpiont = \"http://127.0.0.1:4318\"\n",
    traces_with_odd_values: "{source}\n[telemetry]\nendpoint = \"https://user:pass@otel.corp\"\nheaders = { Content-Type = \"x\", Authorization = \"Bearer x\" }\nattributes = { \"service.name\" = \"y\" }\nsample = 0\n",
    a_certificate_file_that_is_not_there: "{source}\n[network]\nca_file = \"corp.pem\"\n",
    an_address_to_bind_with_a_port: "{source}\n[network]\nbind = \"192.0.2.10:0\"\n",
    a_prefix_of_nat64_that_no_translator_has: "{source}\n[network]\nnat64 = \"2001:db8:64::/72\"\n",
    a_level_that_is_none: "{source}\n[log]\nlevel = \"verbose\"\n",
    a_format_of_the_log_that_is_none: "{source}\n[log]\nformat = \"jsn\"\n",
    components_as_a_list: "{source}\n[[components]]\ntrusted_keys = []\n",
    a_component_section_in_the_singular: "{source}\n[component]\ntrusted_keys = []\n",
    a_misspelt_key_of_components: "{source}\n[components]\ntrusted_key = [\"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\"]\n",
    a_trusted_key_that_is_none: "{source}\n[components]\ntrusted_keys = [\"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\", \"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0\"]\n",
    a_trusted_key_as_one_text: "{source}\n[components]\ntrusted_keys = \"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\"\n",
    a_secret_key_among_the_trusted: "{source}\n[components]\ntrusted_keys = [\"RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA5sxnaRhLW/CMQiawJrD6Db18L3g5Wo/w5P/ydzBu81Se0AthE+YD8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"]\n",
    a_trusted_key_twice: "{source}\n[components]\ntrusted_keys = [\n  \"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\",\n  \"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\",\n  \"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\",\n]\n",
    a_trusted_key_under_two_ids: "{source}\n[components]\ntrusted_keys = [\"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\",\n  \"RWTnzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\"]\n",
    two_trusted_keys_with_one_id: "{source}\n[components]\ntrusted_keys = [\"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\",\n  \"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaH\"]\n",
    no_signature_needed: "{source}\n[components]\ntrusted_keys = [\"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\"]\nsignatures = 0\n",
    more_signatures_than_keys: "{source}\n[components]\ntrusted_keys = [\"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\", \"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\"]\nsignatures = 3\n",
    signatures_as_a_text: "{source}\n[components]\ntrusted_keys = [\"RWTmzGdpGEtb8FHldN/qcYIM77Z/hxyrhE8wNdwI8PMoTVwPE1b0pNaG\", \"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\"]\nsignatures = \"2\"\n",
    signatures_without_keys: "{source}\n[components]\nsignatures = 2\n",
    a_digest_without_its_algorithm: "{source}\n[components]\ndigests = [\"abababababababababababababababababababababababababababababababab\"]\n",
    a_digest_that_is_too_short: "{source}\n[components]\ndigests = [\"sha256:ababababababababababababababababababababababababababababababab\"]\n",
    a_digest_twice: "{source}\n[components]\ndigests = [\"sha256:abababababababababababababababababababababababababababababababab\", \"sha256:ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\"]\n",
    a_database_that_is_not_there: "{source}\n[enrich]\ncity = \"GeoLite2-City.mmdb\"\n",
    a_misspelt_database: "{source}\n[enrich]\ncities = \"GeoLite2-City.mmdb\"\n",
    a_threat_list_without_anything: "{source}\n[[threat-list]]\n",
    a_threat_list_with_an_underscore: "{source}\n[[threat_list]]\nname = \"tor\"\npath = \"miro-source.toml\"\ntag = \"tor\"\n",
    a_threat_list_with_one_bracket: "{source}\n[threat-list]\nname = \"tor\"\npath = \"miro-source.toml\"\ntag = \"tor\"\n",
    a_threat_list_that_is_not_there: "{source}\n[[threat-list]]\nname = \"tor\"\npath = \"tor.txt\"\ntag = \"Tor exit\"\n",
    two_threat_lists_with_one_name: "{source}\n[[threat-list]]\nname = \"tor\"\npath = \"miro-source.toml\"\ntag = \"tor\"\n[[threat-list]]\nname = \"tor\"\npath = \"miro-source.toml\"\ntag = \"tor\"\n",
    a_range_without_anything: "{source}\n[[range]]\n",
    a_range_of_no_addresses: "{source}\n[[range]]\nname = \"Office\"\naddresses = []\n",
    a_range_of_what_are_no_addresses: "{source}\n[[range]]\nname = \"Office\"\naddresses = [\"198.51.100.7-9\", \"198.51.100.0/33\", \"example.com\"]\n",
    a_range_that_begins_in_the_middle: "{source}\n[[range]]\nname = \"Office\"\naddresses = [\"198.51.100.7/24\"]\n",
    a_range_of_an_unknown_category: "{source}\n[[range]]\nname = \"Office\"\naddresses = [\"198.51.100.0/24\"]\ncategory = \"Corporate\"\n",
    a_range_with_odd_words: "{source}\n[[range]]\nname = \"a\\u001b[2Jb\"\naddresses = [\"198.51.100.0/24\"]\ntags = [\"Guest WiFi\", \"a,b\"]\nisp = \"\"\n",
    a_range_in_a_country_by_name: "{source}\n[[range]]\nname = \"Office\"\naddresses = [\"198.51.100.0/24\"]\ncountry = \"Portugal\"\n",
    a_range_in_half_a_place: "{source}\n[[range]]\nname = \"Office\"\naddresses = [\"198.51.100.0/24\"]\nlatitude = 38.7\n",
    a_range_beyond_the_earth: "{source}\n[[range]]\nname = \"Office\"\naddresses = [\"198.51.100.0/24\"]\ncountry = \"PT\"\nlatitude = 91\nlongitude = \"9 W\"\n",
    a_range_of_a_source_that_is_not_there: "{source}\n[[range]]\nname = \"Office\"\naddresses = [\"198.51.100.0/24\"]\nsources = [\"acmee\"]\n",
    a_range_that_does_not_say_of_which_source: "{source}\n[[source]]\nname = \"other\"\nallow = [\"https://api.miro.com\"]\n\n[[range]]\nname = \"Office\"\naddresses = [\"198.51.100.0/24\"]\n",
    ranges_that_overlap: "{source}\n[[range]]\nname = \"Lisbon\"\naddresses = [\"198.51.100.0/24\", \"2001:db8::/32\"]\n\n[[range]]\nname = \"Porto\"\naddresses = [\"203.0.113.0/24\", \"198.51.100.128/25\", \"2001:db8::1\"]\n",
    a_range_that_overlaps_itself: "{source}\n[[range]]\nname = \"Lisbon\"\naddresses = [\"198.51.100.7\", \"198.51.100.0/24\"]\n",
    a_detector_without_name: "{source}\n[[detector]]\n",
    a_detector_with_one_bracket: "{source}\n[detector]\nname = \"anomalies\"\n",
    a_detector_by_an_unknown_component: "{source}\n[[detector]]\nname = \"anomalies\"\ncomponent = \"builtin:miro\"\n",
    a_detector_with_policies_in_its_config: "{source}\n[[detector]]\nname = \"anomalies\"\nconfig = { policies = [] }\n",
    a_detector_with_a_misspelt_rule: "{source}\n[[detector]]\nname = \"anomalies\"\n[detector.config.rules.imposible-travel]\nspeed = 900\n[detector.config.rules.nonsense]\n",
    a_detector_with_its_config_in_the_wrong_place: "{source}\n[[detector]]\nname = \"anomalies\"\nsensitivity = \"high\"\n",
    a_detector_with_behaviours_that_are_none: "{source}\n[[detector]]\nname = \"anomalies\"\nbehaviours = [\"infrequent-country\", \"Impossible travel\"]\n",
    a_detector_of_a_source_that_is_not_there: "{source}\n[[detector]]\nname = \"anomalies\"\nsources = [\"acmee\"]\n",
    a_detector_that_does_not_say_of_which_source: "{source}\n[[source]]\nname = \"other\"\nallow = [\"https://api.miro.com\"]\n\n[[detector]]\nname = \"anomalies\"\n",
    two_detectors_with_one_name: "{source}\n[[detector]]\nname = \"anomalies\"\n[[detector]]\nname = \"anomalies\"\n",
    a_policy_without_anything: "{source}\n[[policy]]\n",
    a_policy_with_one_bracket: "{source}\n[policy]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\n",
    a_policy_whose_rows_are_wrong: "{source}\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [\n  { filter = \"administrative\", equals = true },\n  { filter = \"ip.categry\", equals = \"risky\" },\n  { filter = \"location.country\",\n    equals = [\"DE\",\n      \"Germany\"] },\n  { filter = \"activity.type\" },\n]\n",
    a_policy_with_rows_as_sections: "{source}\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\n\n[[policy.match]]\nfilter = \"activity.type\"\nequals = \"exported\"\n\n[[policy.match]]\nfilter = \"user.name\"\nequal = \"ann\"\n\n[policy.repeated]\ncount = 1\nminute = 5\n",
    a_policy_with_misspelt_keys: "{source}\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\nsource = [\"acme\"]\ntitel = \"Exports\"\nrepeated.cout = 7\n",
    a_policy_with_odd_values: "{source}\n[[policy]]\nname = \"Exports\\u001b[2J\"\nseverity = \"hihg\"\ncategory = 7\nenabled = \"yes\"\ndaily_alert_limit = -1\nraise = \"behavior\"\nattacks = [\"T1078.4\"]\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\n",
    a_policy_that_json_cannot_say: "{source}\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\ndaily_alert_limit = inf\n",
    a_policy_called_like_a_rule: "{source}\n[[policy]]\nname = \"mass-download\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\n",
    a_policy_of_a_source_that_is_not_there: "{source}\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\nsources = [\"acmee\"]\n",
    a_policy_of_no_source: "{source}\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\nsources = []\n",
    a_policy_that_does_not_say_of_which_source: "{source}\n[[source]]\nname = \"other\"\nallow = [\"https://api.miro.com\"]\n\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\n",
    two_policies_with_one_name: "{source}\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\n\n[[policy]]\nname = \"exports-at-night\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\n",
    a_policy_among_the_files_of_policies: "policies = [{ name = \"exports\" }]\n{source}\n",
    files_of_policies_that_are_not_there: "policies = [\"policies/*.toml\", \"exports.toml\"]\n{source}\n",
    an_include_with_a_star_in_a_folder: "include = [\"*/acme.toml\"]\n{source}\n",
    an_include_that_is_not_there: "include = [\"customers/acme.toml\"]\n{source}\n",
    an_include_from_a_folder_that_is_not_there: "include = [\"customers/*.toml\"]\n{source}\n",
    everything_at_once: "[store]\nretention = \"1h\"\n\n[[source]]\nname = \"acme corp\"\ninterval = 5\ncomponent = \"miro\"\nsecrets = { token = \"x\" }\nallow = [\"api.miro.com\", \"http://miro.com\"]\n\n[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurls = { env = \"SUMO_URL\" }\nformat = \"cef\"\n",
}

#[test]
fn a_file_that_is_not_there() {
    let folder = files(&[]);
    let errors = load(&folder.path().join("miro-source.toml")).unwrap_err();
    insta::assert_snapshot!(said(folder.path(), errors));
}

#[test]
fn a_folder_instead_of_a_file() {
    let folder = files(&[]);
    let errors = load(folder.path()).unwrap_err();
    insta::assert_snapshot!(said(folder.path(), errors));
}

#[test]
fn a_file_that_is_not_utf_8() {
    let folder = files(&[]);
    let path = folder.path().join("miro-source.toml");
    std::fs::write(&path, b"include = []\nname = \"Z\xfcrich\"\n").unwrap();
    insta::assert_snapshot!(said(folder.path(), load(&path).unwrap_err()));
}

#[test]
fn a_feed_that_cannot_be_fetched_is_said_with_what_to_write() {
    let text = r#"[enrich]
city = "c.mmdb"
[[feed]]
name = "torr"
[[feed]]
name = "tor"
[[feed]]
name = "geo"
licence = "CC-BY-4.0"
[[feed]]
name = "vpn"
url = "https://me:secret@mirror.example/vpn.txt"
every = "1s"
[[feed]]
name = "abuse"
url = "http://mirror.example/x"
allow = []
fetch = "no"
[[feed]]
url = "x"
{source}
"#;
    let folder = files(&[("miro-source.toml", text), ("c.mmdb", "")]);
    let said = said(folder.path(), load(&folder.path().join("miro-source.toml")).unwrap_err());
    assert!(!said.contains("secret"), "{said}");
    insta::assert_snapshot!(said);
}

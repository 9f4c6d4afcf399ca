//! `[respond]`, `[[responder]]` and `[[action]]`: what they become, whose they are, and what is refused.

use super::{super::*, files, read, said, wrong::shows};
use crate::{
    alert::{Fate, Found, Handling, Severity, Story, Who},
    model::{Instant, Lane},
    respond::{Action, Caps, Guards, Made, PLACES, Reaction, Trigger, reacted},
};

const RESPOND: &str = "[respond]\nenabled = true\ndry_run = false\nadministrators = [\"Admin@Acme.Example\"]\n";
const ENTRA: &str = r#"
[[responder]]
name = "entra"
component = "builtin:entra"
sources = ["acme"]
actions = ["notify", "sign-out", "suspend"]
config = { tenant = "acme.example", client_id = "1", sender = "security@acme.example" }
certificate = { file = "entra.pem" }
private_key = { env = "ENTRA_KEY" }
allow = ["https://login.microsoftonline.com", "https://graph.microsoft.com"]
"#;
const MIRO: &str = r#"
[[responder]]
name = "miro"
component = "builtin:miro"
sources = ["acme"]
actions = ["sign-out", "suspend"]
config = { organization = "3074457345618265000" }
secrets = { access_token = { env = "MIRO_TOKEN" }, scim_token = { env = "SCIM_TOKEN" } }
allow = ["https://api.miro.com", "https://miro.com"]
"#;
const BETA: &str = "\n[[source]]\nname = \"beta\"\nallow = [\"https://api.miro.com\"]\n";

fn action(text: &str) -> String {
    format!("\n[[action]]\n{text}\n")
}

fn policy(name: &str, rows: &str) -> String {
    format!("\n[[policy]]\nname = \"{name}\"\nseverity = \"high\"\ncategory = \"threat-detection\"\nmatch = [{rows}]\n")
}

fn trigger(detector: &str, policy: &str) -> Trigger {
    Trigger { detector: detector.parse().unwrap(), policy: policy.to_owned() }
}

fn names(responders: &[ResponderConfig]) -> Vec<&str> {
    responders.iter().map(|each| each.name.as_str()).collect()
}

macro_rules! wrong {
    ($($name:ident: [$($part:expr),+ $(,)?],)+) => {
        $(
            #[test]
            fn $name() {
                shows(stringify!($name), &format!("{{source}}\n{}", [$($part.to_string()),+].concat()));
            }
        )+
    };
}

wrong! {
    respond_with_odd_values: ["[respond]\nenabled = \"yes\"\ndry_run = 1\nact_within = \"2d\"\napprove = [\"suspnd\"]\nfour_eyes = \"no\"\nsuspensions_per_hour = -1\nsuspensions_per_day = \"5\"\nexclude = [\"Ann Smith\"]\nadministrators = \"admin@acme.example\"\n"],
    respond_with_two_brackets: ["[[respond]]\nenabled = true\n"],
    respond_with_a_misspelt_key: ["[respond]\nenable = true\n"],
    a_responder_without_anything: ["[[responder]]\n"],
    a_responder_with_one_bracket: ["[responder]\nname = \"entra\"\n"],
    a_responder_with_odd_values: ["[[responder]]\nname = \"en tra\"\ncomponent = \"builtin:entar\"\nsources = []\nactions = [\"sign_out\", \"delete\"]\ndirectory = \"yes\"\nconfig = { client_secret = \"ZaVnC4dhaV1\" }\nallow = [\"graph.microsoft.com\"]\n"],
    a_responder_that_may_do_nothing: [ENTRA.replace("[\"notify\", \"sign-out\", \"suspend\"]", "[]")],
    a_responder_in_miro_that_sends_mail: [MIRO.replace("[\"sign-out\"", "[\"notify\"")],
    a_responder_in_miro_that_is_a_directory: [MIRO.replace("config", "directory = true\nconfig")],
    a_responder_in_miro_with_a_certificate: [MIRO.replace("allow", "certificate = { file = \"a.pem\" }\nprivate_key = { file = \"a.key\" }\nallow")],
    groups_without_a_directory: [ENTRA.replace("config", "groups = [\"Contractors\"]\nconfig")],
    mail_without_a_sender: [ENTRA.replace(", sender = \"security@acme.example\"", "")],
    a_certificate_without_its_key: [ENTRA.replace("private_key = { env = \"ENTRA_KEY\" }\n", "")],
    a_key_without_its_certificate: [ENTRA.replace("certificate = { file = \"entra.pem\" }\n", "")],
    two_ways_to_authenticate: [ENTRA.replace("allow", "secrets = { client_secret = { env = \"SECRET\" } }\nallow")],
    a_certificate_and_a_federated_token: [ENTRA.replace("allow", "federated_token = { file = \"token\" }\nallow")],
    no_way_to_authenticate: [ENTRA.replace("private_key = { env = \"ENTRA_KEY\" }\n", "").replace("certificate = { file = \"entra.pem\" }\n", "")],
    an_assertion_among_the_secrets: [ENTRA.replace("allow", "secrets = { assertion = { env = \"JWT\" } }\nallow")],
    two_responders_with_one_name: [ENTRA, ENTRA],
    a_responder_of_a_source_that_is_not_there: [ENTRA.replace("[\"acme\"]", "[\"amce\"]")],
    an_action_without_anything: ["[[action]]\n"],
    an_action_with_odd_values: [RESPOND, ENTRA, action("policies = []\ndo = \"supsend\"\nwith = []\nseverity = \"hihg\"")],
    an_action_that_takes_something_back: [RESPOND, ENTRA, action("policies = [\"impossible-travel\"]\ndo = \"restore\"")],
    a_text_for_what_is_no_mail: [RESPOND, ENTRA, action("policies = [\"impossible-travel\"]\ndo = \"sign-out\"\nsubject = \"Hello\"")],
    a_mail_with_places_that_nothing_fills: [RESPOND, ENTRA, action("policies = [\"impossible-travel\"]\ndo = \"notify\"\nsubject = \"About {titel}\"\ntext = \"{user}: {account_id}, { this } is none\"\ncopy = [\"soc\"]\nmanager = \"yes\"")],
    an_action_about_a_policy_that_nobody_has: [RESPOND, ENTRA, action("policies = [\"imposible-travel\", \"exfiltration\"]\ndo = \"notify\"")],
    an_action_with_a_responder_that_there_is_not: [RESPOND, ENTRA, action("policies = [\"impossible-travel\"]\ndo = \"notify\"\nwith = [\"entar\"]")],
    an_action_that_its_responder_may_not_do: [RESPOND, ENTRA, action("policies = [\"impossible-travel\"]\ndo = \"confirm-compromised\"\nwith = [\"entra\"]")],
    an_action_that_nobody_may_do: [RESPOND, ENTRA, action("policies = [\"impossible-travel\"]\ndo = \"confirm-compromised\"")],
    an_action_that_several_may_do: [RESPOND, ENTRA, MIRO, action("policies = [\"impossible-travel\"]\ndo = \"suspend\"")],
    an_action_with_the_responder_of_another_source: [BETA, RESPOND, ENTRA, policy("exports", "{ filter = \"activity.type\", equals = \"exported\" }").replace("match", "sources = [\"beta\"]\nmatch"), action("policies = [\"exports\"]\ndo = \"notify\"\nwith = [\"entra\"]")],
    two_actions_that_do_the_same: [RESPOND, ENTRA, action("policies = [\"impossible-travel\"]\ndo = \"notify\""), action("policies = [\"mass-download\", \"impossible-travel\"]\ndo = \"notify\"\nseverity = \"low\"")],
    a_suspension_where_nobody_tells_administrators: ["[respond]\nenabled = true\n", ENTRA, action("policies = [\"impossible-travel\"]\ndo = \"suspend\"")],
    a_suspension_because_of_an_address: [RESPOND, ENTRA, action("policies = [\"anonymous-ip\", \"suspicious-ip\"]\ndo = \"suspend\"")],
    a_sign_out_because_of_failed_sign_ins: [RESPOND, ENTRA, action("policies = [\"failed-logins\"]\ndo = \"sign-out\"")],
    a_suspension_by_a_policy_of_failures: [RESPOND, ENTRA, policy("failures", "{ filter = \"activity.type\", equals = \"sign-in\" }, { filter = \"activity.outcome\", equals = \"failure\" }"), action("policies = [\"failures\"]\ndo = \"suspend\"")],
    a_suspension_by_a_policy_of_addresses: [RESPOND, ENTRA, policy("abroad", "{ filter = \"location.country\", does_not_equal = \"PT\" }, { filter = \"ip.tag\", equals = \"tor\" }"), action("policies = [\"abroad\"]\ndo = \"suspend\"")],
}

#[test]
fn every_key_of_what_acts_arrives() {
    let text = [
        "{source}\n",
        "[respond]\nenabled = true\ndry_run = false\nact_within = \"2h\"\napprove = [\"suspend\"]\nfour_eyes = true\nsuspensions_per_hour = 1\nsuspensions_per_day = 2\n",
        "exclude = [\"Break-Glass@Acme.Example\", \"3458764Ab\"]\nadministrators = [\"admin@acme.example\"]\n",
        &ENTRA.replace("config", "directory = true\ninterval = \"10m\"\ngroups = [\"Contractors\"]\nconfig"),
        MIRO,
        "[[responder]]\nname = \"cloud\"\ncomponent = \"builtin:entra\"\nactions = []\ndirectory = true\nconfig = { tenant = \"a\", client_id = \"b\" }\nfederated_token = { file = \"token\" }\nallow = [\"https://login.microsoftonline.com\"]\n",
        &action("policies = [\"impossible-travel\", \"terminated-user\"]\ndo = \"suspend\"\nwith = [\"entra\", \"miro\"]\nseverity = \"medium\""),
        &action("policies = [\"failed-logins\"]\ndo = \"notify\"\nsubject = \"About {title}\"\ntext = \"Dear {user}\"\ncopy = [\"soc@acme.example\"]\nmanager = true"),
    ]
    .concat();
    let folder = files(&[("miro-source.toml", &text)]);
    let config = load(&folder.path().join("miro-source.toml")).unwrap();
    let all = format!("{:#?}\n{:#?}\n{:#?}\n{:#?}", config.respond, config.responders, config.actions, config.warnings);
    insta::assert_snapshot!(said(folder.path(), all));
    let Guards { act_within, exclude, administrators, caps, dry_run, approve, four_eyes } = config.respond.guards();
    assert_eq!((act_within.as_secs(), caps), (7200, Caps { hour: 1, day: 2, permille: 5 }));
    assert_eq!((dry_run, approve, four_eyes), (false, vec![Action::Suspend], true));
    assert_eq!(exclude, ["break-glass@acme.example", "3458764ab"], "lower case, as guards compare");
    assert_eq!(administrators, ["admin@acme.example"]);
}

#[test]
fn without_a_word_nothing_acts_and_nothing_is_warned_of() {
    let config = read("{source}\n").unwrap();
    assert_eq!((config.respond.clone(), names(&config.responders), config.actions.len()), (RespondConfig::default(), vec![], 0));
    assert!(!config.respond.enabled && config.respond.dry_run);
    let text = format!("{{source}}\n{ENTRA}{}", action("policies = [\"impossible-travel\"]\ndo = \"notify\""));
    assert_eq!(reactions(&read(&text).unwrap()), [], "not enabled");
}

#[test]
fn what_works_and_is_perhaps_not_meant_is_warned_of() {
    let secret = ENTRA
        .replace("private_key = { env = \"ENTRA_KEY\" }\n", "")
        .replace("certificate = { file = \"entra.pem\" }", "secrets = { client_secret = { env = \"ENTRA_SECRET\" } }");
    let exports = policy("exports", "{ filter = \"activity.type\", equals = \"exported\" }").replace("high", "low");
    let text = [
        "{source}\n",
        RESPOND.replace("dry_run = false\n", "").as_str(),
        &secret,
        MIRO,
        &exports,
        &action("policies = [\"impossible-travel\", \"exports\"]\ndo = \"suspend\"\nwith = [\"entra\"]"),
    ]
    .concat();
    let folder = files(&[("c.toml", &text)]);
    insta::assert_snapshot!(said(folder.path(), load(&folder.path().join("c.toml")).unwrap().warnings.join("\n")));
    let both = text.replace("with = [\"entra\"]", "with = [\"entra\", \"miro\"]").replace("entra\", \"miro\"]\"", "");
    assert!(!read(&both).unwrap().warnings.iter().any(|warning| warning.contains("a session that is open in Miro")));
}

#[test]
fn only_what_somebody_with_the_account_did_has_them_suspended() {
    let accepts = |rows: &str| {
        let text = format!("{{source}}\n{RESPOND}{ENTRA}{}{}", policy("own", rows), action("policies = [\"own\"]\ndo = \"suspend\""));
        read(&text).is_ok()
    };
    let sign_in = "{ filter = \"activity.trait\", equals = \"sign-in\" }";
    let success = "{ filter = \"activity.outcome\", equals = \"success\" }";
    let failure = "{ filter = \"activity.outcome\", equals = \"failure\" }";
    let tor = "{ filter = \"ip.tag\", equals = \"tor\" }";
    let group = "{ filter = \"user.group\", equals = \"Contractors\" }";
    for rows in [
        "{ filter = \"activity.type\", equals = [\"exported\", \"downloaded\"] }".to_owned(),
        format!("{{ filter = \"activity.type\", equals = \"exported\" }}, {failure}"),
        format!("{{ filter = \"administrative\", equals = true }}, {tor}"),
        format!("{sign_in}, {success}, {tor}"),
        format!("{{ filter = \"activity.action\", equals = \"sign_in_succeeded\" }}, {group}"),
        format!("{group}, {{ filter = \"activity.outcome\", does_not_equal = \"failure\" }}"),
        format!("{group}, {{ filter = \"activity.action\", does_not_equal = \"sign_in_failed\" }}"),
    ] {
        assert!(accepts(&rows), "{rows}");
    }
    for rows in [
        sign_in.to_owned(),
        format!("{sign_in}, {tor}"),
        format!("{sign_in}, {failure}"),
        failure.to_owned(),
        "{ filter = \"activity.action\", equals = \"sign_in_failed\" }".to_owned(),
        "{ filter = \"text\", contains = \"login\" }".to_owned(),
        tor.to_owned(),
        format!("{tor}, {success}"),
        "{ filter = \"ip.address\", equals = \"198.51.100.0/24\" }, { filter = \"lane\", equals = \"live\" }".to_owned(),
        group.to_owned(),
    ] {
        assert!(!accepts(&rows), "{rows}");
    }
    for rule in ["failed-logins", "anonymous-ip", "suspicious-ip"] {
        let of =
            |done: &str| read(&format!("{{source}}\n{RESPOND}{ENTRA}{}", action(&format!("policies = [\"{rule}\"]\ndo = \"{done}\""))));
        assert!(of("suspend").is_err() && of("sign-out").is_err() && of("notify").is_ok(), "{rule}");
    }
    let rest = "\"infrequent-country\", \"impossible-travel\", \"terminated-user\", \"unusual-administration\", \"unusual-impersonation\", \
                \"disabled-user\", \"mass-download\", \"mass-share\", \"mass-delete\", \"inactive-account\"";
    assert!(read(&format!("{{source}}\n{RESPOND}{ENTRA}{}", action(&format!("policies = [{rest}]\ndo = \"suspend\"")))).is_ok());
}

#[test]
fn what_another_detector_finds_is_acted_on_only_when_a_person_approves() {
    let text = |respond: &str, done: &str| {
        let detector = "\n[[detector]]\nname = \"own\"\ncomponent = \"own.wasm\"\n";
        format!("{{source}}\n{respond}{ENTRA}{detector}{}", action(&format!("policies = [\"own-rule\"]\ndo = \"{done}\"")))
    };
    let approve = format!("{RESPOND}approve = [\"suspend\"]\n");
    let run = |text: &str| {
        let folder = files(&[("c.toml", text), ("own.wasm", "")]);
        load(&folder.path().join("c.toml"))
    };
    assert!(run(&text(RESPOND, "notify")).is_ok());
    assert!(run(&text(&approve, "suspend")).is_ok());
    let refused = run(&text(RESPOND, "suspend")).unwrap_err().to_string();
    assert!(refused.contains("is a rule of a detector that is not built in") && refused.contains("approve = [\"suspend\"]"), "{refused}");
}

#[test]
fn a_rule_is_that_of_its_detector_and_whose_it_is_has_to_be_clear() {
    let detector = |name: &str, component: &str| format!("\n[[detector]]\nname = \"{name}\"\ncomponent = \"{component}\"\n");
    let (built_in, own, other) = (detector("detect", "builtin:detect"), detector("own", "own.wasm"), detector("other", "own.wasm"));
    let strict = detector("strict", "builtin:detect");
    let run = |detectors: &[&String], policies: &str| {
        let exports = policy("exports", "{ filter = \"activity.type\", equals = \"exported\" }");
        let detectors: String = detectors.iter().map(|text| text.as_str()).collect();
        let text =
            format!("{{source}}\n{RESPOND}{ENTRA}{exports}{detectors}{}", action(&format!("policies = [{policies}]\ndo = \"notify\"")));
        let folder = files(&[("c.toml", &text), ("own.wasm", "")]);
        load(&folder.path().join("c.toml")).map(|config| reactions(&config).remove(0).policies).map_err(|why| why.to_string())
    };
    let refused = |detectors: &[&String], policies: &str| run(detectors, policies).unwrap_err();
    // Somebody else's detector beside it has no say in what the one that is built in finds.
    let all = run(&[&built_in, &own], "\"impossible-travel\", \"exports\", \"own-rule\"").unwrap();
    assert_eq!(all, [trigger("detect", "impossible-travel"), trigger("detect", "exports"), trigger("own", "own-rule")]);
    let both = run(&[&built_in, &own], "\"own/impossible-travel\", \"detect/impossible-travel\"").unwrap();
    assert_eq!(both, [trigger("own", "impossible-travel"), trigger("detect", "impossible-travel")]);
    assert_eq!(run(&[], "\"detect/impossible-travel\"").unwrap(), [trigger("detect", "impossible-travel")]);
    assert_eq!(run(&[&own], "\"impossible-travel\"").unwrap(), [trigger("own", "impossible-travel")], "nobody else judges");

    let why = refused(&[&own, &other], "\"own-rule\"");
    assert!(why.contains("may be a rule of 2 detectors") && why.contains("say whose: \"own/own-rule\" or \"other/own-rule\""), "{why}");
    let why = refused(&[&built_in, &strict], "\"impossible-travel\"");
    assert!(why.contains("\"detect/impossible-travel\" or \"strict/impossible-travel\""), "{why}");
    assert_eq!(run(&[&built_in, &strict], "\"strict/exports\"").unwrap(), [trigger("strict", "exports")]);
    let why = refused(&[&built_in], "\"detect/own-rule\"");
    assert!(why.contains("detector \"detect\" has no rule \"own-rule\""), "{why}");
    // The same in other words is the same.
    let same = refused(&[&built_in], "\"detect/impossible-travel\", \"impossible-travel\"");
    assert!(same.contains("two actions have"), "{same}");
    // Who says whose does not get past what is asked of the evidence.
    let text = format!("{{source}}\n{RESPOND}{ENTRA}{}", action("policies = [\"detect/failed-logins\"]\ndo = \"suspend\""));
    assert!(read(&text).unwrap_err().to_string().contains("by sign-ins that may all have failed"));
}

#[test]
fn suspending_takes_somebody_who_tells_administrators_or_a_person() {
    let suspend = action("policies = [\"impossible-travel\"]\ndo = \"suspend\"\nwith = [\"entra\"]");
    for (respond, miro, right) in [
        ("[respond]\nadministrators = [\"admin@acme.example\"]\n", "", true),
        ("[respond]\napprove = [\"suspend\"]\n", "", true),
        ("", MIRO, true),
        ("", &MIRO.replace("organization = \"3074457345618265000\"", ""), false),
        ("", "", false),
    ] {
        assert_eq!(read(&format!("{{source}}\n{respond}{ENTRA}{miro}{suspend}")).is_ok(), right, "{respond}{miro}");
    }
}

#[test]
fn a_customer_brings_responders_and_actions_for_its_own_source_only() {
    let main =
        format!("include = [\"customers/*.toml\"]\n{{source}}\n{RESPOND}{ENTRA}{}", action("policies = [\"mass-share\"]\ndo = \"notify\""));
    let own = ENTRA.replace("\"entra\"\ncomp", "\"beta-entra\"\ncomp").replace("sources = [\"acme\"]\n", "");
    let done = action("policies = [\"impossible-travel\"]\ndo = \"notify\"");
    let beta = format!("{BETA}{own}{done}");
    let run = |beta: &str| {
        let folder = files(&[("m.toml", &main), ("customers/beta.toml", beta)]);
        let config = load(&folder.path().join("m.toml")).unwrap();
        let broken = said(folder.path(), config.broken.iter().map(|each| each.message.clone()).collect::<String>());
        (config, broken)
    };
    let (config, broken) = run(&beta);
    assert_eq!((names(&config.responders), broken.as_str()), (vec!["entra", "beta-entra"], ""));
    let found: Vec<_> =
        reactions(&config).into_iter().map(|each| (each.source.to_string(), each.responder.to_string(), each.policies)).collect();
    let expected = |source: &str, by: &str, policy: &str| (source.to_owned(), by.to_owned(), vec![trigger("detect", policy)]);
    assert_eq!(
        found,
        [
            expected("acme", "entra", "mass-share"),
            expected("beta", "beta-entra", "mass-share"),
            expected("beta", "beta-entra", "impossible-travel")
        ],
        "the main file's action is about every source of which exactly one responder may do it"
    );

    let (config, broken) = run(&format!("{beta}[respond]\nenabled = true\n"));
    assert!(broken.contains("`respond` does not belong in an included file"), "{broken}");
    assert_eq!(names(&config.responders), ["entra"], "a wrong customer stops alone");
    let (_, broken) = run(&beta.replace("actions =", "sources = [\"acme\"]\nactions ="));
    assert!(broken.contains("there is no source \"acme\" in this file for responder \"beta-entra\""), "{broken}");
    let (_, broken) = run(&format!("{BETA}{}", action("policies = [\"impossible-travel\"]\ndo = \"notify\"\nwith = [\"entra\"]")));
    assert!(broken.contains("responder \"entra\" acts on users of acme, and this action is about source \"beta\""), "{broken}");
    let (_, broken) = run(&beta.replace("beta-entra", "entra"));
    assert!(broken.contains("two responders are called \"entra\""), "{broken}");
    let main_names_beta = main.replace("do = \"notify\"", "do = \"notify\"\nwith = [\"entra\", \"beta-entra\"]");
    let folder = files(&[("m.toml", &main_names_beta), ("customers/beta.toml", "[[source]]\n")]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert!(
        config.warnings.iter().any(|warning| warning.contains("\"beta-entra\", which may be in a file that is wrong")),
        "{:?}",
        config.warnings
    );
    assert_eq!(config.actions[0].with.len(), 1);
}

#[test]
fn a_reaction_is_a_new_one_when_anything_behind_it_changes() {
    let exports = policy("exports", "{ filter = \"activity.type\", equals = \"exported\" }");
    let detector =
        "\n[[detector]]\nname = \"detect\"\nconfig = { sensitivity = \"medium\", rules = { mass-share = { sensitivity = \"low\" } } }\n";
    let rule = action("policies = [\"impossible-travel\"]\ndo = \"notify\"");
    let text = format!(
        "{{source}}\n{RESPOND}{ENTRA}{exports}{detector}{rule}{}",
        action("policies = [\"exports\"]\ndo = \"suspend\"\nseverity = \"medium\"")
    );
    let of = |text: &str| reactions(&read(text).unwrap());
    let before = of(&text);
    let [notify, suspend] = before.as_slice() else { panic!("{before:?}") };
    assert_eq!((notify.action, notify.severity, notify.approvals, notify.dry_run), (Action::Notify, Severity::High, 0, false));
    assert_eq!((suspend.action, suspend.severity, suspend.since), (Action::Suspend, Severity::Medium, Instant::EPOCH));
    assert!(notify.mail.is_some() && suspend.mail.is_none());
    assert_eq!(of(&text), before, "nothing changed");

    let changed = |text: &str| {
        let after = of(text);
        let new = |one: &Reaction, other: &Reaction| one.digest != other.digest;
        (new(&before[0], &after[0]), new(&before[1], &after[1]))
    };
    assert_eq!(changed(&text.replace("equals = \"exported\"", "equals = \"downloaded\"")), (false, true), "the text of the policy");
    assert_eq!(changed(&text.replace("mass-share = {", "mass-delete = {")), (false, false), "another rule of the detector");
    assert_eq!(changed(&text.replace("mass-share = {", "impossible-travel = {")), (true, false), "this rule");
    assert_eq!(changed(&text.replace("sensitivity = \"medium\"", "sensitivity = \"high\"")), (true, false), "what holds for all rules");
    assert_eq!(changed(&text.replace("severity = \"medium\"\n", "")), (false, true));
    assert_eq!(changed(&text.replace("dry_run = false", "dry_run = true")), (true, true));

    let approve = text.replace("dry_run = false", "dry_run = false\napprove = [\"suspend\"]");
    let approvals = |text: &str| of(text).iter().map(|each| each.approvals).collect::<Vec<_>>();
    assert_eq!(approvals(&approve), [0, 1]);
    assert_eq!(approvals(&approve.replace("dry_run = false", "dry_run = false\nfour_eyes = true")), [0, 2]);
    let four_eyes = text.replace("dry_run = false", "dry_run = false\nfour_eyes = true");
    assert_eq!(approvals(&four_eyes), [0, 0]);
    assert!(of(&four_eyes).iter().all(|each| each.four_eyes));
    assert_eq!(changed(&four_eyes), (false, false), "what is done by itself is the same");
}

#[test]
fn every_place_is_filled_and_so_is_the_mail_that_is_built_in() {
    let text = format!("{{source}}\n{RESPOND}{ENTRA}{}", action("policies = [\"impossible-travel\"]\ndo = \"notify\""));
    let mut reactions = reactions(&read(&text).unwrap());
    let mail = mail(None, Some(format!("{}{}", mail(None, None).text, PLACES.concat())));
    reactions[0].mail = Some(mail);
    let story = Story {
        title: "Impossible travel".into(),
        severity: Severity::High,
        who: Who { email: Some("eve@acme.example".into()), ..Who::default() },
        reasons: vec!["from Lisbon, then from Sydney".into()],
        ..Story::default()
    };
    let (lane, received, handling) = (Lane::Live, Instant::EPOCH, Handling::ANOMALY);
    let found = Found { policy: "impossible-travel".into(), key: "k".into(), story, lane, received, handling };
    let detector = "detect".parse().unwrap();
    let made = Made {
        detector: &detector,
        found: &found,
        fate: Fate::Raised(crate::alert::AlertId(1)),
        severity: Severity::High,
        at: Instant::EPOCH,
    };
    let responses = reacted(&reactions, made);
    let filled = responses[0].mail.clone().unwrap();
    assert!(!filled.text.contains(['{', '}']) && !filled.subject.contains(['{', '}']), "{filled:?}");
    assert_eq!(filled.subject, "Please check: Impossible travel");
    assert!(filled.text.contains("- from Lisbon, then from Sydney") && filled.text.contains("eve@acme.example"));
}

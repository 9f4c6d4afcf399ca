//! The attacks that go through a whole host: what each does, and what an operator reads of it.

use serde_json::{Value, json};

/// The component that attacks.
#[derive(Clone, Debug)]
pub(crate) enum Weapon {
    /// The crate, with this plan.
    Plan(Value),
    /// A text.
    Text(&'static str),
}

/// Where an operator reads of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// In the source's status, and in the log.
    Problem,
    /// In the log: the page is taken all the same.
    Log,
    /// In the log when the host starts, and in the status: it does not run.
    Start,
    /// Nowhere: it gains nothing and harms nobody.
    Nowhere,
}

/// One attack.
#[derive(Clone, Debug)]
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) weapon: Weapon,
    pub(crate) allow: Vec<String>,
    pub(crate) told: Told,
    /// Part of what is told.
    pub(crate) text: &'static str,
    /// With a pair of tokens that can be refreshed.
    pub(crate) refreshes: bool,
}

fn attack(name: &'static str, weapon: Weapon, told: Told, text: &'static str) -> Attack {
    Attack { name, weapon, allow: vec!["https://granted.example".to_owned()], told, text, refreshes: false }
}

fn plan(name: &'static str, plan: Value, text: &'static str) -> Attack {
    attack(name, Weapon::Plan(plan), Told::Problem, text)
}

/// A request to an origin, which the plan declares.
fn request(name: &'static str, url: &str, allow: &str, text: &'static str) -> Attack {
    let plan = json!({"attack": "request", "url": url, "origins": [allow]});
    Attack { allow: vec![allow.to_owned()], ..attack(name, Weapon::Plan(plan), Told::Problem, text) }
}

/// What the far sides of the attacks are.
pub(crate) struct FarSides {
    /// Drips for ever.
    pub(crate) drip: String,
    /// Sends a body without end.
    pub(crate) endless: String,
    /// Sends everybody elsewhere.
    pub(crate) redirecting: String,
}

/// All of them.
pub(crate) fn all(far: &FarSides) -> Vec<Attack> {
    const FAR: u64 = i64::MAX as u64;
    let granted = "https://granted.example";
    let mut all = vec![
        plan("loop", json!({"attack": "loop"}), "the component took too long"),
        plan("loop_later", json!({"attack": "loop", "after": 2}), "the component took too long"),
        plan("memory", json!({"attack": "memory"}), "the component needed more memory than it may have"),
        plan("trap", json!({"attack": "trap"}), "the component stopped: wasm trap: wasm `unreachable` instruction executed"),
        plan("growing", json!({"attack": "growing", "count": 40, "size": 1_000_000}), "the component returned more than it may"),
        plan("origins", json!({"attack": "many-origins", "at": "origins", "count": 1_000_000}), "the component returned more than it may"),
        plan("origin", json!({"attack": "long-origin", "at": "origins", "size": 1_000_000}), "an origin is 1000008 bytes long"),
        plan("failure", json!({"attack": "protocol", "size": 1_000_000, "text": "\u{1b}[2J"}), "[2J"),
        plan("checkpoint", json!({"attack": "checkpoint", "text": "[1]"}), "the checkpoint is not a JSON object"),
        plan("begin", json!({"attack": "checkpoint", "at": "begin", "text": "17"}), "the checkpoint is not a JSON object"),
        plan("id", json!({"attack": "id"}), "event 0 of the page: an empty id"),
        plan("long_id", json!({"attack": "long-id", "size": 1_000_000}), "the id is 1000000 bytes long, at most 1024 are allowed"),
        plan("record", json!({"attack": "record", "text": "{}\n{}"}), "the record is not JSON"),
        plan("time", json!({"attack": "event-time", "number": FAR}), "past the year 9999"),
        plan("through", json!({"attack": "through", "number": FAR}), "past the year 9999"),
        plan("gaps", json!({"attack": "gaps", "count": 1000}), "a page with 1000 gaps, at most 100 are allowed"),
        plan("throttled", json!({"attack": "throttled", "number": FAR}), "the vendor asks to wait 86400 s"),
        plan("open", json!({"attack": "open", "count": 5000}), "resource table has no free keys"),
        plan(
            "hold",
            json!({"attack": "requests", "url": "https://granted.example/", "count": 5000, "text": "keep", "origins": [granted]}),
            "resource table has no free keys",
        ),
        plan(
            "post",
            json!({"attack": "request", "url": "https://granted.example/", "method": "POST", "size": 1 << 30, "origins": [granted]}),
            "posted more than 1048576 bytes",
        ),
        plan(
            "tunnel",
            json!({"attack": "request", "url": "https://granted.example/", "method": "CONNECT", "origins": [granted]}),
            "with the method CONNECT",
        ),
        plan(
            "host_header",
            json!({"attack": "request", "url": "https://granted.example/", "headers": [["host", "evil.example"]], "origins": [granted]}),
            "header refused: HeaderError::Forbidden",
        ),
        request(
            "not_granted",
            "https://evil.example/",
            granted,
            "the component asked for https://evil.example, which `allow` of the source does not grant",
        ),
        request("plain", "http://granted.example/", granted, "the component asked for http://granted.example, which is not https"),
        request("private", "https://169.254.169.254/", "https://169.254.169.254", "https://169.254.169.254 is not on the public Internet"),
        request("mapped", "https://[::ffff:7f00:1]/", "https://[::ffff:7f00:1]", "is not on the public Internet"),
        // The resolver of these tests answers 127.0.0.1 to every name.
        request(
            "name",
            "https://granted.example/",
            granted,
            "granted.example resolves to 127.0.0.1, which is not an address of the public Internet",
        ),
        request("drip", &format!("{}/", far.drip), &far.drip, "the component took too long"),
        request("endless", &format!("{}/", far.endless), &far.endless, "the body broke off after"),
        attack("recursion", Weapon::Text("recursion"), Told::Problem, "call stack exhausted"),
        attack("table", Weapon::Text("table"), Told::Problem, "the component needed more memory than it may have"),
        attack("start", Weapon::Text("start"), Told::Problem, "the component took too long"),
        attack("outside", Weapon::Text("outside"), Told::Problem, "out of bounds"),
        attack(
            "files",
            Weapon::Text("files"),
            Told::Start,
            "the component imports `wasi:filesystem/preopens@0.2.12`, which no component gets",
        ),
        attack("sockets", Weapon::Text("sockets"), Told::Start, "the component imports `wasi:sockets/instance-network@0.2.12`"),
        attack("environment", Weapon::Text("environment"), Told::Start, "the component imports `wasi:cli/environment@0.2.12`"),
        attack(
            "warnings",
            Weapon::Plan(json!({"attack": "warnings", "count": 1000, "size": 5000, "text": "\u{1b}[2J"})),
            Told::Log,
            "lines were left out",
        ),
        attack(
            "requests",
            Weapon::Plan(json!({"attack": "requests", "url": "https://granted.example/", "count": 5000, "origins": [granted]})),
            Told::Log,
            "the component asked for more than 1 requests in one call",
        ),
        attack("spin", Weapon::Plan(json!({"attack": "spin"})), Told::Nowhere, ""),
        attack("after", Weapon::Plan(json!({"attack": "after", "number": FAR})), Told::Nowhere, ""),
        attack("meter", Weapon::Plan(json!({"attack": "meter", "number": FAR})), Told::Nowhere, ""),
        plan("clock", json!({"attack": "clock", "number": FAR}), "this machine's clock is"),
        Attack {
            refreshes: true,
            ..plan(
                "token",
                json!({"attack": "long-token", "size": 1_000_000, "at": "collect,refresh"}),
                "the answer to a token refresh was lost",
            )
        },
        Attack {
            refreshes: true,
            ..plan("expiry", json!({"attack": "far-expiry", "at": "collect,refresh"}), "the vendor refuses the access token")
        },
    ];
    let redirected = json!({"attack": "request", "url": format!("{}/", far.redirecting), "origins": [far.redirecting]});
    all.push(Attack { allow: vec![far.redirecting.clone()], ..attack("redirect", Weapon::Plan(redirected), Told::Nowhere, "") });
    all
}

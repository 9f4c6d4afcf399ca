//! I5: no secret in anything a host writes, whatever the vendors say and however much it logs.

mod scan;

use std::path::PathBuf;

use miro_source::{clock::SystemClock, model::Instant};
use miro_source_tests::{
    command::Ran,
    host::Host,
    patience::until,
    stage::{HOUR, Recipe, Stage, Token},
};
use simulator::{Endpoint, Fault, Organization, Pair, Rule, Settings, Spec, World};

use self::scan::Secrets;

const SEED: u64 = 0x5ec_2e75;
/// 32 bytes in hex, as the configuration may have them.
const KEY: &str = "c0ffee5ec2e7a11ce0b0bd15ea5ed0ddba11f00dcafe4b1dbaad7ea5f1a5c0de";

fn organization() -> Organization {
    let now = Instant::system().0;
    let spec = Spec { from: now - 5 * HOUR, to: now - HOUR, events: 600, late_share: 0.0, ..Spec::default() };
    Organization::generate(SEED, spec)
}

/// Everything in play, and everything that was ever said.
struct Play {
    stage: Stage,
    world: World,
    config: PathBuf,
    secrets: Secrets,
    said: Vec<(String, String)>,
    log_format: &'static str,
}

impl Play {
    async fn open(log_format: &'static str) -> Self {
        let world = World::new(organization(), Settings::default());
        let stage = Stage::start(world.clone(), std::sync::Arc::new(SystemClock)).await.unwrap();
        let recipe = Recipe { interval: "1s".into(), since: "6h".into(), token: Token::Rotating, ..Recipe::default() };
        let config = stage.configure(&recipe, Instant::system()).unwrap();
        stage.secret("key", KEY).unwrap();
        let text = format!("{}\n[log]\nformat = \"{log_format}\"\n", std::fs::read_to_string(&config).unwrap());
        std::fs::write(&config, text).unwrap();
        let mut secrets = Secrets::default();
        secrets.add("the client secret", &world.client_secret());
        secrets.add("the key of the store", KEY);
        secrets.add_bytes("the key of the store, raw", &scan::from_hex(KEY));
        secrets.add("the token of Sumo Logic", &world.sumo_token());
        // The same seed draws the same tokens: these are all that this world will issue, the codes among them.
        let twin = World::new(organization(), Settings::default());
        for number in 1..=60 {
            let token = twin.issue_static();
            // What is before it is the same in every token and tells the region.
            secrets.add(&format!("token {number}"), token.rsplit_once("In0_").or(token.split_once('_')).unwrap().1);
        }
        Self { stage, world, config, secrets, said: Vec::new(), log_format }
    }

    fn heard(&mut self, what: &str, text: String) {
        self.said.push((what.to_owned(), text));
    }

    /// A command at the loudest.
    async fn command(&mut self, args: &[&str]) -> Ran {
        let all: Vec<&str> = ["--log", "trace"].into_iter().chain(args.iter().copied()).collect();
        let ran = Ran::of(&self.config, &all).await.unwrap();
        self.heard(&args.join(" "), ran.said());
        ran
    }

    fn host(&self) -> Host {
        let args = ["--log", "trace,hyper=trace,reqwest=trace,hyper_util=trace,rustls=trace", "run"];
        Host::start(Stage::demo_binary(), &self.config, &args, &[], &self.stage.path("host.log")).unwrap()
    }

    async fn caught_up(&self, host: &Host) {
        until("nothing is left", || self.world.account(Instant::system().0).lost == 0)
            .await
            .unwrap_or_else(|why| panic!("{why}\n{}", host.log()));
    }

    fn happen(&self) {
        let now = Instant::system().0;
        for at in 0..20 {
            self.world.add_event(now - 60_000 + at, now, "board_opened");
        }
    }

    /// A pair that nobody has used yet, where the host finds it.
    fn renew(&self) -> Pair {
        let pair = self.world.issue(Instant::system().0);
        self.stage.secret("acme_access_token", &pair.access).unwrap();
        self.stage.secret("acme_refresh_token", &pair.refresh).unwrap();
        pair
    }

    /// What the far side, or a proxy on the way, may say: the secrets of the request, back again.
    fn echo(&self, endpoint: Endpoint) -> String {
        let read = |name: &str| std::fs::read_to_string(self.stage.path(name)).unwrap();
        let said = match endpoint {
            Endpoint::Sumo | Endpoint::SumoPing => return format!("The requested URL {} was refused", self.stage.server.sumo_url),
            Endpoint::Token => {
                let encoded: String = url::form_urlencoded::byte_serialize(read("acme_refresh_token").as_bytes()).collect();
                format!("client_secret={}&refresh_token={encoded}", read("client_secret"))
            }
            _ => format!("Authorization: Bearer {}", read("acme_access_token")),
        };
        // Both words are quoted in messages; the second is cut off somewhere.
        serde_json::json!({ "status": 400, "code": said, "message": format!("{} {said}", "x".repeat(150)), "type": "error" }).to_string()
    }

    fn strike(&self, endpoint: Endpoint, status: u16) -> u64 {
        let body = self.echo(endpoint);
        self.world.add_rule(Rule::new(endpoint, Fault::Status { status, body: Some(body), retry_after: None }).times(2))
    }

    async fn struck(&self, host: &Host, rule: u64) {
        until("the refusal was given", || self.world.struck(rule) > 0).await.unwrap_or_else(|why| panic!("{why}\n{}", host.log()));
    }

    /// Looks through everything that was said, and every file except those the user wrote.
    fn reveal_nothing(&self) {
        let own: Vec<PathBuf> = ["miro-source.toml", "key", "client_secret", "acme_access_token", "acme_refresh_token", "sumo_url"]
            .iter()
            .map(|name| self.stage.path(name))
            .collect();
        let mut found = Vec::new();
        let mut files = Vec::new();
        scan::files(self.stage.folder.path(), &mut files);
        for file in files.iter().filter(|file| !own.contains(file)) {
            found.extend(self.secrets.within(&file.display().to_string(), &std::fs::read(file).unwrap()));
        }
        for (what, text) in &self.said {
            found.extend(self.secrets.within(what, text.as_bytes()));
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
        let names: Vec<_> =
            files.iter().filter_map(|file| file.strip_prefix(self.stage.folder.path()).ok()).map(|path| path.display()).collect();
        let names = names.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(" ");
        for wanted in ["host.log", "miro-source.db", ".lock", ".cache"] {
            assert!(names.contains(wanted), "{wanted} was looked through: {names}");
        }
        println!(
            "{}: {} texts and {} files hold none of {} secrets",
            self.log_format,
            self.said.len(),
            files.len() - own.len(),
            self.secrets.count()
        );
    }
}

async fn everything(log_format: &'static str) {
    let mut play = Play::open(log_format).await;

    // Well: a check, a poll, a look around.
    for args in [&["check"][..], &["once"], &["components"], &["status"], &["status", "--json"], &["events"], &["tail", "--no-follow"]] {
        play.command(args).await;
    }
    // A host collects, rotates, and is refused in every way, the refusals quoting the request.
    let host = play.host();
    play.happen();
    play.caught_up(&host).await;
    assert!(play.world.expire(&std::fs::read_to_string(play.stage.path("acme_access_token")).unwrap()));
    until("the pair is rotated", || play.world.account(Instant::system().0).rotations > 0).await.unwrap();
    for (endpoint, status) in [(Endpoint::Sumo, 500), (Endpoint::Sumo, 429)] {
        let rule = play.strike(endpoint, status);
        play.happen();
        play.struck(&host, rule).await;
        play.caught_up(&host).await;
    }
    // Refused long enough that an event may be parked.
    let rule = play.strike(Endpoint::Sumo, 400);
    play.happen();
    play.struck(&host, rule).await;
    play.command(&["parked", "list"]).await;
    play.world.clear_rules();
    let live = play.host_socket_replies().await;
    play.said.extend(live);
    play.command(&["status", "--json"]).await;
    drop(host);
    // Those after which it waits long: each meets a host that has just begun.
    for (endpoint, status) in [
        (Endpoint::Audit, 403),
        (Endpoint::Audit, 429),
        (Endpoint::Audit, 500),
        (Endpoint::Audit, 401),
        (Endpoint::Audit, 400),
        (Endpoint::Sumo, 401),
        (Endpoint::Sumo, 404),
    ] {
        play.renew();
        let rule = play.strike(endpoint, status);
        play.happen();
        let host = play.host();
        play.struck(&host, rule).await;
        play.command(&["status"]).await;
        drop(host);
        play.world.clear_rules();
    }
    for (endpoint, status) in
        [(Endpoint::Context, 403), (Endpoint::Context, 500), (Endpoint::Audit, 403), (Endpoint::SumoPing, 401), (Endpoint::SumoPing, 502)]
    {
        play.renew();
        play.strike(endpoint, status);
        play.command(&["check"]).await;
        play.world.clear_rules();
    }
    // A refresh that is refused, and one answered with nonsense, both quoting it.
    for status in [500, 400] {
        let pair = play.renew();
        play.world.expire(&pair.access);
        play.strike(Endpoint::Token, status);
        play.command(&["once"]).await;
        play.command(&["status"]).await;
        play.command(&["auth", "confirm"]).await;
        play.world.clear_rules();
    }
    // A person fails to authorize: a code that is none, which Miro quotes.
    play.strike(Endpoint::Token, 401);
    let ran = Ran::reading(&play.config, &["--log", "trace", "auth", "--paste", "--no-browser"], "no-such-code\n").await.unwrap();
    assert_ne!(ran.code, 0, "{ran:?}");
    play.heard("auth --paste", ran.said());
    play.world.clear_rules();
    // Wrong configurations, secrets in wrong places among them.
    let right = std::fs::read_to_string(&play.config).unwrap();
    let (secret, url) = (play.world.client_secret(), play.stage.server.sumo_url.clone());
    for wrong in [
        format!("{right}\n[[sink]]\nname = \"x\"\ntype = \"sumo\"\nurl = \"{url}\"\n"),
        format!("{right}\nclient_secret = \"{secret}\n"),
        right.replace("client_id = ", &format!("client_secret = \"{secret}\", client_id = ")),
        right.replace("client_id = ", &format!("access_token = \"{secret}\" client_id = ")),
        format!("{right}\n[store]\nkey = \"{KEY}\"\n"),
        right.replacen("key = {", &format!("key = \"{KEY}\" # {{"), 1),
    ] {
        std::fs::write(&play.config, wrong).unwrap();
        for command in ["check", "once", "status"] {
            let ran = play.command(&[command]).await;
            assert_eq!(ran.code, 2, "{ran:?}");
        }
    }
    play.reveal_nothing();
}

impl Play {
    /// What a running host answers at its socket, to requests that make sense and to ones that do not.
    async fn host_socket_replies(&self) -> Vec<(String, String)> {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let token = std::fs::read_to_string(self.stage.path("acme_refresh_token")).unwrap();
        let requests = [
            "\"nudge\"".to_owned(),
            "{\"retry-parked\":{\"sink\":null,\"seq\":null}}".to_owned(),
            format!("{{\"put-grant\":{{\"access_token\":\"{token}\",\"oops\":1}}}}"),
            format!("{{\"{token}\":1}}"),
            token,
        ];
        let mut replies = Vec::new();
        for request in requests {
            let mut stream =
                tokio::net::UnixStream::connect(miro_source::control::socket_path(&self.stage.path("miro-source.db"))).await.unwrap();
            stream.write_all(format!("{request}\n").as_bytes()).await.unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).await.unwrap();
            assert!(!reply.is_empty());
            replies.push(("a reply at the socket".to_owned(), reply));
        }
        replies
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_no_secret_is_in_anything_a_host_writes_with_the_log_as_text() {
    everything("text").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_no_secret_is_in_anything_a_host_writes_with_the_log_as_json() {
    everything("json").await;
}

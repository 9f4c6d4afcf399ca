//! `components`: keys, signatures, and components that are refused.

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

use miro_source::runtime::Runtime;

use super::Desk;

/// A desk, and beside it a component that is not the one built in although it does the same.
struct Bench {
    desk: Desk,
    component: PathBuf,
}

impl Bench {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let component = desk.stage.path("miro.wasm");
        std::fs::write(&component, variant(b"one")).unwrap();
        Self { desk, component }
    }

    fn path(&self, name: &str) -> String {
        self.desk.stage.path(name).display().to_string()
    }

    /// Makes a key without password; its public half.
    async fn key(&self, name: &str) -> String {
        let ran = self.desk.ends(0, &["components", "keygen", "--no-password", "--output", &self.path(name)]).await;
        let line = ran.out.lines().find(|line| line.starts_with("trusted_keys")).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    }

    async fn sign(&self, key: &str) -> String {
        let ran = self.desk.ends(0, &["components", "sign", &self.path("miro.wasm"), "--key", &self.path(key)]).await;
        ran.out.lines().find_map(|line| line.strip_prefix("wrote ")).unwrap().to_owned()
    }

    /// Lets the source run the component, and trusts what stands in `components`.
    fn configure(&self, components: &str) {
        self.desk.edit(|text| {
            let text = text.replace("\"builtin:miro\"", &format!("{:?}", self.path("miro.wasm")));
            let own = text.find("[components]").map_or(text.as_str(), |at| &text[..at]);
            format!("{own}[components]\n{components}\n")
        });
    }
}

/// The Miro component with a custom section, which changes its bytes and nothing else.
fn variant(name: &[u8]) -> Vec<u8> {
    let mut wasm = Runtime::builtin("miro").unwrap().to_vec();
    let length = u8::try_from(name.len()).unwrap();
    wasm.extend([0, length + 1, length]);
    wasm.extend(name);
    wasm
}

fn id_of(public: &str) -> String {
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, public).unwrap();
    bytes[2..10].iter().rev().map(|byte| format!("{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_i6_a_component_in_the_compiled_cache_is_refused_once_its_signature_is_gone() {
    let bench = Bench::open().await;
    let public = bench.key("a.key").await;
    bench.configure(&format!("trusted_keys = [\"{public}\"]"));
    let signature = bench.sign("a.key").await;
    bench.desk.ends(0, &["once"]).await;
    assert!(bench.desk.account().lost == 0 && bench.desk.account().accepted > 0);
    let cached = || std::fs::read_dir(bench.desk.stage.path("miro-source.db.cache")).unwrap().count();
    assert_eq!(cached(), 1, "its compiled code is kept");

    std::fs::remove_file(&signature).unwrap();
    let (pages, posts) = (bench.desk.account().pages, bench.desk.account().sumo_posts);
    for command in [&["once"][..], &["run"], &["components"]] {
        let ran = bench.desk.ends(2, command).await;
        assert!(ran.err.contains("is refused: it is not signed") && ran.err.contains("miro.wasm.minisig"), "{ran:?}");
    }
    let ran = bench.desk.ends(2, &["check", "--offline"]).await;
    assert!(ran.out.contains("FAIL  source acme: the component does not load") && ran.out.contains("is not signed"), "{ran:?}");
    let account = bench.desk.account();
    assert_eq!((cached(), account.pages, account.sumo_posts), (1, pages, posts), "nothing of it ran");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_i6_a_component_that_an_unknown_key_signed_is_refused_and_so_is_an_altered_one() {
    let bench = Bench::open().await;
    let (known, stranger) = (bench.key("known.key").await, bench.key("stranger.key").await);
    bench.configure(&format!("trusted_keys = [\"{known}\"]"));
    bench.sign("stranger.key").await;
    let ran = bench.desk.ends(2, &["once"]).await;
    assert!(ran.err.contains(&format!("it is signed by key {}, which the configuration does not trust", id_of(&stranger))), "{ran:?}");
    assert!(ran.err.contains(&id_of(&known)) && ran.err.contains("digests = [\"sha256:"), "{ran:?}");

    // The place of the other key's signature stays what it is.
    let beside = bench.sign("known.key").await;
    assert_eq!(beside, bench.path(&format!("miro.wasm.{}.minisig", id_of(&known))));
    bench.desk.ends(0, &["once"]).await;

    std::fs::write(&bench.component, variant(b"two")).unwrap();
    let ran = bench.desk.ends(2, &["once"]).await;
    assert!(ran.err.contains(&format!("the signature of key {} does not match it", id_of(&known))), "{ran:?}");
    // Signed again, at its own place.
    assert_eq!(bench.sign("known.key").await, beside);
    bench.desk.ends(0, &["once"]).await;
    let ran = bench.desk.ends(0, &["components", "verify", &bench.path("miro.wasm"), "--key", &bench.path("known.pub")]).await;
    assert!(ran.out.contains(&format!("is signed by key {}", id_of(&known))) && ran.out.contains("file:miro.wasm"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_i6_two_of_three_must_sign() {
    let bench = Bench::open().await;
    let keys = [bench.key("a.key").await, bench.key("b.key").await, bench.key("c.key").await];
    bench.configure(&format!("trusted_keys = {keys:?}\nsignatures = 2"));
    let file = bench.path("miro.wasm");
    bench.sign("c.key").await;
    // The same key again counts once.
    std::fs::copy(bench.path("miro.wasm.minisig"), bench.path("miro.wasm.again.minisig")).unwrap();
    let ran = bench.desk.ends(2, &["components", "verify", &file]).await;
    assert!(
        ran.err.contains("1 of the 2 signatures") && ran.err.contains(&format!("1 of {}, {}", id_of(&keys[0]), id_of(&keys[1]))),
        "{ran:?}"
    );
    bench.sign("a.key").await;
    let ran = bench.desk.ends(0, &["components", "verify", &file]).await;
    assert!(ran.out.contains(&id_of(&keys[0])) && ran.out.contains(&id_of(&keys[2])), "{ran:?}");
    bench.desk.ends(0, &["check", "--offline"]).await;
    // With --key everyone named must have signed, whatever the configuration says.
    bench.desk.ends(0, &["components", "verify", &file, "--key", &keys[0], "--key", &keys[2]]).await;
    bench.desk.ends(2, &["components", "verify", &file, "--key", &keys[0], "--key", &keys[1]]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_i6_without_keys_a_pinned_digest_is_what_loads() {
    let bench = Bench::open().await;
    bench.key("a.key").await;
    bench.sign("a.key").await;
    bench.configure("");
    let ran = bench.desk.ends(2, &["once"]).await;
    assert!(ran.err.contains("the configuration trusts no key"), "{ran:?}");
    // As the message has it, for copy and paste.
    let pin = ran.err.split("write ").nth(1).unwrap().split(" below").next().unwrap();
    bench.configure(pin);
    bench.desk.ends(0, &["once"]).await;
    let ran = bench.desk.ends(0, &["components", "verify", &bench.path("miro.wasm")]).await;
    assert!(ran.out.contains("pinned by its digest"), "{ran:?}");
    // What is built in needs nothing, wherever it lies.
    std::fs::write(&bench.component, Runtime::builtin("miro").unwrap()).unwrap();
    bench.configure("");
    let ran = bench.desk.ends(0, &["components", "verify", &bench.path("miro.wasm")]).await;
    assert!(ran.out.contains("built in as `miro`"), "{ran:?}");
    bench.desk.ends(0, &["components"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_keys_are_private_protected_and_never_overwritten() {
    let bench = Bench::open().await;
    let (key, file) = (bench.path("p.key"), bench.path("miro.wasm"));
    // Nobody to ask.
    let ran = bench.desk.ends(2, &["components", "keygen", "--output", &key]).await;
    assert!(ran.err.contains("--password-file") && !bench.desk.stage.path("p.key").exists(), "{ran:?}");
    let password = bench.desk.stage.secret("password", "correct horse\n").unwrap().display().to_string();
    let ran = bench.desk.ends(0, &["components", "keygen", "--output", &key, "--password-file", &password]).await;
    let text = std::fs::read_to_string(&key).unwrap();
    assert!(!ran.said().contains(text.lines().nth(1).unwrap()) && !ran.said().contains("correct horse"), "{ran:?}");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let ran = bench.desk.ends(1, &["components", "keygen", "--no-password", "--output", &key]).await;
    assert!(ran.err.contains("never overwritten"), "{ran:?}");
    std::fs::remove_file(bench.path("p.key")).unwrap();
    bench.desk.ends(1, &["components", "keygen", "--no-password", "--output", &key]).await;
    assert!(!bench.desk.stage.path("p.key").exists(), "its public half is there, and another's");
    bench.desk.stage.secret("p.key", &text).unwrap();

    let ran = bench.desk.ends(2, &["components", "sign", &file, "--key", &key]).await;
    assert!(ran.err.contains("protected by a password"), "{ran:?}");
    let wrong = bench.desk.stage.secret("wrong", "correct pony\n").unwrap().display().to_string();
    let ran = bench.desk.ends(1, &["components", "sign", &file, "--key", &key, "--password-file", &wrong]).await;
    assert!(ran.err.contains("the password does not fit") && !bench.desk.stage.path("miro.wasm.minisig").exists(), "{ran:?}");
    bench.desk.ends(0, &["components", "sign", &file, "--key", &key, "--password-file", &password, "--comment", "release 7"]).await;
    let ran = bench.desk.ends(0, &["components", "verify", &file, "--key", &bench.path("p.pub")]).await;
    assert!(ran.out.contains("(release 7)"), "{ran:?}");
    // The two halves are easily mistaken for each other.
    let ran = bench.desk.ends(1, &["components", "sign", &file, "--key", &bench.path("p.pub")]).await;
    assert!(ran.err.contains("this is a public key"), "{ran:?}");
    let ran = bench.desk.ends(2, &["components", "verify", &file, "--key", text.lines().nth(1).unwrap()]).await;
    assert!(ran.err.contains("this is a secret key") && !ran.err.contains(text.lines().nth(1).unwrap()), "{ran:?}");
}

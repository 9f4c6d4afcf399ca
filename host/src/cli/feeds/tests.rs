use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{
    add::{Args, add},
    edit::without,
    import::bring,
    list::shown,
    remove::remove,
};
use crate::{
    cli::init::ask::Prompt,
    config::load,
    feeds::{catalogue::Publication, upkeep},
    model::Instant,
};

const NOW: Instant = Instant(1_772_366_400_000);
const TEXT: &str = "# Mine.\n[[source]]\nname = \"acme\" # and this\nallow = [\"https://api.miro.com\"]";

fn folder(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miro-source.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn said(folder: &Path, lines: &[String]) -> String {
    lines.join("\n").replace(&format!("{}/", folder.display()), "")
}

/// Answers every question the same.
struct Always(&'static str, String);

impl Prompt for Always {
    fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.1 += line;
        Ok(())
    }
    fn text(&mut self, question: &str, _: Option<&str>) -> std::io::Result<String> {
        self.say(question)?;
        Ok(self.0.to_owned())
    }
    fn secret(&mut self, _: &str) -> std::io::Result<secrecy::SecretString> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[test]
fn the_command_line_is_whole() {
    <crate::cli::Cli as clap::CommandFactory>::command().debug_assert();
}

#[test]
fn what_is_added_stands_at_the_end_and_what_is_removed_leaves_the_rest_as_it_was() {
    let (folder, path) = folder(TEXT);
    let told = add(&Args::of(&["tor", "vpn", "geo", "tor"]).accepted(), &path, None).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(TEXT));
    insta::assert_snapshot!(format!("{text}---\n{}", said(folder.path(), &told)));
    let feeds = load(&path).unwrap().enrich.feeds();
    assert_eq!(feeds, ["city", "asn", "threat-list tor", "threat-list vpn"]);
    for name in ["vpn", "tor", "geo"] {
        remove(name, &path).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{TEXT}\n"));
    let gone = remove("geo", &path).unwrap_err().to_string();
    assert!(gone.ends_with("does not ask for \"geo\"; nothing was written"), "{gone}");
}

#[test]
fn what_a_person_wrote_around_a_feed_stays() {
    let tor = Publication::of("tor").unwrap();
    let cut = |text: &str| without(text, tor);
    let (before, after) = ("# a\n[log]\n", "# b\n[[source]]\nname = \"x\"\n");
    let feed = "[[ feed ]] # exits\nname = \"tor\"\n# mine\nallow = [\n  \"https://a.example\",\n] # c\n";
    assert_eq!(cut(&format!("{before}{feed}{after}")), Some(format!("{before}{after}")));
    assert_eq!(cut(&format!("[[feed]]\nname = \"vpn\"\n{feed}")), Some("[[feed]]\nname = \"vpn\"\n".to_owned()));
    assert_eq!(cut("feed = [{ name = \"tor\" }]\n"), None, "that is taken out by hand");
}

#[test]
fn nothing_is_added_whose_terms_nobody_agreed_to() {
    let (_folder, path) = folder(TEXT);
    let unasked = add(&Args::of(&["vpn", "geo"]), &path, None).unwrap_err().to_string();
    assert!(
        unasked.contains("IP Geolocation by DB-IP") && unasked.ends_with("Agree with `--accept-licence`; nothing was written"),
        "{unasked}"
    );
    let mut no = Always("no", String::new());
    let refused = add(&Args::of(&["geo"]), &path, Some(&mut no)).unwrap_err().to_string();
    assert_eq!(refused, "the licence of \"geo\" was not agreed to; nothing was written");
    assert!(no.1.contains("https://creativecommons.org/licenses/by/4.0/") && no.1.contains("IP Geolocation by DB-IP"), "{}", no.1);
    assert_eq!(fs::read_to_string(&path).unwrap(), TEXT);
    add(&Args::of(&["geo"]), &path, Some(&mut Always("yes", String::new()))).unwrap();
    add(&Args::of(&["abuse"]), &path, None).unwrap();
}

#[test]
fn a_feed_that_cannot_be_added_changes_nothing() {
    let (_folder, path) = folder(TEXT);
    let why = |args: Args| add(&args.accepted(), &path, None).map(|_| ()).unwrap_err();
    assert_eq!(why(Args::of(&["torr"])).to_string(), "there is no feed torr; there is geo, tor, vpn, abuse");
    assert_eq!(why(Args::of(&["tor", "vpn"]).from("https://a.example/x")).to_string(), "`--url` is of one feed: add them one by one");
    let http = format!("{:#}", why(Args::of(&["tor"]).from("http://a.example/x")));
    assert!(http.starts_with("nothing was changed: ") && http.contains("is not https"), "{http}");
    assert_eq!(fs::read_to_string(&path).unwrap(), TEXT);
    add(&Args::of(&["tor"]).accepted(), &path, None).unwrap();
    assert!(why(Args::of(&["vpn", "tor"])).to_string().ends_with("asks for \"tor\" already; nothing was written"));
}

#[test]
fn a_file_is_brought_as_what_it_is() {
    let (folder, path) = folder(TEXT);
    let file = folder.path().join("exits.txt");
    let mut out = fs::File::create(&file).unwrap();
    for number in 0..300 {
        writeln!(out, "198.18.{}.{}", number / 256, number % 256).unwrap();
    }
    let bringing = |name: Option<&str>| bring(&file, name, &load(&path).unwrap(), NOW).map_err(|why| why.to_string());
    assert!(bringing(Some("tor")).unwrap_err().contains("`miro-source feeds add tor --offline`"));
    add(&Args::of(&["tor", "geo"]).accepted(), &path, None).unwrap();
    assert!(bringing(None).unwrap().starts_with("threat-list tor: "), "there is one list it can be");
    add(&Args::of(&["vpn"]), &path, None).unwrap();
    let unsaid = bringing(None).unwrap_err();
    assert!(unsaid.contains("as city: ") && unsaid.contains("as asn: "), "{unsaid}");
    assert!(bringing(Some("vpn")).unwrap_err().contains("bytes, which is not plausible"));
    let config = load(&path).unwrap();
    insta::assert_snapshot!(shown(&upkeep(&config, NOW), NOW).join("\n"));
}

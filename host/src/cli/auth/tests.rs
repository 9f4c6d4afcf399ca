//! The redirect as a browser, a stranger or a tired person sends it.

use clap::Parser as _;
use secrecy::ExposeSecret as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{
    Action, Args,
    callback::{Callback, Expected, Stray, judge, pasted},
    listener,
    redirect::Redirect,
};

fn expected() -> Expected {
    Expected { path: "/callback".into(), state: "5ec2e7".into() }
}

#[derive(Debug, PartialEq)]
enum Seen {
    Code(String),
    Refused(String),
    Stray(Stray),
}

fn seen(judged: Result<Callback, Stray>) -> Seen {
    match judged {
        Ok(Callback::Code(code)) => Seen::Code(code.expose_secret().to_owned()),
        Ok(Callback::Refused(error)) => Seen::Refused(error),
        Err(why) => Seen::Stray(why),
    }
}

#[test]
fn only_the_answer_to_this_flow_counts() {
    let code = |text: &str| Seen::Code(text.into());
    for (target, wanted) in [
        ("/callback?code=abc&state=5ec2e7", code("abc")),
        ("/callback?state=5ec2e7&code=abc&team_id=3074457345618265000&client_id=9", code("abc")),
        ("/callback?state=5ec2e7&code=a%2Bb%2Fc%3D%3D", code("a+b/c==")),
        ("/callback?state=%35ec2e7&code=abc", code("abc")),
        ("/callback?error=access_denied&state=5ec2e7", Seen::Refused("access_denied".into())),
        ("/", Seen::Stray(Stray::Path)),
        ("/callback/?code=abc&state=5ec2e7", Seen::Stray(Stray::Path)),
        ("/callbackx?code=abc&state=5ec2e7", Seen::Stray(Stray::Path)),
        ("/%63allback?code=abc&state=5ec2e7", Seen::Stray(Stray::Path)),
        ("/favicon.ico", Seen::Stray(Stray::Path)),
        ("", Seen::Stray(Stray::Path)),
        ("/callback", Seen::Stray(Stray::State)),
        ("/callback?code=abc", Seen::Stray(Stray::State)),
        ("/callback?code=abc&state=", Seen::Stray(Stray::State)),
        ("/callback?code=abc&state=5ec2e8", Seen::Stray(Stray::State)),
        ("/callback?code=abc&state=5ec2e7%20", Seen::Stray(Stray::State)),
        ("/callback?code=abc&STATE=5ec2e7", Seen::Stray(Stray::State)),
        ("/callback?error=access_denied", Seen::Stray(Stray::State)),
        ("/callback?state=5ec2e7", Seen::Stray(Stray::Code)),
        ("/callback?state=5ec2e7&code=", Seen::Stray(Stray::Code)),
        ("/callback?state=5ec2e7&code=a%0d%0ab", Seen::Stray(Stray::Code)),
        ("/callback?state=5ec2e7&code=%ff%fe", Seen::Stray(Stray::Code)),
        ("/callback?state=5ec2e7&code=abc&error=access_denied", Seen::Stray(Stray::Code)),
        ("/callback?code=abc&state=5ec2e7&code=def", Seen::Stray(Stray::Repeated)),
        ("/callback?code=abc&state=wrong&state=5ec2e7", Seen::Stray(Stray::Repeated)),
    ] {
        assert_eq!(seen(judge(target, &expected())), wanted, "{target}");
    }
}

#[test]
fn huge_requests_are_turned_away() {
    let long = "x".repeat(7000);
    assert_eq!(seen(judge(&format!("/callback?state=5ec2e7&code={long}"), &expected())), Seen::Stray(Stray::Long));
    let code = "x".repeat(2049);
    assert_eq!(seen(judge(&format!("/callback?state=5ec2e7&code={code}"), &expected())), Seen::Stray(Stray::Code));
    assert_eq!(seen(pasted(&long, &expected())), Seen::Stray(Stray::Long));
}

#[test]
fn a_person_may_paste_the_address_the_query_or_the_code() {
    for text in [
        " http://127.0.0.1:8976/callback?code=abc&state=5ec2e7#_=_\n",
        "https://localhost/callback?code=abc&state=5ec2e7",
        "?code=abc&state=5ec2e7",
        "code=abc&state=5ec2e7",
        "abc\r\n",
    ] {
        assert_eq!(seen(pasted(text, &expected())), Seen::Code("abc".into()), "{text}");
    }
    for text in ["http://127.0.0.1:8976/callback?code=abc&state=other", "?code=abc", "code=abc&state="] {
        assert_eq!(seen(pasted(text, &expected())), Seen::Stray(Stray::State), "{text}");
    }
    assert_eq!(seen(pasted("", &expected())), Seen::Stray(Stray::Code));
    assert_eq!(seen(pasted("two words", &expected())), Seen::Stray(Stray::Code));
    assert_eq!(seen(pasted("https://evil.example", &expected())), Seen::Stray(Stray::Path));
}

#[test]
fn the_listener_stands_where_the_redirect_address_points() {
    let redirect = |uri: Option<&str>, port| Redirect::new(uri.map(|uri| uri.parse().unwrap()), port);
    let standard = redirect(None, None).unwrap();
    assert_eq!(
        (standard.listen.unwrap().to_string(), standard.text(8976)),
        ("127.0.0.1:8976".into(), "http://127.0.0.1:8976/callback".into())
    );
    assert_eq!(redirect(None, Some(0)).unwrap().text(40123), "http://127.0.0.1:40123/callback");
    let local = redirect(Some("http://localhost:9000/miro/back"), None).unwrap();
    assert_eq!((local.listen.unwrap().to_string(), local.path()), ("127.0.0.1:9000".into(), "/miro/back".into()));
    assert_eq!(redirect(Some("http://[::1]:9000/cb"), None).unwrap().listen.unwrap().to_string(), "[::1]:9000");
    assert_eq!(redirect(Some("https://sso.example/cb"), None).unwrap().listen, None);
    let tunnel = redirect(Some("https://sso.example/cb"), Some(9000)).unwrap();
    assert_eq!((tunnel.listen.unwrap().to_string(), tunnel.text(9000)), ("127.0.0.1:9000".into(), "https://sso.example/cb".into()));
    assert!(redirect(Some("ftp://localhost/cb"), None).is_err());
    assert!(redirect(Some("http://localhost/cb?x=1"), None).is_err());
}

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

#[test]
fn a_source_or_an_action_may_come_first() {
    let line = |words: &[&str]| Line::try_parse_from([&["auth"], words].concat()).map(|line| line.args);
    let plain = line(&["acme", "--paste", "--no-browser"]).unwrap();
    assert!(plain.action.is_none() && plain.run.paste && plain.run.no_browser);
    assert_eq!(plain.run.source.unwrap().as_str(), "acme");
    assert!(line(&[]).unwrap().run.source.is_none());
    let Some(Action::Confirm(one)) = line(&["confirm", "acme"]).unwrap().action else { panic!("no confirm") };
    assert_eq!(one.source.unwrap().as_str(), "acme");
    let Some(Action::Revoke(one)) = line(&["revoke"]).unwrap().action else { panic!("no revoke") };
    assert!(one.source.is_none());
    let Some(Action::Run(named)) = line(&["run", "confirm", "--port", "0"]).unwrap().action else { panic!("no run") };
    assert_eq!((named.source.unwrap().as_str(), named.port), ("confirm", Some(0)));
    assert!(line(&["acme", "--paste", "--port", "1"]).is_err());
    assert!(line(&["no name"]).is_err());
}

async fn request(at: std::net::SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A peer that turns a request away before it was read may reset.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn strangers_are_turned_away_and_the_wait_goes_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let waiting = tokio::spawn(async move { listener::wait(&listener, expected()).await });
    // A connection that a browser opens and never uses holds nobody up.
    let idle = TcpStream::connect(at).await.unwrap();
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    assert!(request(at, &get("/favicon.ico")).await.starts_with("HTTP/1.1 404"));
    let forged = request(at, &get("/callback?code=evil&state=<b>guess</b>")).await;
    assert!(!forged.contains("<b>"), "{forged}");
    assert!(request(at, &get("/callback?code=evil&state=guess")).await.starts_with("HTTP/1.1 400"));
    assert!(request(at, "POST /callback?code=evil&state=5ec2e7 HTTP/1.1\r\nHost: x\r\n\r\n").await.starts_with("HTTP/1.1 405"));
    assert!(!request(at, &get(&format!("/callback?state=5ec2e7&code={}", "x".repeat(20_000)))).await.starts_with("HTTP/1.1 200"));
    assert!(!waiting.is_finished());
    let page = request(at, &get("/callback?code=good&state=5ec2e7")).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("default-src 'none'") && !page.contains("<script") && !page.contains("good"), "{page}");
    drop(idle);
    assert_eq!(seen(waiting.await.unwrap().map_err(|_| Stray::Path)), Seen::Code("good".into()));
}

#[tokio::test]
async fn a_refusal_ends_the_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let waiting = tokio::spawn(async move { listener::wait(&listener, expected()).await });
    let page = request(at, "GET /callback?error=%3Ci%3Edenied&state=5ec2e7 HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(page.contains("&lt;i&gt;denied"), "{page}");
    assert_eq!(seen(waiting.await.unwrap().map_err(|_| Stray::Path)), Seen::Refused("<i>denied".into()));
}

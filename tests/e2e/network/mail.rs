//! Mail through the proxy: a tunnel to the port of the mail server, and TLS in it.

use miro_source_tests::{command::Ran, mailbox::Mailbox, stage::Recipe};
use simulator::{Far, Inspection};

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_goes_through_the_proxy_in_tls_and_by_starttls() {
    let (stage, proxy, clock) = behind(world()).await;
    let plain = Mailbox::start().await.unwrap();
    let secure = Mailbox::secured("relay.example", &proxy).await.unwrap();
    let address = |mails: &Mailbox| (Ipv4Addr::LOCALHOST, mails.port).into();
    proxy.lead("relay.example:465", Far { address: address(&plain), tls: Inspection::Inspected });
    proxy.lead("relay.example:587", Far { address: address(&secure), tls: Inspection::Passed });
    let config = stage.configure(&Recipe { detect: true, ..Recipe::default() }, clock.now()).unwrap();
    let password = stage.secret("password", "hunter2").unwrap();
    let channel = |tls: &str, port: u16| {
        format!(
            "[[notify]]\nname = \"{tls}\"\ntype = \"smtp\"\nhost = \"relay.example\"\nport = {port}\ntls = \"{tls}\"\nuser = \"alerts\"\n\
             password = {{ file = {password:?} }}\nfrom = \"alerts@example.com\"\nto = [\"soc@example.com\"]\n"
        )
    };
    let text = std::fs::read_to_string(&config).unwrap();
    stage.write(&format!("{text}\n{}{}", channel("implicit", 465), channel("starttls", 587))).unwrap();
    for (tls, port, mails) in [("implicit", 465, &plain), ("starttls", 587, &secure)] {
        let before = mails.mails().len();
        let ran = Ran::of(&config, &["notify", "test", tls]).await.unwrap();
        assert!(ran.code == 0, "{tls}: {}", ran.said());
        assert_eq!((mails.mails().len(), mails.mails()[before].login.as_str()), (before + 1, "alerts hunter2"));
        assert!(proxy.tunnels().iter().any(|tunnel| tunnel.target == format!("relay.example:{port}") && tunnel.status == 200));
    }
    // And `check` says so of each.
    let ran = Ran::of(&config, &["check"]).await.unwrap();
    println!("{}", ran.out);
    for line in
        ["ok    mail relay.example:465: answers 220 (channel implicit)", "ok    mail relay.example:587: answers 250 (channel starttls)"]
    {
        assert!(ran.out.contains(line), "{line}: {}", ran.said());
    }
    // A proxy that lets through only port 443 is told as what it is.
    proxy.forget("relay.example:587");
    let ran = Ran::of(&config, &["notify", "test", "starttls"]).await.unwrap();
    assert!(ran.code == 1 && ran.err.contains("refuses a tunnel to relay.example (it answered 502)"), "{}", ran.said());
}

//! `check`, where there is a proxy: the way to each place, its certificate, its answer.

use miro_source_tests::{command::Ran, stage::Recipe};

use super::*;

/// So many days from now, as DER writes it.
fn day(days: u64) -> String {
    let at = Instant::system().plus(Duration::from_secs(days * 86_400)).0;
    let at = jiff::Timestamp::from_millisecond(i64::try_from(at).unwrap()).unwrap();
    at.strftime("%y%m%d%H%M%SZ").to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_shows_the_way_to_each_origin_and_warns_of_a_certificate_that_ends() {
    let (stage, proxy, clock) = behind(world()).await;
    let config = stage.configure(&Recipe::default(), clock.now()).unwrap();
    let host = |url: &str| url.trim_start_matches("https://").split('/').next().unwrap().to_owned();
    let (miro, sumo) = (host(&stage.server.miro_url), host(&stage.server.sumo_url));
    proxy.end(&sumo, &day(10));
    let ran = Ran::of(&config, &["check"]).await.unwrap();
    println!("{}", ran.out);
    let route = format!("route  proxy {}", proxy.address);
    for line in [
        &format!("ok    origin https://{miro}: answers 404 (source acme)"),
        &format!("warn  origin https://{sumo}: answers "),
        "dns    left to the proxy",
        &route,
        "issued by Gateway of Example Holding",
        "ends 2049-12-31",
        "→ have it renewed",
    ] {
        assert!(ran.out.contains(line), "{line}: {}", ran.said());
    }
    // The path of the sink's URL is its password.
    assert!(!ran.said().contains("/receiver/"), "{}", ran.said());
    assert!(ran.out.lines().skip_while(|line| !line.contains("origin")).all(|line| line.chars().count() <= 100), "{}", ran.out);
    // Nothing is asked of anybody with --offline, nor looked at.
    let before = proxy.tunnels().len();
    let ran = Ran::of(&config, &["check", "--offline"]).await.unwrap();
    assert!(ran.code == 0 && !ran.out.contains("origin https") && proxy.tunnels().len() == before, "{}", ran.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_names_the_issuer_that_is_not_trusted_and_what_a_proxy_refuses() {
    let (stage, proxy, clock) = behind(world()).await;
    let config = stage.configure(&Recipe::default(), clock.now()).unwrap();
    let text = std::fs::read_to_string(&config).unwrap();
    let distrusting: String = text.lines().filter(|line| !line.starts_with("ca_file")).map(|line| format!("{line}\n")).collect();
    std::fs::write(&config, distrusting).unwrap();
    let ran = Ran::of(&config, &["check"]).await.unwrap();
    println!("{}", ran.out);
    assert!(ran.code == 1 && ran.out.contains("issued by Gateway of Example Holding") && ran.out.contains("`ca_file` of [network]"));
    std::fs::write(&config, text).unwrap();
    proxy.demand("me", "hunter2");
    let ran = Ran::of(&config, &["check"]).await.unwrap();
    println!("{}", ran.out);
    assert!(ran.code == 1 && ran.out.contains("wants credentials (407)"), "{}", ran.said());
}

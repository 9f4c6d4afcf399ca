//! The tests of the main job once more, in other networks: this very binary, told by a variable where it stands.
//!
//! By default those that say most in a minute. All of them:
//!
//! ```text
//! MIRO_SOURCE_TESTS_NETWORK=proxy cargo test --workspace --test e2e -- --skip network:: --skip building::
//! ```

use std::process::{Command, Output};

use miro_source_tests::network::VARIABLE;

/// Collection late and on time, once each, over crashes and refreshes, outages of every kind, the command line.
const MAIN: [&str; 8] =
    ["i1_late::", "i2_once::", "i3_crash::points", "i4_refresh::", "i5_apart::", "i8_person::", "cli::once::", "cli::run::"];

/// Where nobody may make a namespace, that is said, and nothing else.
const NAMESPACE: &str = "ip link set lo up && ip addr del 127.0.0.1/8 dev lo && exec \"$0\" \"$@\"";

fn passed(ran: &Output) {
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    let count: usize = out.lines().find_map(|line| line.strip_prefix("running ")?.split(' ').next()?.parse().ok()).unwrap();
    println!("{count} tests passed");
    assert!(count >= MAIN.len(), "{out}");
}

#[test]
fn the_main_job_passes_behind_a_proxy_with_an_authority_of_its_own() {
    passed(&Command::new(std::env::current_exe().unwrap()).args(MAIN).env(VARIABLE, "proxy").output().unwrap());
}

#[test]
fn the_main_job_passes_without_ipv4() {
    let possible = Command::new("unshare").args(["-rn", "sh", "-c", "ip link set lo up && ip -6 addr show dev lo | grep -q ::1"]).output();
    if !possible.as_ref().is_ok_and(|ran| ran.status.success()) {
        eprintln!("SKIPPED: `unshare -rn` with `ip` is not permitted here, or there is no IPv6: {possible:?}");
        return;
    }
    let mut command = Command::new("unshare");
    command.args(["-rn", "sh", "-c", NAMESPACE]).arg(std::env::current_exe().unwrap()).args(MAIN).env(VARIABLE, "ipv6");
    passed(&command.output().unwrap());
}

//! The tests of the main job once more, in other networks: this very binary, told by a variable where it stands.
//!
//! By default those that say most in a minute. All of them:
//!
//! ```text
//! MIRO_SOURCE_TESTS_NETWORK=proxy cargo test --workspace --test e2e -- --skip network:: --skip building::
//! ```

use std::process::{Command, Output};

use miro_source_tests::network::VARIABLE;

/// Collection late and on time, batches once each, crashes, refreshes, a new pair, what a person sees.
const MAIN: [&str; 9] = [
    "i1_a_failing_page_in_the_middle",
    "i1_events_25_minutes_late",
    "i2_a_lost_answer_of_sumo",
    "i3_crash::points::",
    "i4_a_pair_is_rotated",
    "i4_a_refresh_that_miro_never_processed",
    "i8_new_tokens_are_found",
    "once_ends_with_1_where_sumo_logic_refuses",
    "run_ends_with_0_on_sigterm",
];

/// Without IPv4 on loopback, which is all that a new namespace has.
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

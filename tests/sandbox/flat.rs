//! I7: all attacks again and again, and what the process holds then: in a process of its own, as the kernel counts it.

use std::{process::Command, time::Duration};

use miro_source_tests::stage::MINUTE;

use crate::beside::{Host, Log};

/// So often, each time for every source.
const ROUNDS: usize = 12;
/// So many rounds in, everything was used once and what is kept for the next time is there.
const WARM: usize = 4;
/// By less than this may the process grow from then on.
const RISE: u64 = 32 << 20;

/// A figure of this process's memory, in bytes.
fn figure(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
#[ignore = "the process that the test below starts"]
async fn rounds() {
    let (_log, _logging) = Log::start();
    let mut host = Host::attacked().await;
    let mut resident = Vec::new();
    for round in 0..ROUNDS {
        host.drive.nudge();
        host.drive.pass(Duration::from_millis(MINUTE)).await.unwrap();
        resident.push(figure("VmRSS:"));
        println!("round {}: {:.1} MB resident, {:.1} MB at most", round + 1, resident[round] as f64 / 1e6, figure("VmHWM:") as f64 / 1e6);
    }
    host.drive.nudge();
    host.drive.settle().await.unwrap();
    let account = host.stage.world.account(miro_source::clock::Clock::now(&host.clock).0);
    assert_eq!((account.lost, account.duplicates), (0, 0), "{account:#?}");
    let (warm, last) = (resident[..WARM].iter().max().unwrap(), resident[WARM..].iter().max().unwrap());
    assert!(last.saturating_sub(*warm) < RISE, "{resident:?}");
}

#[test]
fn i7_all_attacks_again_and_again_leave_the_memory_of_the_host_flat() {
    let child =
        Command::new(std::env::current_exe().unwrap()).args(["--ignored", "--exact", "flat::rounds", "--nocapture"]).output().unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    println!("{said}");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    assert!(said.contains(&format!("round {ROUNDS}:")), "{said}");
}

//! A command, run for real.

use super::*;
use crate::{alert::tests::alert, config::CommandConfig, notify::command::Command};

async fn run(script: &str, timeout: std::time::Duration) -> Answer {
    let command = ["/bin/sh", "-c", script, "sh"].map(str::to_owned).to_vec();
    let mut carrier = Command::new(CommandConfig { command, timeout });
    let mut alert = alert();
    alert.story.title = "$(touch x); `id` \u{1b}[2J".into();
    carrier.carry(&message(&channel(), &alert, Activity::Create, None)).await
}

const LONG: std::time::Duration = std::time::Duration::from_secs(60);

#[tokio::test]
async fn a_command_reads_one_line_of_json_and_has_nothing_of_it_in_its_arguments_or_environment() {
    let script = "read -r line && ! read -r more && [ $# = 0 ] && [ \"$(env | cut -d= -f1 | sort | tr '\\n' ' ')\" = 'LANG PATH PWD SHLVL _ ' -o \
                  \"$(env | cut -d= -f1 | sort | tr '\\n' ' ')\" = 'LANG PATH PWD ' ] && echo \"$line\" | cut -c1-29";
    let answer = run(script, LONG).await;
    assert_eq!(answer, Answer::Accepted { said: "/bin/sh ended with 0 and said: {\"version\":1,\"event\":\"raised\"".into() });
}

#[tokio::test]
async fn a_command_that_fails_hangs_floods_or_is_not_there_is_told_as_such() {
    let failed = run("echo 'no \u{1b}[31m such pager' >&2; exit 3", LONG).await;
    assert_eq!(failed, Answer::Retry { after: None, reason: "/bin/sh failed (exit status: 3) and said: no \\u{1b}[31m such pager".into() });
    let hung = run("sleep 600 & sleep 600", std::time::Duration::from_millis(100)).await;
    assert!(matches!(hung, Answer::Retry { reason, .. } if reason.contains("was stopped")));
    // Its child holds the output open: nobody waits for that.
    assert!(matches!(run("sleep 600 & echo done", LONG).await, Answer::Accepted { said } if said.ends_with("said: done")));
    let flood = run("head -c 1000000 /dev/zero | tr '\\0' x", LONG).await;
    assert!(matches!(flood, Answer::Accepted { said } if said.len() < 400));
    let mut gone = Command::new(CommandConfig { command: vec!["/no/such/program".into()], timeout: LONG });
    assert!(gone.check().await.unwrap_err().to_string().contains("/no/such/program"));
    let (channel, alert) = (channel(), alert());
    assert!(matches!(gone.carry(&message(&channel, &alert, Activity::Create, None)).await, Answer::Paused { .. }));
}

//! `miro-source respond show`

use serde::Serialize;

use super::text;
use crate::{
    cli::{Context, Ended, Exit, Result},
    model::Instant,
    neutral::{json, visible},
    pipeline,
    respond::{Cause, Changed, Move, Response, ResponseId, Said, people},
    store::Store,
};

/// Records read at once.
const CHUNK: usize = 1000;

/// Show everything about one response, with its history from the governance log.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Its number, as `list` prints it
    id: i64,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// All that is shown of one.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    pub(super) response: Response,
    pub(super) history: Vec<Entry>,
}

/// One record of the governance log about it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    /// The record's number.
    pub(super) record: i64,
    pub(super) at: Instant,
    pub(super) who: Option<String>,
    /// Absent where it was made.
    pub(super) change: Option<Move>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let store = pipeline::look(&config)?;
    let response = find(store.as_ref(), ResponseId(args.id))?;
    let shown = Shown { history: history(store.as_ref(), response.id)?, response };
    match args.json {
        true => say!("{}", json(&serde_json::to_string(&shown)?)),
        false => say!("{}", read(&shown).trim_end()),
    }
    Ok(Exit::Done)
}

/// The response of that number.
pub(super) fn find(store: &dyn Store, id: ResponseId) -> Result<Response> {
    let none = || Ended::new(Exit::Left, format!("there is no response {id}; see `miro-source respond list`"));
    Ok(store.response(id)?.ok_or_else(none)?)
}

fn history(store: &dyn Store, id: ResponseId) -> Result<Vec<Entry>> {
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let records = store.governance(after, CHUNK)?;
        let Some(last) = records.last() else { return Ok(found) };
        after = last.number;
        for record in &records {
            // What cannot be read is for `verify` to tell.
            let Ok(Said::Response(changed)) = record.said() else { continue };
            let Changed { at, response, who, change, .. } = *changed;
            if response == id {
                found.push(Entry { record: record.number, at, who, change });
            }
        }
    }
}

/// As it is read on a terminal.
pub(super) fn read(shown: &Shown) -> String {
    let Shown { response, history } = shown;
    let mut out = format!("response {}: {} {}\n", response.id, response.action, text::whom(response));
    let mut line = |name: &str, value: &str| {
        for (index, part) in value.lines().enumerate() {
            // No line begins with what somebody else wrote.
            match index {
                0 => out.push_str(&format!("  {name:<11} {}\n", visible(part))),
                _ => out.push_str(&format!("  {:<11} | {}\n", "", visible(part))),
            }
        }
    };
    line("state", &text::state(&response.state));
    if let Some(outcome) = &response.outcome {
        line("outcome", outcome);
    }
    line("by", &format!("responder {}, source {}{}", response.responder, response.source, if response.dry_run { "; dry run" } else { "" }));
    line("why", &text::why(&response.cause));
    if let Cause::Policy { key, newest, .. } = &response.cause {
        line("finding", key);
        line("happened", &newest.to_string());
    }
    let target = &response.target;
    let known: Vec<String> = [&target.name, &target.email, &target.id].into_iter().flatten().cloned().collect();
    line("target", &known.join(", "));
    if let Some(account) = &response.account {
        line("account", &text::account(account).join("\n"));
    }
    if let Some(mail) = &response.mail {
        line("subject", &mail.subject);
        line("text", &mail.text);
        line("copies", &mail.copies.join(", "));
    }
    if let Some(reverted) = response.reverts {
        line("takes back", &format!("response {reverted}"));
    }
    line("made", &format!("{}, last changed {}", response.made, response.changed));
    if !response.state.is_final() && response.within.is_none() {
        line("due", &format!("{}, after {} failed calls", response.due, response.attempts));
    }
    if let Some(step) = response.step.as_ref().filter(|_| !response.state.is_final()) {
        line("next step", &format!("{}{}", step.intent, if step.begun { " (begun)" } else { "" }));
    }
    let approvals: Vec<String> = response.approvals.iter().map(|each| format!("{} on {}", each.who, each.at)).collect();
    let given = match response.wants {
        0 | 1 => approvals.len(),
        _ => people(response.approvals.iter().map(|each| each.who.as_str())),
    };
    line("approved", &format!("{given} of {}{}{}", response.wants, if approvals.is_empty() { "" } else { ": " }, approvals.join(", ")));
    line("answers", &response.traces.iter().map(text::trace).collect::<Vec<_>>().join("\n"));
    out.push_str("  history\n");
    for Entry { record, at, who, change } in history {
        let who = who.as_deref().map(|who| format!("{}: ", visible(who))).unwrap_or_default();
        out.push_str(&format!("    {at}  {who}{} (record {record})\n", visible(&told(change.as_ref()))));
    }
    out
}

/// What happened, in words.
fn told(change: Option<&Move>) -> String {
    match change {
        None => "made".to_owned(),
        Some(Move::Approve) => "approved".to_owned(),
        Some(Move::Reject(why)) => format!("rejected: {why}"),
        Some(Move::Hold(wait, why)) => format!("waits {wait}: {why}"),
        Some(Move::Resolved(account)) => format!("the account is {}", account.id),
        Some(Move::Stepped(step, _)) => format!("next: {}", step.intent),
        Some(Move::Begin) => "begun".to_owned(),
        Some(Move::Retry { why, due, .. }) => format!("tried again on {due}: {why}"),
        Some(Move::Succeed(what, _)) => format!("succeeded: {what}"),
        Some(Move::Fail(why, _)) => format!("failed: {why}"),
        Some(Move::Skip(why) | Move::Lapse(why) | Move::Try(why)) => format!("skipped: {why}"),
        Some(Move::Release(why)) => format!("its turn: {why}"),
        Some(Move::Revert(by)) => format!("taken back by response {by}"),
    }
}

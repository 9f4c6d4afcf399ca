//! `miro-source respond notify`, `sign-out`, `suspend`, `restore` and `confirm-compromised`

use std::io::IsTerminal as _;

use super::{mail, text};
use crate::{
    alert::{Alert, AlertId, Who},
    cli::{
        Context, Ended, Exit, Result,
        alerts::am_i,
        init::{Terminal, ask::Prompt as _},
        source::choose,
    },
    config::{Config, ResponderConfig},
    control::{Reply, Request, submit},
    enrich::User,
    model::{ResponderName, SourceName},
    neutral::{brief, json, visible},
    pipeline,
    respond::{Action, Order, Response, State, Stopped},
    store::lock::StoreLock,
};

/// On whom, by whom, and why.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The user: e-mail address, or the identifier that the responder's vendor gives them
    user: String,
    /// Whose user; may be left out while there is one source, and with `--alert`
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Which responder does it; may be left out while only one may
    #[arg(long, value_name = "RESPONDER")]
    with: Option<ResponderName>,
    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// About which alert
    #[arg(long, value_name = "ALERT")]
    alert: Option<i64>,
    /// Only find out what would be done
    #[arg(long, conflicts_with = "really")]
    dry_run: bool,
    /// Do it, even though `dry_run` of [respond] is true
    #[arg(long)]
    really: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print the response as one JSON object
    #[arg(long)]
    json: bool,
}

/// The same for a message.
#[derive(Debug, clap::Args)]
pub(super) struct NotifyArgs {
    #[command(flatten)]
    order: Args,
    /// The subject; with `--alert` there is one built in
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// What it says; with `--alert` there is one built in
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

/// Runs `notify`.
pub(super) async fn notify(args: NotifyArgs, context: &Context) -> Result<Exit> {
    let NotifyArgs { order, subject, text } = args;
    let (config, mut made, alert) = order.order(Action::Notify, context)?;
    made.mail = Some(mail::write(subject, text, alert.as_ref(), &made.target)?);
    give(&config, made, &order, context).await
}

/// Runs the others.
pub(super) async fn run(action: Action, args: Args, context: &Context) -> Result<Exit> {
    let (config, order, _) = args.order(action, context)?;
    give(&config, order, &args, context).await
}

impl Args {
    fn order(&self, action: Action, context: &Context) -> Result<(Config, Order, Option<Alert>)> {
        let config = context.load()?;
        enabled(&config)?;
        let wrong = |what: String| Ended::new(Exit::Left, what);
        if self.why.trim().is_empty() {
            return Err(wrong("`--why` is empty: say why, in your own words".to_owned()).into());
        }
        let alert = match self.alert {
            None => None,
            Some(id) => {
                let found = pipeline::look(&config)?.alert(AlertId(id))?;
                Some(found.ok_or_else(|| wrong(format!("there is no alert {id}; see `miro-source alerts list --state all`")))?)
            }
        };
        let source = match (&self.source, &alert) {
            (None, Some(alert)) => choose(&config, Some(&alert.source))?,
            (named, _) => choose(&config, named.as_ref())?,
        };
        if let Some(alert) = alert.as_ref().filter(|alert| alert.source != source.name) {
            return Err(wrong(format!("alert {} is about source {}, not {}", alert.id, alert.source, source.name)).into());
        }
        let order = Order {
            source: source.name.clone(),
            responder: doer(&config, &source.name, self.with.as_ref(), action)?.name.clone(),
            action,
            target: target(&self.user)?,
            alert: alert.as_ref().map(|alert| alert.id),
            who: am_i(),
            why: self.why.clone(),
            mail: None,
            dry_run: self.dry_run || config.respond.dry_run && !self.really,
            four_eyes: config.respond.four_eyes && action.is_drastic(),
            reverts: None,
        };
        Ok((config, order, alert))
    }
}

/// Refuses where nothing acts.
pub(super) fn enabled(config: &Config) -> Result<()> {
    if config.respond.enabled {
        return Ok(());
    }
    let what = "nothing acts on accounts: write [respond] with enabled = true into the configuration, and start the host again; with \
                dry_run = true, its default, what would be done is only found out";
    Err(Ended::new(Exit::Configuration, what).into())
}

/// Refuses to do in earnest what the configuration only tries, unless that is said.
pub(super) fn earnest(config: &Config, really: bool) -> Result<()> {
    if config.respond.dry_run && !really {
        let what = "`dry_run` of [respond] is true, and this would be done in earnest: add `--really`, or write dry_run = false";
        return Err(Ended::new(Exit::Configuration, what).into());
    }
    Ok(())
}

fn target(text: &str) -> Result<Who> {
    let wrong = || Ended::new(Exit::Left, format!("`{}` is neither an e-mail address nor an identifier", brief(text, 100)));
    let text = text.trim();
    User::parse(text).ok_or_else(wrong)?;
    Ok(match text.contains('@') {
        true => Who { email: Some(text.to_lowercase()), ..Who::default() },
        false => Who { id: Some(text.to_owned()), ..Who::default() },
    })
}

/// The responder that does it: the one that is named, else the only one that may.
pub(super) fn doer<'a>(
    config: &'a Config,
    source: &SourceName,
    name: Option<&ResponderName>,
    action: Action,
) -> Result<&'a ResponderConfig> {
    let wrong = |what: String| Ended::new(Exit::Configuration, what).into();
    let able: Vec<&ResponderConfig> =
        config.responders.iter().filter(|each| each.sources.contains(source) && each.actions.contains(&action)).collect();
    let names = || able.iter().map(|each| each.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, able.as_slice()) {
        (_, []) => Err(wrong(format!(
            "no responder may do {action} to users of source {source}: add \"{action}\" to the `actions` of a [[responder]]"
        ))),
        (None, [only]) => Ok(only),
        (None, _) => Err(wrong(format!("several responders may do {action}: say which, `--with` one of {}", names()))),
        (Some(name), able) => {
            able.iter().find(|each| each.name == *name).copied().ok_or_else(|| {
                wrong(format!("responder {name} may not do {action} to users of source {source}: `--with` one of {}", names()))
            })
        }
    }
}

/// Asks the person, then orders it.
async fn give(config: &Config, order: Order, args: &Args, context: &Context) -> Result<Exit> {
    if !order.dry_run {
        let what = format!("{} {} with {} ({})", order.action, visible(order.target.shown()), order.responder, order.source);
        confirm(&what, args.yes)?;
    }
    submit_order(config, order, args.json, context).await
}

/// Has a person say yes.
pub(in crate::cli) fn confirm(what: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Ended::new(Exit::Left, format!("to {what} needs a yes, and there is no terminal to ask: add `--yes`")).into());
    }
    match Terminal.text(&format!("{what}: type yes to go on"), None) {
        Ok(answer) if answer == "yes" => Ok(()),
        Err(why) if why.kind() != std::io::ErrorKind::UnexpectedEof => Err(why.into()),
        _ => Err(Ended::new(Exit::Left, "nothing was done").into()),
    }
}

/// Orders it, and says what becomes of it.
pub(super) async fn submit_order(config: &Config, order: Order, as_json: bool, context: &Context) -> Result<Exit> {
    match submit(config, Request::Order(Box::new(order)), context.clock.as_ref()).await? {
        Reply::Response(response) => tell(config, &response, as_json),
        _ => Err(unfit()),
    }
}

/// An answer that no host of this version gives.
pub(super) fn unfit() -> anyhow::Error {
    Ended::new(Exit::Left, "the running host gave an answer that does not fit: it is of another version").into()
}

/// What a person is told of a response that they made or moved.
pub(super) fn tell(config: &Config, response: &Response, as_json: bool) -> Result<Exit> {
    if as_json {
        say!("{}", json(&serde_json::to_string(response)?));
        return Ok(Exit::Done);
    }
    let id = response.id;
    say!("response {id}: {} {} by {}: {}", response.action, text::whom(response), response.responder, text::state(&response.state));
    match &response.state {
        State::Pending if StoreLock::holder(&config.store.path).is_none() => {
            say!("no host is running: it is taken up by the next `miro-source run` or `miro-source once`");
        }
        State::Pending => say!("`miro-source respond show {id}` says what becomes of it"),
        State::Waiting(_) => say!("somebody else has to agree: `miro-source respond approve {id}`"),
        _ => {}
    }
    if let State::Pending = response.state
        && let Some(stopped) = Stopped::find(pipeline::look(config)?.as_ref())?
    {
        say!("{}", super::stop::thrown(&stopped));
    }
    Ok(Exit::Done)
}

//! A message to the account's owner. Who gets it is settled, and stored, before it is sent.

use serde::Deserialize;

use super::{Call, Step, mail, more, undone, unread, without};
use crate::{
    graph::{Ask, Loose, Needs, READ, user_path},
    http::{Answer, Method, Request},
    responder::{Message, Progress, Receipt, Setback},
    types::Failure,
    words,
};

const SEND: Needs = Needs {
    forbidden: "grant the app the application permission Mail.Send, with admin consent; where Exchange restricts the app to some mailboxes, \
                allow it `sender`",
    gone: "`sender` is no mailbox of the tenant; check it",
};

/// Where mail for somebody goes.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Reached {
    user_principal_name: Loose,
    mail: Loose,
}

impl Reached {
    /// The mailbox, else the name it signs in with. Those of guests are no mailboxes.
    fn address(&self) -> Option<String> {
        let name = || self.user_principal_name.text().and_then(words::address).filter(|name| !name.contains("#ext#"));
        self.mail.text().and_then(words::address).or_else(name)
    }
}

/// The owner's mailbox: the addresses of the account do not say which of them it is.
pub(super) fn owner(call: &Call<'_>, send: impl FnOnce(Request, u64) -> Answer) -> Result<Progress, Setback> {
    const TRIED: &str = "find the owner's mailbox";
    let (message, _) = writing(call).map_err(without)?;
    let path = format!("{}?$select=mail,userPrincipalName", user_path(&call.order.account.id));
    let reply = Ask::get(call.config, "GET /users/{id}", &path).send(call.token, &call.about("owner"), call.now, send).map_err(without)?;
    let needs = Needs { gone: "the account is gone; resolve it again", ..READ };
    let owner: Reached = match reply.json(TRIED, needs) {
        Ok(owner) => owner,
        Err(failure) => return Err(unread(reply, failure)),
    };
    let Some(to) = owner.address() else {
        let failure = Failure::Invalid(format!("cannot {TRIED}: the account has neither a mailbox nor a sign-in name that is an address"));
        return Err(unread(reply, failure));
    };
    if message.manager {
        return more(Step::Manager { to }, Some(reply.trace));
    }
    let cc = mail::copies(message, None, &to).map_err(without)?;
    more(Step::Send { to, cc }, Some(reply.trace))
}

/// The manager's mailbox: <https://learn.microsoft.com/graph/api/user-list-manager>. Who has none goes without.
pub(super) fn manager(call: &Call<'_>, to: String, send: impl FnOnce(Request, u64) -> Answer) -> Result<Progress, Setback> {
    let (message, _) = writing(call).map_err(without)?;
    let path = format!("{}/manager?$select=mail,userPrincipalName", user_path(&call.order.account.id));
    let reply = Ask::get(call.config, "GET /users/{id}/manager", &path)
        .send(call.token, &call.about("manager"), call.now, send)
        .map_err(without)?;
    let manager = match reply.json::<Reached>("find the manager's mailbox", READ) {
        Ok(manager) => manager.address(),
        Err(_) if reply.refused() == Some(404) => None,
        Err(failure) => return Err(unread(reply, failure)),
    };
    let cc = mail::copies(message, manager, &to).map_err(without)?;
    more(Step::Send { to, cc }, Some(reply.trace))
}

/// Sends it: <https://learn.microsoft.com/graph/api/user-sendmail>. A second time would send it a second time.
pub(super) fn deliver(call: &Call<'_>, to: &str, cc: &[String], send: impl FnOnce(Request, u64) -> Answer) -> Result<Progress, Setback> {
    let (message, sender) = writing(call).map_err(without)?;
    let path = format!("{}/sendMail", user_path(sender));
    let body = mail::body(message, call.config.format, to, cc);
    let ask = Ask::act(call.config, "POST /users/{sender}/sendMail", Method::Post, &path, Some(body));
    let reply = ask.send(call.token, &call.about("send"), call.now, send).map_err(without)?;
    if !reply.good() {
        return Err(undone(reply, "send the message", SEND));
    }
    let copies = match cc.len() {
        0 => String::new(),
        1 => " and one copy".to_owned(),
        copies => format!(" and {copies} copies"),
    };
    let summary = format!("the message to {to}{copies} is accepted, which is not yet delivered");
    Ok(Progress::Done(Receipt { summary, trace: Some(reply.trace) }))
}

/// What to write, and from where.
fn writing<'a>(call: &'a Call<'_>) -> Result<(&'a Message, &'a str), Failure> {
    let wrong = |what: &str| Failure::Invalid(format!("cannot notify the owner: {what}"));
    let sender = call.config.sender.as_deref().ok_or_else(|| wrong("no mailbox to send from; set `sender`"))?;
    let message = call.order.message.as_ref().ok_or_else(|| wrong("the order has no message"))?;
    mail::check(message).map_err(|what| wrong(&what))?;
    Ok((message, sender))
}

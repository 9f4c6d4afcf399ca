//! Who belongs to a group, groups within it included: <https://learn.microsoft.com/graph/api/group-list-transitivemembers>.

use serde::{Deserialize, Serialize};

use super::person::{Entry, SELECT, entry};
use crate::{
    config::Config,
    graph::{Ask, Loose, Needs, Page, User, group as group_path, link, quote},
    http::{Answer, Request},
    people::Membership,
    types::Failure,
    words::{self, quoted},
};

const TRIED: &str = "read the members of the group";
const NEEDS: Needs = Needs {
    forbidden: "grant the app the application permissions GroupMember.Read.All and User.Read.All, with admin consent; a group that hides its \
                members takes Member.Read.Hidden too",
    gone: "there is no such group; check its identifier, or give its name",
};
/// The version of a page that this component writes.
const VERSION: u32 = 1;

/// Where a page is: JSON, written for ever. `fixtures/members-v1-*.json` hold what version 1 wrote.
#[derive(Serialize, Deserialize)]
struct At {
    v: u32,
    /// The group's identifier.
    group: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Group {
    id: Loose,
}

/// Who belongs to a group. A name is looked up first, which is a page without people.
pub fn members(
    config: &Config,
    token: &str,
    group: &str,
    page: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Membership, Failure> {
    let group = group.trim();
    match page {
        None if group.is_empty() => Err(Failure::Invalid("the group has no name; give its name or its identifier".to_owned())),
        None if group.len() > 512 => Err(Failure::Invalid("the name of the group is longer than one can be".to_owned())),
        None if words::is_guid(group) => read(config, token, At { v: VERSION, group: group.to_owned(), link: None }, now, send),
        None => find(config, token, group, now, send),
        Some(text) => match serde_json::from_str::<At>(text) {
            Ok(at) if at.v == VERSION && words::is_guid(&at.group) && at.link.as_ref().is_none_or(|it| link::own(config, it)) => {
                read(config, token, at, now, send)
            }
            _ => Err(Failure::Invalid(
                "the page of members is not one of this component and configuration, or of a newer version; begin again".to_owned(),
            )),
        },
    }
}

/// The group of a name.
fn find(config: &Config, token: &str, name: &str, now: u64, send: impl FnOnce(Request, u64) -> Answer) -> Result<Membership, Failure> {
    const TRIED: &str = "find the group";
    let path = format!("/groups?$filter=displayName%20eq%20%27{}%27&$select=id,displayName", quote(name));
    let ask = Ask::get(config, "GET /groups?$filter=displayName", &path);
    let found: Page<Group> = ask.send(token, &["members", name], now, send)?.json(TRIED, NEEDS)?;
    let more = link::of(config, &found.next, None, TRIED)?.is_some();
    match found.value.as_slice() {
        several if more || several.len() > 1 => Err(Failure::Invalid(format!(
            "cannot {TRIED}: there are several groups with the name {}, {} of them at least; give the identifier of the one",
            quoted(name),
            several.len().max(2)
        ))),
        [group] => match group.id.text().filter(|id| words::is_guid(id)) {
            Some(id) => Ok(Membership { people: Vec::new(), next: Some(text(&At { v: VERSION, group: id.to_owned(), link: None })?) }),
            None => Err(Failure::Protocol(format!("cannot {TRIED}: the answer names no group"))),
        },
        _ => Err(Failure::Invalid(format!(
            "cannot {TRIED}: there is no group with the name {}; check it, or give its identifier",
            quoted(name)
        ))),
    }
}

/// A page of its members.
fn read(config: &Config, token: &str, at: At, now: u64, send: impl FnOnce(Request, u64) -> Answer) -> Result<Membership, Failure> {
    const WORDS: &str = "GET /groups/{id}/transitiveMembers/microsoft.graph.user";
    let ask = match &at.link {
        Some(link) => Ask::follow(WORDS, link.clone()),
        None => {
            let path = group_path(&at.group);
            Ask::get(config, WORDS, &format!("{path}/transitiveMembers/microsoft.graph.user?{SELECT}&$count=true&$top=999"))
        }
    };
    // Only users of all members: an advanced query.
    let page: Page<User> = ask.eventual().send(token, &["members", &at.group], now, send)?.json(TRIED, NEEDS)?;
    let next = link::of(config, &page.next, at.link.as_deref(), TRIED)?;
    let entries: Vec<Entry> = page.value.iter().map(entry).collect();
    let partial = entries.iter().any(|entry| matches!(entry, Entry::Partial(_)));
    let people: Vec<_> = entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Person(person) => Some(person),
            Entry::Partial(_) | Entry::Nothing => None,
        })
        .collect();
    if people.is_empty() && partial {
        return Err(Failure::Forbidden(format!(
            "cannot {TRIED}: Microsoft Graph leaves out whether they are enabled; {}",
            NEEDS.forbidden
        )));
    }
    let next = next.map(|link| text(&At { link: Some(link), ..at })).transpose()?;
    Ok(Membership { people, next })
}

fn text(at: &At) -> Result<String, Failure> {
    serde_json::to_string(at).map_err(|why| Failure::Invalid(format!("the page of members cannot be written: {why}")))
}

//! One request to Microsoft Graph, and what its answer says. Makes requests and judges answers; sends nothing.
//!
//! | module | what |
//! |---|---|
//! | `ask` | a request, with what every request carries |
//! | `reply` | an answer, judged by its status and code: <https://learn.microsoft.com/graph/errors> |
//! | `loose` | values of JSON, whatever their type |
//! | `list` | a page of a list, no longer than it may be |
//! | `user` | an account as Graph writes it |
//! | `link` | links to further pages: followed at Graph's own origin only |
//! | `path` | identifiers in paths, texts in filters |
//!
//! What always holds: no answer makes it panic or hold more than a few times its body; the token goes to `graph_url` and to
//! nobody else; nothing of an answer's free texts is passed on.

mod ask;
pub mod link;
mod list;
mod loose;
mod path;
mod reply;
mod user;

pub use self::{
    ask::{Ask, CAP},
    list::Page,
    loose::Loose,
    path::{group, quote, user as user_path},
    reply::{Needs, READ, Reply},
    user::User,
};

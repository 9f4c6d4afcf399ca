//! Telling people of alerts and of how the host is doing: a channel for each `[[notify]]`, apart from where events go.
//!
//! What goes in: an [`Alert`](crate::alert::Alert) that changed, which the store marks for each channel whose [`Route`] takes it, in
//! the transaction of the change itself; and a [condition](crate::condition) that began, got worse or ended, likewise. What comes out: messages through a [`Carrier`] (a webhook, a mail, a command), and what
//! each channel knows by then ([`Told`]).
//!
//! What always holds:
//!
//! 1. **A channel is told what is so, not all that was.** The store keeps one row for a channel and an alert: that there is
//!    something to tell, and what it was told last. What to say is the difference, decided by [`telling()`] when it can be said.
//!    So a channel that was down for an hour says each alert once, as it is then.
//! 2. **At least once.** A message is noted as told after the far side took it. After a crash or an answer that settles nothing
//!    it goes again under the same names: delivery, deduplication key, `Message-ID`.
//! 3. **One key a behaviour, or a condition.** The deduplication key is the alert's fingerprint, or the condition's name: a repeat
//!    updates what is there, and an end resolves it.
//! 4. **Nobody is held up.** Each channel has a worker of its own; a message that fails by itself lets the next ones pass, whether
//!    anything was taken before or not.
//! 5. **It never gives up, and never grows without end.** What may heal is tried for ever, at most five minutes apart, and so is what
//!    is refused; what needs a person every hour, and at once when the file of a secret changes. After seven days what waits is only counted,
//!    and that is told in one message.
//! 6. **Hours and limits hold back, in sight.** They are for what is new or changed, never for an end; what a limit withheld
//!    is told in one message when its hour or day is over.
//! 7. **Event text is harmless everywhere.** What an attacker called a board or himself forges no mention, link, header, line
//!    or argument, and no secret is in any text.
//!
//! | file | noun |
//! |---|---|
//! | `route`, `hours`, `limit` | whom it concerns, when, and how much |
//! | `told`, `telling` | what a channel knows of an alert, and what follows from that |
//! | `notice` | what the store holds for a channel, `ledger` its counts |
//! | `message`, `template` | what is said, and how it looks on the way |
//! | `carrier`, `webhook`, `signature`, `smtp`, `command` | how it travels |
//! | `teller` | the worker of a channel, `rest` its waits, `status` how it is doing |

mod assemble;
mod carrier;
mod command;
mod hours;
mod ledger;
mod limit;
mod message;
mod notice;
mod rest;
mod route;
mod signature;
mod smtp;
mod status;
mod teller;
mod telling;
mod template;
#[cfg(test)]
mod tests;
mod told;
mod webhook;

pub use assemble::{assemble, build};
pub use carrier::{Answer, Carrier, CarrierError};
pub(crate) use command::PATIENCE;
pub use hours::{Hours, NoSpan, Span};
pub use ledger::{Ledger, Missed};
pub use limit::{Limit, NoLimit, Window};
pub use message::{Message, Said};
pub use notice::{Account, How, Matter, Named, Notice, Settled, Waiting};
pub use route::{Audience, Route};
pub use status::{State, Status};
pub use teller::{Next, Parts, Teller};
pub use telling::{Manner, Telling, telling, telling_condition};
pub use template::Template;
pub use told::{Phase, Told};
pub(crate) use webhook::PAGERDUTY;

//! What an ordered `notify` says.

use crate::{
    alert::{Alert, Story, Who},
    cli::{Ended, Exit, Result},
    config,
    respond::{Mail, PLACES, filled},
};

/// The mail: about an alert the text that is built in, unless another is given; about none, what is given.
pub(super) fn write(subject: Option<String>, text: Option<String>, alert: Option<&Alert>, target: &Who) -> Result<Mail> {
    let wrong = |what: String| Ended::new(Exit::Left, what);
    let Some(alert) = alert else {
        let (Some(subject), Some(text)) = (subject, text) else {
            return Err(wrong("say what it is about: `--alert N`, or both `--subject` and `--text`".to_owned()).into());
        };
        if let Some(place) = PLACES.iter().find(|place| subject.contains(**place) || text.contains(**place)) {
            return Err(wrong(format!("nothing fills {place} where there is no alert: add `--alert N`, or write it out")).into());
        }
        return checked(config::mail(Some(subject), Some(text)));
    };
    let story = Story { who: Who { name: None, ..target.clone() }, ..alert.story.clone() };
    checked(filled(&config::mail(subject, text), &story, &alert.policy))
}

fn checked(mail: Mail) -> Result<Mail> {
    if mail.subject.trim().is_empty() || mail.subject.chars().any(char::is_control) {
        return Err(Ended::new(Exit::Left, "`--subject` is one line that is not empty").into());
    }
    Ok(mail)
}

//! Whatever Miro answers about tokens: credentials that can be kept, or a failure that says what is known and no secret.

use guest_miro::{
    component::{self, Answer},
    http::{Body, TransportError},
    source::RefreshFailure,
    types::{Credentials, Failure},
};

use crate::{
    NOW,
    answers::Conversation,
    secret::{keeps_secrets, text},
};

const CONFIG: &str = r#"{"client_id": "3458764512345678901"}"#;
const SECRET: &str = "c1i3nt-s3cr3t-Yx8WqLm2Zt5";
const ACCESS: &str = "4cc3ss-t0k3n-Pq7RsTu9VwXyZ1";
const REFRESH: &str = "r3fr3sh-t0k3n-Ab2CdEf4GhIj6";
const CODE: &str = "c0d3-0f-th3-r3d1r3ct-Kl8MnOp";
const HIDDEN: [&str; 4] = [SECRET, ACCESS, REFRESH, CODE];

/// Each answer is given to every operation.
pub fn token(input: &[u8]) {
    let secrets = vec![("client_secret".to_owned(), SECRET.to_owned())];
    let old = Credentials { access_token: ACCESS.to_owned(), refresh_token: Some(REFRESH.to_owned()), expires_at: Some(NOW) };
    for answer in &Conversation::read(input).answers {
        let sent = match answer {
            Ok(response) => match &response.body {
                Body::Whole(body) => body.as_slice(),
                Body::TooLarge => &[],
            },
            Err(_) => &[],
        };
        match component::exchange(CONFIG, &secrets, CODE, "http://127.0.0.1:8976/callback", NOW, |_, _| answer.clone()) {
            Ok(credentials) => kept(&credentials),
            Err(failure) => told(&failure, sent),
        }
        match component::refresh(CONFIG, &secrets, &old, NOW, |_, _| answer.clone()) {
            Ok(credentials) => {
                kept(&credentials);
                assert!(credentials.refresh_token.is_some(), "an answer without a refresh token leaves the old one in force");
                assert!(status(answer).is_some_and(|status| (200..300).contains(&status)), "{answer:?}");
            }
            Err(failure) => {
                classified(answer, &failure);
                match &failure {
                    RefreshFailure::Unsent(failure) | RefreshFailure::Rejected(failure) => told(failure, sent),
                    RefreshFailure::Unknown(text) => told(&Failure::Protocol(text.clone()), sent),
                }
            }
        }
        match component::check(CONFIG, ACCESS, |_, _| answer.clone()) {
            Ok(identity) => assert!(identity.missing.len() <= 1, "{identity:?}"),
            Err(failure) => told(&failure, sent),
        }
        if let Err(failure) = component::revoke(CONFIG, &secrets, &old, |_, _| answer.clone()) {
            told(&failure, sent);
        }
    }
}

/// What a host may do next follows from what surely happened to the request. The pair is called intact only where Miro
/// surely did not process it, dead only where Miro said so.
fn classified(answer: &Answer, failure: &RefreshFailure) {
    let right = match (answer, failure) {
        (Err(TransportError::Unsent(_)), RefreshFailure::Unsent(Failure::Unavailable(_)))
        | (Err(TransportError::Unknown(_)), RefreshFailure::Unknown(_)) => true,
        (Ok(response), failure) => match (response.status, failure) {
            (0..=299 | 408 | 500..=599, RefreshFailure::Unknown(_)) => true,
            (400 | 401 | 403, RefreshFailure::Rejected(Failure::Unauthorized(_))) => true,
            (400 | 401, RefreshFailure::Unsent(Failure::Invalid(_))) => true,
            (400 | 401 | 403, RefreshFailure::Unsent(Failure::Unavailable(_))) => true,
            (429, RefreshFailure::Unsent(Failure::Throttled(_))) => true,
            (0..=299 | 400 | 401 | 403 | 408 | 429 | 500..=599, _) => false,
            (_, failure) => matches!(failure, RefreshFailure::Unsent(_)),
        },
        _ => false,
    };
    assert!(right, "{answer:?} was taken for {failure:?}");
}

fn kept(credentials: &Credentials) {
    assert!(!credentials.access_token.is_empty() && credentials.refresh_token.as_deref() != Some(""));
    assert!(credentials.expires_at.is_none_or(|at| at >= NOW), "{:?}", credentials.expires_at);
}

/// Short, on one line, without a secret.
fn told(failure: &Failure, sent: &[u8]) {
    keeps_secrets(failure, &HIDDEN, sent);
    let text = text(failure).unwrap_or("none");
    assert!(!text.is_empty() && text.chars().count() <= 700 && !text.chars().any(char::is_control), "{text:?}");
}

fn status(answer: &Answer) -> Option<u16> {
    answer.as_ref().ok().map(|response| response.status)
}

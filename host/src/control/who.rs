//! Who is at this terminal, for the history of what was changed.
//!
//! The person is whoever logged in, which neither `sudo` nor `su` changes; where the machine keeps no logins, whoever `sudo` says, else
//! the user that this runs as. What the environment says besides is nobody's name: whoever starts this sets it. What name that makes, and
//! whose it is, says [`person`].

use std::process::{Command, Stdio};

use crate::respond::{SOMEBODY, person};

/// The login of what nobody logged in for, as `/proc/self/loginuid` has it.
const NO_LOGIN: u32 = u32::MAX;
/// Below it are the users of the system and of services.
const FIRST: u32 = if cfg!(target_os = "macos") { 501 } else { 1000 };

/// The name of whoever is there: a person, and the user that they act as where it is another.
pub(crate) fn am_i() -> String {
    let login = std::fs::read_to_string("/proc/self/loginuid").ok().and_then(|text| text.trim().parse().ok());
    let sudo = |name| std::env::var(name).ok();
    Terminal {
        login: login.filter(|login| *login != NO_LOGIN),
        sudo: sudo("SUDO_USER"),
        sudo_user: sudo("SUDO_UID").and_then(|uid| uid.parse().ok()),
        user: rustix::process::getuid().as_raw(),
    }
    .name(user)
}

/// What tells who is there.
struct Terminal {
    /// Who logged in, where the machine keeps that.
    login: Option<u32>,
    /// Who called `sudo`, as that says.
    sudo: Option<String>,
    /// Its number.
    sudo_user: Option<u32>,
    /// Who this runs as.
    user: u32,
}

impl Terminal {
    fn name(&self, named: impl Fn(u32) -> Option<String>) -> String {
        let user = named(self.user).unwrap_or_else(|| format!("uid {}", self.user));
        let who = match (self.login, &self.sudo) {
            (Some(login), _) => is_persons(login).then(|| named(login).unwrap_or_else(|| format!("login {login}"))),
            (None, Some(sudo)) => person(sudo).filter(|_| self.sudo_user.is_none_or(is_persons)).map(str::to_owned),
            (None, None) => is_persons(self.user).then(|| named(self.user)).flatten(),
        };
        match who {
            Some(person) if self.login == Some(self.user) || person == user => person,
            Some(person) => format!("{person} as {user}"),
            None => format!("{SOMEBODY} as {user}"),
        }
    }
}

/// Whether users of this number are people: those of the system are not, nor are those that services get while they run, nor who
/// stands for users of outside a container.
fn is_persons(uid: u32) -> bool {
    uid >= FIRST && !(61_184..=65_535).contains(&uid) && uid < NO_LOGIN - 1
}

/// What this machine calls a user: itself, or the directory that it asks.
fn user(uid: u32) -> Option<String> {
    let listed = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    named(&listed, uid).or_else(|| {
        // Nothing of the environment: it could ask another directory.
        let mut ask = Command::new("/usr/bin/getent");
        let asked = ask.args(["passwd", &uid.to_string()]).env_clear().stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        named(&String::from_utf8_lossy(&asked.stdout), uid)
    })
}

/// The name of a user in a list like `/etc/passwd`.
fn named(listed: &str, uid: u32) -> Option<String> {
    listed.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse::<u32>().ok()? == uid).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "root:x:0:0:root:/root:/bin/sh\n\nbroken\nmiro-source:x:998:998::/var/lib/miro-source:/usr/sbin/nologin\n\
                          ann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";

    /// As whoever logged in, whoever called `sudo`, and whoever it runs as are called.
    fn called(login: Option<u32>, sudo: Option<(&str, Option<u32>)>, user: u32) -> String {
        let (sudo, sudo_user) = (sudo.map(|(name, _)| name.to_owned()), sudo.and_then(|(_, uid)| uid));
        Terminal { login, sudo, sudo_user, user }.name(|uid| named(LISTED, uid))
    }

    #[test]
    fn a_person_is_called_as_the_machine_calls_them() {
        assert_eq!(named(LISTED, 1000).as_deref(), Some("ann"));
        assert_eq!(named(LISTED, 7), None);
        assert_eq!(called(Some(1000), None, 1000), "ann");
        assert_eq!(called(None, None, 1000), "ann");
        assert!(!am_i().is_empty());
    }

    #[test]
    fn who_logged_in_is_one_person_whatever_user_they_act_as_and_whatever_the_environment_says() {
        let sudo = Some(("bob", Some(1001)));
        for (user, expected) in [(0, "ann as root"), (998, "ann as miro-source"), (1001, "ann as bob"), (65_532, "ann as uid 65532")] {
            for sudo in [None, sudo] {
                assert_eq!(called(Some(1000), sudo, user), expected);
                assert_eq!(person(expected), Some("ann"));
            }
        }
        // Whom the machine has no name for is one person all the same.
        for (user, expected) in [(5_000_001, "login 5000001"), (998, "login 5000001 as miro-source")] {
            assert_eq!(called(Some(5_000_001), sudo, user), expected);
            assert_eq!(person(expected), Some("login 5000001"));
        }
    }

    #[test]
    fn where_no_login_is_kept_it_is_who_called_sudo_as_whatever_user() {
        assert_eq!(called(None, Some(("ann", Some(1000))), 0), "ann as root");
        assert_eq!(called(None, Some(("ann", Some(1000))), 998), "ann as miro-source");
        assert_eq!(called(None, Some(("ann", None)), 65_532), "ann as uid 65532");
        assert_eq!(called(None, Some(("bob as ann", None)), 998), "bob as miro-source");
    }

    #[test]
    fn root_users_of_the_system_and_mere_numbers_are_nobody_in_particular() {
        let odd = [
            (called(None, None, 0), "somebody as root"),
            (called(None, None, 998), "somebody as miro-source"),
            (called(None, None, 65_532), "somebody as uid 65532"),
            (called(None, None, 1002), "somebody as uid 1002"),
            (called(Some(0), Some(("ann", Some(1000))), 0), "somebody as root"),
            (called(Some(998), None, 998), "somebody as miro-source"),
            (called(Some(65_534), None, 998), "somebody as miro-source"),
            (called(None, Some(("root", Some(0))), 998), "somebody as miro-source"),
            (called(None, Some(("deploy", Some(997))), 998), "somebody as miro-source"),
            (called(None, Some(("", None)), 998), "somebody as miro-source"),
        ];
        for (name, expected) in odd {
            assert_eq!(name, expected);
            assert_eq!(person(&name), None);
        }
        assert_eq!(["root", "uid 7", "", " as root"].map(person), [None; 4]);
    }
}

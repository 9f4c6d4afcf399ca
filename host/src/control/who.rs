//! Who is at this terminal, for the history of what was changed.

/// The user that this process runs as, by the name that the machine gives it; where that is root on behalf of somebody, both.
pub(crate) fn am_i() -> String {
    let uid = rustix::process::getuid().as_raw();
    let listed = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = |name: &str| std::env::var(name).ok().filter(|name| !name.is_empty());
    let name = named(&listed, uid).or_else(|| user("USER")).or_else(|| user("LOGNAME")).unwrap_or_else(|| format!("uid {uid}"));
    match user("SUDO_USER").filter(|_| uid == 0) {
        Some(person) => format!("{person} as {name}"),
        None => name,
    }
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

    #[test]
    fn a_person_is_called_as_the_machine_calls_them() {
        let listed = "root:x:0:0:root:/root:/bin/sh\n\nbroken\nann:x:1000:1000::/home/ann:/bin/sh\n";
        assert_eq!(named(listed, 1000).as_deref(), Some("ann"));
        assert_eq!(named(listed, 7), None);
        assert!(!am_i().is_empty());
    }
}

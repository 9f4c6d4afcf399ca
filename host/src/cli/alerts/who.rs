//! Who is at this terminal, for the history of what was changed.

/// The user that this process runs as, by the name that the machine gives it; where that is root on behalf of somebody, both.
pub(in crate::cli) fn am_i() -> String {
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
pub(super) fn named(listed: &str, uid: u32) -> Option<String> {
    listed.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse::<u32>().ok()? == uid).then(|| name.to_owned())
    })
}

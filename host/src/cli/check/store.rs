//! The database, its key and its owner.

use std::{path::Path, sync::Arc};

use rustix::fs::Access;

use super::report::{Level, Report};
use crate::{
    cli::Exit,
    config::Config,
    pipeline,
    store::{Store, lock::StoreLock, place},
};

/// Checks the store; gives it for reading where there is one.
pub(super) async fn check(config: &Config, report: &mut Report) -> Option<Arc<dyn Store>> {
    let path = &config.store.path;
    let usable = match pipeline::store_key(config) {
        Ok(_) => true,
        Err(why) => {
            let advice = "the key is 32 random bytes: `miro-source init` makes one, or `openssl rand -hex 32`; see [store] key";
            report.fail(Exit::Configuration, "store", &format!("the key cannot be used: {why:#}"), Some(advice));
            false
        }
    };
    if let Err(why) = writable(path) {
        let advice = "create the folder, and let the user that runs miro-source write there; or change [store] path";
        report.fail(Exit::Configuration, "store", &format!("{} cannot be written: {why}", path.display()), Some(advice));
        return None;
    }
    if let Err(why) = place::check(path) {
        report.fail(Exit::Configuration, "store", &why.to_string(), None);
        return None;
    }
    if !usable {
        return None;
    }
    if !path.exists() {
        report.line(Level::Ok, "store", &format!("{} will be created; key ok", path.display()), None);
        return None;
    }
    let holder = match StoreLock::holder(path) {
        Some(holder) => format!("in use by process {} (`{}`) since {}", holder.pid, holder.command, holder.since),
        None => "no process collects into it now".into(),
    };
    match pipeline::look(config) {
        Ok(store) => {
            report.line(Level::Ok, "store", &format!("{}: key ok; {holder}", path.display()), None);
            Some(store)
        }
        Err(why) => {
            let advice = "is this the key that the database was made with, and the right file?";
            report.fail(Exit::Configuration, "store", &format!("{} cannot be read: {why:#}", path.display()), Some(advice));
            None
        }
    }
}

/// Whether the database and the files beside it can be written. Leaves nothing behind.
///
/// The database is asked about and not opened: a host that runs checks itself, and a process that closes any descriptor of a file
/// loses all its locks on it. Another program would then take itself for the last one to use the database, and delete its log.
fn writable(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        rustix::fs::access(path, Access::WRITE_OK)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".check-{}", std::process::id()));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
    std::fs::remove_file(&beside)
}

#[cfg(test)]
mod tests {
    use super::writable;
    use crate::store::{
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    };

    /// The database that another process is to use and to put aside.
    const FOREIGN: &str = "MIRO_SOURCE_FOREIGN_DATABASE";

    #[test]
    fn i3_a_check_within_the_host_keeps_its_locks_so_that_nobody_else_deletes_its_log() {
        if let Some(path) = std::env::var_os(FOREIGN) {
            let db = rusqlite::Connection::open(path).unwrap();
            db.query_row("SELECT count(*) FROM sources", [], |row| row.get::<_, i64>(0)).unwrap();
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let open = Open { path: path.clone(), key: Key::new(&[7; 32]), access: Access::Owner, vfs: None, exclusive: false };
        let _owner = SqliteStore::open(open).unwrap();
        writable(&path).unwrap();
        // Locks of one process do not stop itself: it takes another one.
        let name = "cli::check::store::tests::i3_a_check_within_the_host_keeps_its_locks_so_that_nobody_else_deletes_its_log";
        let mut foreign = std::process::Command::new(std::env::current_exe().unwrap());
        let done = foreign.args([name, "--exact"]).env(FOREIGN, &path).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && said.contains("1 passed"), "{said}");
        assert!(folder.path().join("store.db-wal").exists(), "the log of an open store is gone");
    }

    #[test]
    fn a_folder_that_is_not_there_is_noticed_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        assert!(writable(&folder.path().join("no/store.db")).is_err());
        assert!(writable(&folder.path().join("store.db")).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

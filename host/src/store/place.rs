//! Where a store may lie: on a disk of this machine. SQLite needs locks and shared memory that network file systems do not give
//! reliably, and what they acknowledge may not be durable: a store on one is damaged sooner or later.

use std::path::{Path, PathBuf};

use super::{Result, StoreError, StoreErrorKind};

/// File systems that are somewhere else, as the kernel calls them. Of those in user space, the part behind `fuse.`.
const REMOTE: [&str; 27] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb2",
    "smb3",
    "smbfs",
    "ncpfs",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "beegfs",
    "orangefs",
    "pvfs2",
    "gpfs",
    "davfs",
    "davfs2",
    "sshfs",
    "s3fs",
    "goofys",
    "gcsfuse",
    "rclone",
    "curlftpfs",
    "ceph-fuse",
    "juicefs",
    "smbnetfs",
    "blobfuse2",
];

/// Refuses a place on a network file system. What cannot be found out is no reason.
pub fn check(path: &Path) -> Result<()> {
    match file_system(path) {
        Some(kind) if is_remote(&kind) => Err(StoreError::new(
            StoreErrorKind::Unusable,
            format!(
                "the store {} is on a network file system ({kind}), which loses and damages databases: put it on a disk of this machine \
                 (`path` in [store]); a copy of it may go there, by `miro-source backup`",
                path.display()
            ),
        )),
        _ => Ok(()),
    }
}

fn is_remote(kind: &str) -> bool {
    let name = kind.strip_prefix("fuse.").unwrap_or(kind);
    REMOTE.contains(&name)
}

/// What the file system of a path is called, where this system says so.
fn file_system(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    // The file may not be there yet, its folder is.
    let there = path.canonicalize().or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        folder.canonicalize()
    });
    kind(&mounts, &there.ok()?)
}

/// Of the mounts that lie above a path, the innermost and latest (proc_pid_mountinfo(5)).
fn kind(mounts: &str, path: &Path) -> Option<String> {
    let each = mounts.lines().filter_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let point = PathBuf::from(unescaped(mount.split(' ').nth(4)?));
        Some((point, file_system.split(' ').next()?))
    });
    let above = each.filter(|(point, _)| path.starts_with(point));
    above.max_by_key(|(point, _)| point.components().count()).map(|(_, kind)| kind.to_owned())
}

/// A space, a tab, a line break and a backslash are written as three octal digits.
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .into_iter()
        .fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 21 0:25 / /srv rw,relatime shared:2 master:1 - nfs4 files:/export rw,vers=4.2
31 30 254:1 / /srv/local rw - xfs /dev/vdb rw
32 21 0:40 / /home/me/my\\040files rw - fuse.sshfs me@host: rw
33 21 0:41 / /host rw - virtiofs share rw
34 33 0:42 / /host/again rw - ext4 /dev/vdc rw
35 33 0:43 / /host/again rw - cifs //server/share rw
";

    #[test]
    fn a_place_on_a_network_file_system_is_known_by_its_innermost_latest_mount() {
        let remote = |path: &str| is_remote(&kind(MOUNTS, Path::new(path)).unwrap());
        for path in ["/srv/store.db", "/srv/locally/store.db", "/home/me/my files/store.db", "/host/again/store.db"] {
            assert!(remote(path), "{path}");
        }
        for path in ["/store.db", "/srv/local/store.db", "/home/me/store.db", "/host/store.db"] {
            assert!(!remote(path), "{path}");
        }
        assert_eq!(kind("no mounts", Path::new("/store.db")), None);
    }

    #[test]
    fn a_disk_of_this_machine_is_no_network_file_system() {
        let folder = tempfile::tempdir().unwrap();
        check(&folder.path().join("store.db")).unwrap();
        check(&folder.path().join("not/there/store.db")).unwrap();
    }
}

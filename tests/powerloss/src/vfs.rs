//! The disk as a SQLite VFS (<https://sqlite.org/vfs.html>), without shared memory: open databases on it with
//! `locking_mode=EXCLUSIVE`.
//!
//! Why the `unsafe` here is sound: SQLite calls these functions only with pointers it got from us or made as its
//! documentation says. The VFS and its disk are leaked, so they outlive every file; a file's memory is SQLite's,
//! filled by `open` before any other call and left alone after `close`.

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    mem::size_of,
    ptr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::ffi;

use crate::disk::{Disk, PowerOff, Unwritten};

/// A disk that SQLite knows by a name, for as long as the process lives.
#[derive(Clone, Copy, Debug)]
pub struct Mounted(&'static Mutex<Disk>);

/// SQLite refused the VFS.
#[derive(Clone, Copy, Debug)]
pub struct Refused(pub c_int);

/// What SQLite holds for each open file: its own part first, then ours.
#[repr(C)]
struct Open {
    base: ffi::sqlite3_file,
    disk: Mounted,
    name: String,
    passing: bool,
}

impl Mounted {
    /// The disk.
    pub fn disk(&self) -> MutexGuard<'static, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a new disk known to SQLite under `name`.
pub fn mount(name: &str) -> Result<Mounted, Refused> {
    let name = CString::new(name).map_err(|_| Refused(ffi::SQLITE_MISUSE))?;
    let mounted = Mounted(Box::leak(Box::default()));
    // SAFETY: initializing twice is allowed; finding with null gives the default VFS, which is there once initialized.
    let default = unsafe {
        ffi::sqlite3_initialize();
        ffi::sqlite3_vfs_find(ptr::null()).as_ref()
    };
    // Randomness, sleep and time stay the default's: those ignore the VFS they are called with.
    let vfs = ffi::sqlite3_vfs {
        szOsFile: c_int::try_from(size_of::<Open>()).map_err(|_| Refused(ffi::SQLITE_INTERNAL))?,
        pNext: ptr::null_mut(),
        zName: name.into_raw(),
        pAppData: Box::into_raw(Box::new(mounted)).cast(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_path),
        ..*default.ok_or(Refused(ffi::SQLITE_INTERNAL))?
    };
    // SAFETY: the VFS, its name and its data are leaked, so they live for ever.
    match unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0) } {
        ffi::SQLITE_OK => Ok(mounted),
        code => Err(Refused(code)),
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(ignore_lock),
    xUnlock: Some(ignore_lock),
    xCheckReservedLock: Some(no_reserved_lock),
    xFileControl: Some(no_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

fn code(result: Result<(), PowerOff>, failed: c_int) -> c_int {
    if result.is_ok() { ffi::SQLITE_OK } else { failed }
}

/// # Safety
/// `vfs` is one that `mount` made.
unsafe fn mounted(vfs: *mut ffi::sqlite3_vfs) -> Mounted {
    // SAFETY: `mount` put a leaked `Mounted` there.
    unsafe { *(*vfs).pAppData.cast::<Mounted>() }
}

/// # Safety
/// `file` was filled by `open` and not closed since.
unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> &'a Open {
    // SAFETY: `open` wrote a whole `Open` there, whose first field is the `sqlite3_file`.
    unsafe { &*file.cast::<Open>() }
}

/// # Safety
/// `name` is null or a C string.
unsafe fn text(name: *const c_char) -> Option<String> {
    // SAFETY: not null here, hence a C string.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned())
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    granted: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes our VFS and a name or null.
    let (disk, name) = unsafe { (mounted(vfs), text(name)) };
    let name = name.unwrap_or_else(|| disk.disk().temporary());
    let there = disk.disk().exists(&name);
    if !there && flags & ffi::SQLITE_OPEN_CREATE == 0 || disk.disk().create(&name).is_err() {
        // SAFETY: `file` points to `szOsFile` bytes; null methods tell SQLite not to close it.
        unsafe { (*file).pMethods = ptr::null() };
        return ffi::SQLITE_CANTOPEN;
    }
    let base = ffi::sqlite3_file { pMethods: &METHODS };
    let passing = flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0;
    // SAFETY: `file` points to `szOsFile` bytes, aligned and ours to fill; `granted` is null or writable.
    unsafe {
        file.cast::<Open>().write(Open { base, disk, name, passing });
        if let Some(granted) = granted.as_mut() {
            *granted = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, synced: c_int) -> c_int {
    // SAFETY: SQLite passes our VFS and a name.
    let (disk, name) = unsafe { (mounted(vfs), text(name).unwrap_or_default()) };
    code(disk.disk().delete(&name, synced != 0), ffi::SQLITE_IOERR_DELETE)
}

unsafe extern "C" fn access(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, _: c_int, found: *mut c_int) -> c_int {
    // SAFETY: SQLite passes our VFS, a name, and a place for the answer.
    unsafe { *found = c_int::from(mounted(vfs).disk().exists(&text(name).unwrap_or_default())) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_path(_: *mut ffi::sqlite3_vfs, name: *const c_char, room: c_int, full: *mut c_char) -> c_int {
    // SAFETY: SQLite passes a C string.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if usize::try_from(room).map_or(true, |room| room < bytes.len()) {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: `full` has `room` bytes, which is enough, and overlaps nothing.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), full, bytes.len()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: an open file, which SQLite does not use again.
    let open = unsafe { file.cast::<Open>().read() };
    if open.passing {
        // A temporary file: whether it goes does not matter.
        let _ = open.disk.disk().delete(&open.name, true);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, many: c_int, at: i64) -> c_int {
    let (Ok(many), Ok(at)) = (usize::try_from(many), usize::try_from(at)) else { return ffi::SQLITE_IOERR_READ };
    // SAFETY: an open file, and room for `many` bytes, zeroed before they are shown as a slice.
    let (open, to) = unsafe {
        ptr::write_bytes(to.cast::<u8>(), 0, many);
        (opened(file), std::slice::from_raw_parts_mut(to.cast::<u8>(), many))
    };
    match open.disk.disk().read(&open.name, at, to) {
        Ok(read) if read == many => ffi::SQLITE_OK,
        Ok(_) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(PowerOff) => ffi::SQLITE_IOERR_READ,
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, many: c_int, at: i64) -> c_int {
    let (Ok(many), Ok(at)) = (usize::try_from(many), usize::try_from(at)) else { return ffi::SQLITE_IOERR_WRITE };
    // SAFETY: an open file, and `many` bytes.
    let (open, from) = unsafe { (opened(file), std::slice::from_raw_parts(from.cast::<u8>(), many)) };
    match open.disk.disk().write(&open.name, at, from) {
        Ok(()) => ffi::SQLITE_OK,
        Err(Unwritten::Off) => ffi::SQLITE_IOERR_WRITE,
        Err(Unwritten::Full) => ffi::SQLITE_FULL,
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    let Ok(size) = usize::try_from(size) else { return ffi::SQLITE_IOERR_TRUNCATE };
    code(open.disk.disk().resize(&open.name, size), ffi::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    code(open.disk.disk().sync(&open.name), ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    let Ok(bytes) = open.disk.disk().size(&open.name) else { return ffi::SQLITE_IOERR_FSTAT };
    // SAFETY: a place for the answer.
    unsafe { *size = i64::try_from(bytes).unwrap_or(i64::MAX) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn ignore_lock(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn no_reserved_lock(_: *mut ffi::sqlite3_file, locked: *mut c_int) -> c_int {
    // SAFETY: a place for the answer.
    unsafe { *locked = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn no_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

/// What SQLite assumes of disks under Linux too: a torn write damages no bytes beside it.
unsafe extern "C" fn characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

//! Power loss in the middle of bringing up the tables of an older version: either is there, whole, with everything that was in it.

use std::collections::BTreeMap;

use miro_source::store::{
    seal::Key,
    sqlite::{Access, Open, SqliteStore},
};
use powerloss::vfs::mount;
use rusqlite::{Connection, OpenFlags, types::Value};

/// Stores as older versions wrote them, each filled with all that it can hold.
const OLDER: [&[u8]; 5] = [
    include_bytes!("../../../../host/src/store/sqlite/tests/store-v1.db.zst"),
    include_bytes!("../../../../host/src/store/sqlite/tests/store-v2.db.zst"),
    include_bytes!("../../../../host/src/store/sqlite/tests/store-v3.db.zst"),
    include_bytes!("../../../../host/src/store/sqlite/tests/store-v4.db.zst"),
    include_bytes!("../../../../host/src/store/sqlite/tests/store-v5.db.zst"),
];

type Rows = Vec<Vec<Value>>;

/// Every table with the columns that it has in `columns`, or all that there are, and its rows.
fn everything(
    vfs: &str,
    name: &str,
    columns: Option<&BTreeMap<String, Vec<String>>>,
) -> (BTreeMap<String, Vec<String>>, BTreeMap<String, Rows>) {
    let db = Connection::open_with_flags_and_vfs(name, OpenFlags::default(), vfs).unwrap();
    db.execute_batch("PRAGMA locking_mode = EXCLUSIVE").unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(|name| name.unwrap()).collect()
    };
    let columns = columns.cloned().unwrap_or_else(|| {
        let tables = names("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
        tables.into_iter().map(|table| (table.clone(), names(&format!("SELECT name FROM pragma_table_info('{table}')")))).collect()
    });
    let rows = |table: &str, columns: &[String]| -> Rows {
        let mut statement = db.prepare(&format!("SELECT {} FROM {table}", columns.join(", "))).unwrap();
        let many = columns.len();
        let rows = statement.query_map([], |row| (0..many).map(|column| row.get(column)).collect()).unwrap();
        rows.map(|row| row.unwrap()).collect()
    };
    let all = columns.iter().map(|(table, columns)| (table.clone(), rows(table, columns))).collect();
    (columns, all)
}

#[test]
fn i3_power_loss_at_any_write_of_an_upgrade_leaves_a_whole_store_with_all_that_was_in_it() {
    let disk = mount("upgrade").unwrap();
    let mut tried = 0;
    for packed in OLDER {
        let older = zstd::decode_all(packed).unwrap();
        for cut in 0.. {
            // The database lies on the disk that loses power; what stands beside it, in a folder of its own.
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.db");
            let name = path.to_str().unwrap();
            disk.disk().lose_power(0);
            disk.disk().put(name, &older);
            let (columns, before) = everything("upgrade", name, None);
            disk.disk().keep_on();
            disk.disk().cut_after(cut);
            let usual = || Open { vfs: Some("upgrade".into()), exclusive: true, ..Open::new(&path, Key::new(&[1; 32]), Access::Owner) };
            let upgraded = SqliteStore::open(usual());
            let complete = upgraded.is_ok();
            drop(upgraded);
            disk.disk().lose_power(cut);
            drop(SqliteStore::open(usual()).unwrap_or_else(|why| panic!("cut after {cut}: {why}")));
            let (_, after) = everything("upgrade", name, Some(&columns));
            assert_eq!(after, before, "cut after {cut} changes");
            tried += 1;
            if complete {
                break;
            }
        }
    }
    assert!(tried > 60, "only {tried} changes were cut");
}

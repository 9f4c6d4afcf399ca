//! What an event takes on disk, its index and the memory of its id included.

use crate::{
    stock,
    table::{Table, Target},
};

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let events = stock::events(30_000).await?;
    for (page, target) in [(100, Target::Most(600.0)), (3, Target::Most(600.0))] {
        let folder = tempfile::tempdir()?;
        let store = stock::open(folder.path())?;
        // Enough of them that what an empty store takes does not count.
        let events = events.get(..page * 3000).unwrap_or(&events);
        for page in events.chunks(page) {
            stock::commit(&store, &stock::acme()?, page)?;
        }
        // The last connection writes everything into the one file.
        drop(store);
        let size = std::fs::metadata(folder.path().join("store.db"))?.len();
        table.row(format!("disk an event, stored in pages of {page}"), target, size as f64 / events.len() as f64, "bytes");
    }
    Ok(())
}

//! The figures that this project promises, as a table: what, target, measured. About two minutes, and it ends by itself.
//!
//! `cargo bench -p miro-source-tests --bench figures`, or only some: `-- disk resident`; `-- many` takes ten more and
//! runs only when it is asked for. Other work on the machine makes
//! times worse, never better: where one misses its target, run that figure again by itself.

mod day;
mod detect;
mod disk;
#[path = "../ground/door.rs"]
mod door;
mod many;
mod meter;
mod pace;
#[path = "../ground/pages.rs"]
mod pages;
mod plain;
mod resident;
#[path = "../ground/sandbox.rs"]
mod sandbox;
mod start;
mod step;
#[path = "../ground/stock.rs"]
mod stock;
mod swap;
mod table;
mod throughput;

use std::time::Instant;

use table::Table;

fn main() -> anyhow::Result<()> {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut table = Table::default();
    for name in ["step", "start", "throughput", "pace", "day", "disk", "resident", "swap", "detect", "many"] {
        let all = chosen.is_empty() && name != "many";
        if !all && !chosen.iter().any(|chosen| chosen == name) {
            continue;
        }
        let began = Instant::now();
        match name {
            "step" => tokio.block_on(step::measure(&mut table))?,
            "start" => start::measure(&mut table)?,
            "throughput" => tokio.block_on(throughput::measure(&mut table))?,
            "pace" => tokio.block_on(pace::measure(&mut table))?,
            "day" => tokio.block_on(day::measure(&mut table))?,
            "disk" => tokio.block_on(disk::measure(&mut table))?,
            "detect" => tokio.block_on(detect::measure(&mut table))?,
            "many" => tokio.block_on(many::measure(&mut table))?,
            "swap" => tokio.block_on(swap::measure(&mut table))?,
            _ => tokio.block_on(resident::measure(&mut table))?,
        }
        eprintln!("{name}: {:.1} s", began.elapsed().as_secs_f64());
    }
    println!("{table}");
    Ok(())
}

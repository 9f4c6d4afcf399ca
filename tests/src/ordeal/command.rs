//! `demo seeds`: as many ordeals as one wants, by hand.

use std::{
    ffi::OsString,
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use clap::Parser;

use super::{Laboratory, Plan, Ran};

/// Runs schedules of arrivals, faults, downtimes and crashes, each drawn from a seed
#[derive(Debug, Parser)]
#[command(name = "demo seeds")]
struct Args {
    /// The first seed
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many seeds
    #[arg(long, default_value_t = 1000)]
    count: u64,
    /// Only this seed
    #[arg(long)]
    only: Option<u64>,
    /// How many at once
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Go on after a seed that failed
    #[arg(long)]
    keep_going: bool,
    /// Print every step
    #[arg(long)]
    verbose: bool,
    /// Show what the host logs, from this level on
    #[arg(long)]
    log: Option<tracing::Level>,
}

/// Runs the command with these arguments, its name first. The exit code is 1 if a seed failed.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = Args::parse_from(args);
    if let Some(level) = args.log {
        tracing_subscriber::fmt().with_max_level(level).init();
    }
    let (from, count) = args.only.map_or((args.from, args.count), |seed| (seed, 1));
    match many(from, count, args.threads, args.keep_going, args.verbose) {
        Ok(sum) => {
            println!("{sum}");
            if sum.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            eprintln!("seeds: {why:#}");
            ExitCode::FAILURE
        }
    }
}

/// What many ordeals came to.
#[derive(Debug, Default)]
pub struct Sum {
    /// Ordeals that ended.
    pub ran: u64,
    /// Those that failed.
    pub failed: Vec<u64>,
    /// Events that Miro held in all of them.
    pub held: u64,
    /// Requests to Miro.
    pub requests: u64,
    /// Lines that were delivered again.
    pub duplicates: u64,
    /// Crashes.
    pub crashes: u64,
    /// Times that a person authorized again.
    pub visits: u64,
    /// The digests of all steps, in no order.
    pub digest: u64,
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ran, failed, held, requests, duplicates, crashes, visits, digest } = self;
        write!(
            f,
            "{ran} seeds: {held} events, {requests} requests, {duplicates} duplicates, {crashes} crashes, {visits} visits, digest {digest:016x}; "
        )?;
        if failed.is_empty() { f.write_str("all passed") } else { write!(f, "{} failed: {failed:?}", failed.len()) }
    }
}

impl Sum {
    fn add(&mut self, ran: &Ran) {
        self.ran += 1;
        self.held += ran.books.account.held;
        self.requests += ran.books.account.requests;
        self.duplicates += ran.books.account.duplicates;
        self.crashes += ran.books.crashes;
        self.visits += ran.books.visits;
        self.digest ^= ran.digest;
        if !ran.verdict.passed() {
            self.failed.push(ran.plan.seed);
        }
    }
}

/// Runs the seeds `from..from + count`, `threads` at once, and prints each that fails. Stops at the first of them unless
/// it is to go on.
pub fn many(from: u64, count: u64, threads: u64, keep_going: bool, aloud: bool) -> anyhow::Result<Sum> {
    let single = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    let laboratory = Arc::new(single()?.block_on(Laboratory::new())?);
    let (next, stop) = (AtomicU64::new(from), AtomicBool::new(false));
    let sum = Mutex::new(Sum::default());
    let work = || -> anyhow::Result<()> {
        let runtime = single()?;
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed - from >= count {
                break;
            }
            let ran = runtime.block_on(laboratory.run(&Plan::draw(seed), aloud))?;
            if !ran.verdict.passed() {
                println!("{ran}\n");
                stop.fetch_or(!keep_going, Ordering::Relaxed);
            }
            sum.lock().unwrap_or_else(PoisonError::into_inner).add(&ran);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?)
    })?;
    Ok(sum.into_inner().unwrap_or_else(PoisonError::into_inner))
}

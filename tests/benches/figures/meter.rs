//! What a process used, as Linux counts it.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::Context as _;

/// Wall and processor time since it was started.
pub(crate) struct Meter {
    began: Instant,
    used: Duration,
}

impl Meter {
    /// Starts.
    pub(crate) fn start() -> anyhow::Result<Self> {
        Ok(Self { began: Instant::now(), used: processor()? })
    }

    /// Wall time, and processor time of all threads, so far.
    pub(crate) fn read(&self) -> anyhow::Result<(Duration, Duration)> {
        Ok((self.began.elapsed(), processor()?.saturating_sub(self.used)))
    }
}

/// Processor time of this process, in steps of 10 ms.
fn processor() -> anyhow::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat is not as it was")?;
    // utime and stime: the 14th and 15th field, and the name before `)` is the second.
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// The resident memory of a process in kilobytes: all of it, and the part that belongs to no file.
pub(crate) fn resident(process: u32) -> anyhow::Result<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let field = |name: &str| -> anyhow::Result<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("/proc has no {name}"))?;
        Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?)
    };
    Ok((field("VmRSS")?, field("RssAnon")?))
}

/// The median.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// In microseconds.
pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

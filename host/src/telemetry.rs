//! The log: text for people, JSON for machines, to standard error; never a secret, never an untrusted control character.
//!
//! Secrets stay out because no type that holds one prints it; what vendors and users wrote goes through
//! [`crate::neutral::visible`] where it enters a message.

use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

use crate::config::LogFormat;

/// Begins to log. `filter` as in <https://docs.rs/tracing-subscriber/latest/tracing_subscriber/filter/struct.EnvFilter.html>.
/// A second call changes nothing.
pub fn begin(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter =
        EnvFilter::try_new(filter).map_err(|why| format!("`{filter}` is no log filter ({why}); write `info` or `miro_source=debug`"))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_span_events(FmtSpan::NONE);
    let begun = match format {
        LogFormat::Text => lines.with_ansi(false).with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
    // Only a test process begins twice.
    drop(begun);
    Ok(())
}

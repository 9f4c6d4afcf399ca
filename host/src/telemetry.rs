//! The log: text for people, JSON for machines, to standard error; never a secret, never an untrusted control character.
//!
//! Secrets stay out because no type that holds one prints it, and what vendors and users wrote goes through
//! [`crate::neutral::visible`] where it enters a message. Libraries give no such promise: an HTTP client may trace its
//! requests, the URL of a Sumo Logic source among them. So below a warning only this program's own modules are heard,
//! whatever filter somebody asks for.
//!
//! Spans are no part of it: those that there are go to a collector, where one is configured ([`crate::trace`]), whatever the log's filter.

use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, filter_fn},
    fmt::{self, format::FmtSpan},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    config::LogFormat,
    trace::{self, Recorder},
};

/// The modules that are heard at every level.
const OWN: &str = "miro_source";

/// Begins to log. `filter` as in <https://docs.rs/tracing-subscriber/latest/tracing_subscriber/filter/struct.EnvFilter.html>;
/// of libraries it lets warnings and errors through at most. A second call changes nothing.
pub fn begin(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter =
        EnvFilter::try_new(filter).map_err(|why| format!("`{filter}` is no log filter ({why}); write `info` or `miro_source=debug`"))?;
    let lines = fmt::layer().with_writer(std::io::stderr).with_span_events(FmtSpan::NONE);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(false).with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
    };
    let heard = filter_fn(|metadata| metadata.is_event() && is_heard(metadata.target(), metadata.level()));
    let recorder = Recorder::new(trace::shelf());
    let traced = recorder.filter();
    // Only a test process begins twice.
    drop(tracing_subscriber::registry().with(lines.with_filter(filter.and(heard))).with(recorder.with_filter(traced)).try_init());
    Ok(())
}

/// Whether something may be logged at all: what is ours, and what is a warning or worse.
fn is_heard(target: &str, level: &tracing::Level) -> bool {
    let own = target.strip_prefix(OWN).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    own || *level <= tracing::Level::WARN
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::is_heard;

    #[test]
    fn i5_libraries_are_heard_from_a_warning_on_and_this_program_always() {
        for (target, level, heard) in [
            ("miro_source", Level::TRACE, true),
            ("miro_source::schedule::worker", Level::DEBUG, true),
            ("miro_source_of_evil", Level::INFO, false),
            ("hyper_util::client::legacy::connect::http", Level::TRACE, false),
            ("reqwest::connect", Level::DEBUG, false),
            ("rustls::client::hs", Level::INFO, false),
            ("hyper", Level::WARN, true),
            ("wasmtime", Level::ERROR, true),
        ] {
            assert_eq!(is_heard(target, &level), heard, "{target} at {level}");
        }
    }
}

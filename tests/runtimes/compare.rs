//! Two plays, event by event and byte by byte: the same events, each with the same bytes, in the same order, in the same
//! visit.

use miro_source::neutral;

use crate::play::Play;

/// How many equal bytes are shown before those that differ.
const BEFORE: usize = 100;

/// Where `other` departs from `measure`, for people; nothing where they are equal.
pub(crate) fn difference(measure: &Play, other: &Play) -> Option<String> {
    let mut visits = measure.output.iter().zip(&other.output).enumerate();
    let (visit, (ours, theirs)) = visits.find(|(_, (ours, theirs))| ours != theirs)?;
    let (mut ours, mut theirs) = (lines(ours), lines(theirs));
    let counts = (ours.clone().count(), theirs.clone().count());
    let mut at = 1;
    let pair = loop {
        match (ours.next(), theirs.next()) {
            (Some(a), Some(b)) if a == b => at += 1,
            pair => break pair,
        }
    };
    let same = pair.0.unwrap_or_default().iter().zip(pair.1.unwrap_or_default()).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(BEFORE);
    let text = |line: &[u8]| neutral::brief(&String::from_utf8_lossy(line.get(from..).unwrap_or_default()), BEFORE + 100);
    let shown = |line: Option<&[u8]>| line.map_or("nothing".to_owned(), text);
    Some(format!(
        "visit {}: {} events here, {} from the native host; from byte {from} on, line {at} is\n  {}\nand from the native host\n  {}",
        visit + 1,
        counts.1,
        counts.0,
        shown(pair.1),
        shown(pair.0)
    ))
}

fn lines(output: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    output.split_inclusive(|byte| *byte == b'\n')
}

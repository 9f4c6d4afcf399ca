//! Two plays, event by event and byte by byte: the same events, each with the same bytes, in the same order, in the same
//! visit.

use miro_source::neutral;

use crate::play::Play;

/// Where `other` departs from `measure`, for people; nothing where they are equal.
pub(crate) fn difference(measure: &Play, other: &Play) -> Option<String> {
    let visits = measure.output.iter().zip(&other.output).enumerate();
    for (visit, (ours, theirs)) in visits.filter(|(_, (ours, theirs))| ours != theirs) {
        let (mut ours, mut theirs) = (lines(ours), lines(theirs));
        let counts = (ours.clone().count(), theirs.clone().count());
        let mut at = 1;
        let pair = loop {
            match (ours.next(), theirs.next()) {
                (Some(a), Some(b)) if a == b => at += 1,
                pair => break pair,
            }
        };
        let shown = |line: Option<&[u8]>| line.map_or("nothing".to_owned(), |line| neutral::brief(&String::from_utf8_lossy(line), 400));
        return Some(format!(
            "visit {}: {} events here, {} from the native host; line {at} is\n  {}\nand from the native host\n  {}",
            visit + 1,
            counts.1,
            counts.0,
            shown(pair.1),
            shown(pair.0)
        ));
    }
    (measure.output.len() != other.output.len()).then(|| "not every visit was made".to_owned())
}

fn lines(output: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    output.split_inclusive(|byte| *byte == b'\n')
}

//! A batch as Sumo Logic reads it: one JSON object a line, compressed.

use std::{borrow::Cow, io::Write as _};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

use super::shrink::shrink;
use crate::sink::Line;

/// From here on Cloud SIEM and some search operators may not read a message whole.
/// <https://help.sumologic.com/docs/search/get-started-with-search/search-basics/search-large-messages/>
pub const LARGE: usize = 65_536;
/// From here on Sumo Logic cuts a message into pieces.
pub const LARGEST: usize = 262_144;

/// NDJSON, gzip. Fast: the far side counts bytes before compression, so a better ratio buys nothing.
pub fn encode(lines: &[Line]) -> std::io::Result<Bytes> {
    let plain: usize = lines.iter().map(|line| line.bytes.len() + 1).sum();
    let mut gzip = GzEncoder::new(Vec::with_capacity(plain / 6 + 64), Compression::fast());
    for line in lines {
        gzip.write_all(&message(&line.bytes))?;
        gzip.write_all(b"\n")?;
    }
    gzip.finish().map(Bytes::from)
}

/// The line, shrunk where Sumo Logic would cut it.
fn message(line: &[u8]) -> Cow<'_, [u8]> {
    if line.len() <= LARGEST {
        return Cow::Borrowed(line);
    }
    Cow::Owned(shrink(&String::from_utf8_lossy(line), LARGEST).into_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::model::Seq;

    #[test]
    fn a_batch_is_one_object_a_line_and_shrinks_only_what_would_be_cut() {
        let small = r#"{"id":"1"}"#.to_owned();
        let large = format!(r#"{{"id":"2","details":{{"a":"{}"}}}}"#, "x".repeat(LARGEST));
        let fits = format!(r#"{{"id":"3","a":"{}"}}"#, "x".repeat(LARGEST - 17));
        assert_eq!(fits.len(), LARGEST);
        let lines: Vec<Line> = [&small, &large, &fits]
            .into_iter()
            .map(|text| Line { seq: Seq(1), action: String::new(), bytes: Bytes::from(text.clone()) })
            .collect();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&encode(&lines).unwrap()[..]).read_to_string(&mut text).unwrap();
        let sent: Vec<&str> = text.strip_suffix('\n').unwrap().split('\n').collect();
        assert_eq!(sent.len(), 3);
        assert_eq!(sent[0], small);
        assert!(sent[1].len() < 1000 && sent[1].contains("miro_source_truncated"));
        assert_eq!(sent[2], fits);
    }
}

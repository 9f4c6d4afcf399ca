//! Signatures of minisign.
//!
//! One is four lines: `untrusted comment: …`, base64 of algorithm, key id and signature, `trusted comment: …`, base64 of the
//! signature over the signature and that comment. A text may hold several, one after the other.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::key::{KeyId, PublicKey};

const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";

/// A signature as it was found; what it is worth, a key must tell.
#[derive(Clone)]
pub struct Signature {
    id: KeyId,
    inner: minisign_verify::Signature,
}

/// Where a text stops being signatures.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {what}")]
pub struct Malformed {
    /// From 1.
    pub line: usize,
    /// What is wrong with it; completes "line 3 …".
    pub what: &'static str,
}

impl Signature {
    /// Every signature of a text. Lines without anything may stand between them.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, Malformed> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line)).peekable();
        let mut found = Vec::new();
        loop {
            while lines.next_if(|(_, line)| line.trim().is_empty()).is_some() {}
            if lines.peek().is_none() {
                return Ok(found);
            }
            found.push(Self::parse(&mut lines)?);
        }
    }

    fn parse<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>) -> Result<Self, Malformed> {
        let mut last = 0;
        let mut next = |what: &'static str| {
            let (line, text) = lines.next().ok_or(Malformed { line: last + 1, what })?;
            last = line;
            // What stands in for bytes that are no text.
            if text.contains(char::REPLACEMENT_CHARACTER) {
                return Err(Malformed { line, what: "is not UTF-8 text" });
            }
            Ok((line, text))
        };
        const FIRST: &str = "must begin with `untrusted comment: `, as every signature of minisign does";
        const SECOND: &str = "is no signature of minisign: base64 of 74 bytes, 100 characters, beginning with RU or RW";
        const THIRD: &str = "must begin with `trusted comment: `";
        const FOURTH: &str = "is no signature of the trusted comment: base64 of 64 bytes, 88 characters";

        let (line, untrusted) = next(FIRST)?;
        if !untrusted.starts_with(UNTRUSTED) {
            return Err(Malformed { line, what: FIRST });
        }
        let (line, signature) = next(SECOND)?;
        let bytes = STANDARD.decode(signature).ok().filter(|bytes| bytes.len() == 74);
        let bytes = bytes.ok_or(Malformed { line, what: SECOND })?;
        let id = bytes.strip_prefix(b"Ed").or_else(|| bytes.strip_prefix(b"ED")).and_then(|rest| rest.first_chunk::<8>());
        let id = KeyId::from_bytes(*id.ok_or(Malformed { line, what: SECOND })?);
        let (line, trusted) = next(THIRD)?;
        if !trusted.starts_with(TRUSTED) {
            return Err(Malformed { line, what: THIRD });
        }
        let (line, global) = next(FOURTH)?;
        if !STANDARD.decode(global).is_ok_and(|bytes| bytes.len() == 64) {
            return Err(Malformed { line, what: FOURTH });
        }
        let text = format!("{untrusted}\n{signature}\n{trusted}\n{global}\n");
        let inner = minisign_verify::Signature::decode(&text).map_err(|_| Malformed { line, what: "ends no signature of minisign" })?;
        Ok(Self { id, inner })
    }

    /// Whose it claims to be.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What the signer wrote into it. Worth as much as the signature, once that is [verified](Self::is_of).
    pub fn comment(&self) -> &str {
        self.inner.trusted_comment()
    }

    /// Whether `key` made it, comment included, for exactly these bytes.
    pub fn is_of(&self, key: &PublicKey, wasm: &[u8]) -> bool {
        // Legacy means: the bytes themselves are signed, not their BLAKE2b hash. Both are as good.
        self.id == key.id() && key.verifier().verify(wasm, &self.inner, true).is_ok()
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signature").field("id", &self.id).field("comment", &self.comment()).finish()
    }
}

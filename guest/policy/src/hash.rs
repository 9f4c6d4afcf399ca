//! Texts as numbers: FNV-1a. What it gives is stored, so it never changes.

/// A text in 64 bits.
#[must_use]
pub fn wide(text: &str) -> u64 {
    Hash::new().bytes(text.as_bytes()).value()
}

/// A text in 32 bits: those of [`wide`], folded.
#[must_use]
pub fn narrow(text: &str) -> u32 {
    let hash = wide(text);
    (hash >> 32) as u32 ^ hash as u32
}

#[derive(Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Takes up a text, and where it ends.
    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    pub(crate) const fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Hash;

    /// The test vectors of the FNV page (Landon Curt Noll).
    #[test]
    fn it_is_fnv_1a() {
        assert_eq!(Hash::new().bytes(b"").value(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(Hash::new().bytes(b"a").value(), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(Hash::new().bytes(b"foobar").value(), 0x8594_4171_f739_67e8);
    }
}

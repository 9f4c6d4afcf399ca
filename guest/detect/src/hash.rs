//! Texts as numbers: FNV-1a, the same for ever.

/// 64 bits.
pub fn wide(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// 32 bits, folded.
pub fn narrow(text: &str) -> u32 {
    let hash = wide(text);
    (hash >> 32) as u32 ^ hash as u32
}

//! Numbers in as many bytes as they need: seven bits a byte, the lowest first (LEB128). What is kept between calls is written so.

/// Writes a number behind `to`.
#[inline]
pub fn put(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    to.push(number as u8);
}

/// The next number, and what stands behind it. None where the bytes end or the number is too large.
#[inline]
#[must_use]
pub fn take(from: &[u8]) -> Option<(u64, &[u8])> {
    match from {
        // Most are small.
        [byte @ ..0x80, rest @ ..] => Some((u64::from(*byte), rest)),
        _ => take_long(from),
    }
}

fn take_long(from: &[u8]) -> Option<(u64, &[u8])> {
    let mut number: u64 = 0;
    for (place, byte) in from.iter().enumerate().take(10) {
        let part = u64::from(byte & 0x7f);
        let shift = 7 * place as u32;
        if part.leading_zeros() < shift {
            return None;
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return Some((number, from.get(place + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            assert_eq!(take(&bytes), Some((number, &[][..])));
            bytes.pop();
            assert_eq!(take(&bytes), None, "the last byte is missing");
        }
        assert_eq!(take(&[0xff; 10]), None, "too large");
        assert_eq!(take(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), None, "one bit too many");
    }
}

//! Parquet's encodings of small numbers: bit packing, the hybrid of runs and packed bits, and packed differences.
//!
//! Layouts are those of the format's `Encodings.md`. All of them append to a buffer that the caller reuses.

/// Appends an unsigned variable-length integer, seven bits a byte, least significant first.
#[inline]
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Maps small numbers of either sign to small unsigned ones.
#[inline]
pub(super) fn zigzag(value: i64) -> u64 {
    (value.wrapping_shl(1) ^ (value >> 63)).cast_unsigned()
}

/// The bits that a number needs; 0 needs none.
#[inline]
pub(super) fn width_of(value: u64) -> u32 {
    u64::BITS - value.leading_zeros()
}

/// Appends values of `width` bits each, least significant bit first, the last byte filled with zeros.
/// Values must not have bits above the width.
#[inline]
pub(super) fn pack(out: &mut Vec<u8>, width: u32, values: impl Iterator<Item = u64>) {
    if width == 0 {
        return;
    }
    let (mut word, mut used) = (0_u64, 0_u32);
    for value in values {
        word |= value << used;
        used += width;
        if used >= u64::BITS {
            out.extend_from_slice(&word.to_le_bytes());
            used -= u64::BITS;
            // What of `value` did not fit; nothing when it fitted exactly.
            word = value.checked_shr(width - used).unwrap_or(0);
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..used.div_ceil(8) as usize]);
}

/// Appends codes of `width` bits as runs of one value where these are shorter, and as packed bits elsewhere.
pub(super) fn hybrid(out: &mut Vec<u8>, width: u32, codes: &[u16]) {
    let Some(&first) = codes.first() else { return };
    if width == 0 {
        run(out, width, first, codes.len());
        return;
    }
    // A run costs up to two bytes of length, its value, and a new length for what follows.
    let shortest = (8 * (4 + width.div_ceil(8)) / width).max(8) as usize;
    let (mut packed_from, mut at) = (0, 0);
    // Packed bits come in eights, so runs are looked for at every eighth value.
    while let Some(eight) = codes.get(at..at + 8) {
        let value = eight[0];
        if eight.iter().fold(0, |difference, &code| difference | (code ^ value)) == 0 {
            let length = 8 + codes[at + 8..].iter().take_while(|&&code| code == value).count();
            if length >= shortest {
                packed(out, width, &codes[packed_from..at]);
                run(out, width, value, length);
                at += length;
                packed_from = at;
                continue;
            }
        }
        at += 8;
    }
    packed(out, width, &codes[packed_from..]);
}

/// Appends one run.
pub(super) fn run(out: &mut Vec<u8>, width: u32, value: u16, length: usize) {
    varint(out, (length as u64) << 1);
    out.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
}

fn packed(out: &mut Vec<u8>, width: u32, codes: &[u16]) {
    if codes.is_empty() {
        return;
    }
    let eights = codes.len().div_ceil(8);
    varint(out, (eights as u64) << 1 | 1);
    let end = out.len() + eights * width as usize;
    pack(out, width, codes.iter().map(|&code| u64::from(code)));
    out.resize(end, 0);
}

/// Values in one block of differences, and in one of its miniblocks, each of which has its own width.
const BLOCK: usize = 128;
const MINIBLOCK: usize = 32;

/// Appends integers as packed differences (`DELTA_BINARY_PACKED`). Differences wrap around, as the format asks.
pub(super) fn differences(out: &mut Vec<u8>, mut values: impl ExactSizeIterator<Item = i64>) {
    varint(out, BLOCK as u64);
    varint(out, (BLOCK / MINIBLOCK) as u64);
    varint(out, values.len() as u64);
    let mut before = values.next().unwrap_or(0);
    varint(out, zigzag(before));
    let mut block = [0_i64; BLOCK];
    while values.len() > 0 {
        let used = values.len().min(BLOCK);
        for (difference, value) in block.iter_mut().zip(values.by_ref().take(used)) {
            *difference = value.wrapping_sub(before);
            before = value;
        }
        let least = block[..used].iter().copied().min().unwrap_or(0);
        // The rest of the block counts as the least, which takes no bits.
        block[used..].fill(least);
        let over = block.map(|difference| difference.wrapping_sub(least).cast_unsigned());
        varint(out, zigzag(least));
        let mut widths = [0_u8; BLOCK / MINIBLOCK];
        for (width, mini) in widths.iter_mut().zip(over.chunks(MINIBLOCK)) {
            *width = width_of(mini.iter().fold(0, |all, &difference| all | difference)) as u8;
        }
        out.extend_from_slice(&widths);
        for (&width, mini) in widths.iter().zip(over.chunks(MINIBLOCK)) {
            pack(out, u32::from(width), mini.iter().copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads bits one by one, as the format's text says.
    fn bits(bytes: &[u8], at: &mut usize, width: u32) -> u64 {
        let value = (0..width as usize).fold(0, |value, bit| {
            let place = *at + bit;
            value | u64::from(bytes[place / 8] >> (place % 8) & 1) << bit
        });
        *at += width as usize;
        value
    }

    fn read_varint(bytes: &[u8], at: &mut usize) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = bytes[*at];
            *at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }

    fn read_zigzag(bytes: &[u8], at: &mut usize) -> i64 {
        let value = read_varint(bytes, at);
        (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
    }

    fn read_hybrid(bytes: &[u8], width: u32, count: usize) -> Vec<u64> {
        let (mut values, mut at) = (Vec::new(), 0);
        while values.len() < count {
            let header = read_varint(bytes, &mut at);
            if header & 1 == 0 {
                let mut bit = at * 8;
                let value = bits(bytes, &mut bit, width);
                at += width.div_ceil(8) as usize;
                values.extend(std::iter::repeat_n(value, (header >> 1) as usize));
            } else {
                let mut bit = at * 8;
                values.extend((0..(header >> 1) * 8).map(|_| bits(bytes, &mut bit, width)));
                at = bit / 8;
            }
        }
        assert_eq!(at, bytes.len());
        values.truncate(count);
        values
    }

    fn read_differences(bytes: &[u8]) -> Vec<i64> {
        let mut at = 0;
        let (block, minis) = (read_varint(bytes, &mut at), read_varint(bytes, &mut at));
        let count = read_varint(bytes, &mut at) as usize;
        let mut values = vec![read_zigzag(bytes, &mut at)];
        while values.len() < count {
            let least = read_zigzag(bytes, &mut at);
            let widths = bytes[at..at + minis as usize].to_vec();
            at += minis as usize;
            for width in widths {
                let mut bit = at * 8;
                for _ in 0..block / minis {
                    let over = bits(bytes, &mut bit, u32::from(width)).cast_signed();
                    values.push(values[values.len() - 1].wrapping_add(least).wrapping_add(over));
                }
                at = bit / 8;
            }
        }
        assert_eq!(at, bytes.len());
        values.truncate(count);
        values
    }

    /// Codes with runs in them.
    fn codes() -> impl Strategy<Value = (u32, Vec<u16>)> {
        (0_u32..=16).prop_flat_map(|width| {
            let most = (1_u32 << width) - 1;
            let run = (0..=most, prop_oneof![1_usize..4, 1_usize..90]);
            let codes = prop::collection::vec(run, 0..40).prop_map(|runs| {
                runs.iter().flat_map(|&(value, length)| std::iter::repeat_n(value as u16, length)).collect()
            });
            (Just(width), codes)
        })
    }

    proptest! {
        #[test]
        fn codes_are_read_back_by_a_naive_reader((width, codes) in codes()) {
            let mut out = Vec::new();
            hybrid(&mut out, width, &codes);
            let expected: Vec<u64> = codes.iter().map(|&code| u64::from(code)).collect();
            prop_assert_eq!(read_hybrid(&out, width, codes.len()), expected);
        }

        #[test]
        fn differences_are_read_back_by_a_naive_reader(
            values in prop::collection::vec(
                prop_oneof![0_i64..100, any::<i64>(), Just(i64::MAX), Just(i64::MIN), 1_000_000_i64..1_000_300], 1..400)
        ) {
            let mut out = Vec::new();
            differences(&mut out, values.iter().copied());
            prop_assert_eq!(read_differences(&out), values);
        }
    }

    /// The example of the format's text, section "Delta encoding": 7 5 3 1 2 3 4 5 as differences -2 and 1.
    #[test]
    fn the_example_of_the_format() {
        let mut out = Vec::new();
        differences(&mut out, [7, 5, 3, 1, 2, 3, 4, 5].into_iter());
        assert_eq!(out[..4], [0x80, 0x01, 4, 8], "block of 128, 4 miniblocks, 8 values");
        assert_eq!(out[4..6], [14, 3], "first value 7 and least difference -2, both zigzag");
        assert_eq!(out[6..10], [2, 0, 0, 0], "two bits suffice for 0 and 3");
        // 0 0 0 3 3 3 3, two bits each, least significant first; the rest of the miniblock is zeros.
        assert_eq!(out[10..], [0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_run_costs_three_bytes() {
        let mut out = Vec::new();
        hybrid(&mut out, 1, &[1; 5000]);
        assert_eq!(out, [0x90, 0x4e, 1]);
    }
}

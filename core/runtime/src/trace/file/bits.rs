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

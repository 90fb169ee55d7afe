//! What several tests need: a writer of pickles, and the folders of real data.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// A part of a pickle of protocol 2.
pub(crate) type Pickled = Vec<u8>;

pub(crate) fn whole(value: &[u8]) -> Pickled {
    [b"\x80\x02", value, b"."].concat()
}

pub(crate) fn none() -> Pickled {
    b"N".to_vec()
}

pub(crate) fn text(text: &str) -> Pickled {
    let length = u32::try_from(text.len()).unwrap();
    [b"X", &length.to_le_bytes()[..], text.as_bytes()].concat()
}

pub(crate) fn int(value: i32) -> Pickled {
    [b"J", &value.to_le_bytes()[..]].concat()
}

pub(crate) fn float(value: f64) -> Pickled {
    [b"G", &value.to_be_bytes()[..]].concat()
}

pub(crate) fn list(items: impl IntoIterator<Item = Pickled>) -> Pickled {
    gathered(b"](", items, b"e")
}

pub(crate) fn floats(values: &[f64]) -> Pickled {
    list(values.iter().map(|value| float(*value)))
}

pub(crate) fn pair(first: &[u8], second: &[u8]) -> Pickled {
    [first, second, b"\x86"].concat()
}

pub(crate) fn dict(entries: impl IntoIterator<Item = (Pickled, Pickled)>) -> Pickled {
    gathered(b"}(", entries.into_iter().flat_map(|(key, value)| [key, value]), b"u")
}

/// A dict with text keys.
pub(crate) fn record<const N: usize>(fields: [(&str, Pickled); N]) -> Pickled {
    dict(fields.map(|(key, value)| (text(key), value)))
}

fn gathered(open: &[u8], items: impl IntoIterator<Item = Pickled>, close: &[u8]) -> Pickled {
    let mut pickled = open.to_vec();
    for item in items {
        pickled.extend_from_slice(&item);
    }
    pickled.extend_from_slice(close);
    pickled
}

/// Bytes written in hexadecimal.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> = digits.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

pub(crate) fn unbzip2(packed: &[u8]) -> Vec<u8> {
    let mut bytes = bzip2::write::BzDecoder::new(Vec::new());
    bytes.write_all(packed).unwrap();
    bytes.finish().unwrap()
}

/// The public sample of the official folder (cells 0 and 11), which lies beside the repository where there is
/// one and is never part of it. Prints why a test is skipped.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn nats_sample() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/nats-tss-simple-sample");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no sample of the official files at {}", folder.display());
    None
}

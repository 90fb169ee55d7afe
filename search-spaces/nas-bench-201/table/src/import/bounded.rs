//! Reading files no further than a limit, packed or not.

use super::error::ImportError;
use crate::pickle::{self, Limits, Pickle};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// No pickle of a benchmark is larger when unpacked: a cell of the official folder has 0.33 MB, its list of
/// cells 1.4 MB, a data set of the wheel 2 MB.
pub(super) const MAX_PICKLE: usize = 16 << 20;

/// Reads everything, unless that is more than `limit` bytes: then `None`. What is allocated grows with what is
/// really there, never with what a header claims.
pub(super) fn read_at_most(reader: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() <= limit))
}

/// Reads a file of at most `limit` bytes.
pub(super) fn file(path: &Path, name: &str, limit: usize) -> Result<Vec<u8>, ImportError> {
    let read = File::open(path).and_then(|file| read_at_most(file, limit));
    match read {
        Ok(bytes) => bytes.ok_or_else(|| ImportError::TooLarge { file: name.to_owned(), limit }),
        Err(source) => Err(ImportError::Io { file: name.to_owned(), source }),
    }
}

/// Unpacks bzip2 of at most [`MAX_PICKLE`] bytes. Several streams in a row are one file, as in Python.
pub(super) fn bzip2(packed: &[u8], name: &str) -> Result<Vec<u8>, ImportError> {
    match read_at_most(bzip2::bufread::MultiBzDecoder::new(packed), MAX_PICKLE) {
        Ok(bytes) => bytes.ok_or_else(|| ImportError::TooLarge { file: name.to_owned(), limit: MAX_PICKLE }),
        Err(error) => Err(ImportError::Unpack { file: name.to_owned(), problem: error.to_string() }),
    }
}

/// Reads a pickle.
pub(super) fn unpickle<'a>(bytes: &'a [u8], name: &str) -> Result<Pickle<'a>, ImportError> {
    let limits = Limits { input: MAX_PICKLE, ..Limits::default() };
    pickle::read(bytes, &limits).map_err(|source| ImportError::Pickle { file: name.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::io::Write as _;

    #[test]
    fn a_bzip2_bomb_is_an_error() {
        let mut bomb = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        for _ in 0..=MAX_PICKLE >> 20 {
            bomb.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        assert!(bomb.len() < 1000, "{}", bomb.len());
        let error = bzip2(&bomb, "bomb").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(bzip2(&bomb[..20], "bomb").unwrap_err().kind(), ErrorKind::Damaged);
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        assert_eq!(read_at_most(&[1, 2, 3][..], 3).unwrap(), Some(vec![1, 2, 3]));
        assert_eq!(read_at_most(&[1, 2, 3][..], 2).unwrap(), None);
    }
}

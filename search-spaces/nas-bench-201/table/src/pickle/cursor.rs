//! Reads the input byte by byte without ever leaving it.

use super::error::PickleProblem;

#[derive(Debug)]
pub(super) struct Cursor<'a> {
    input: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self { input, position: 0 }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn remaining(&self) -> usize {
        self.input.len() - self.position
    }

    /// The next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], PickleProblem> {
        let rest = &self.input[self.position..];
        let taken = rest.get(..length).ok_or(PickleProblem::Truncated)?;
        self.position += length;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleProblem> {
        self.take(N)?.try_into().map_err(|_| PickleProblem::Truncated)
    }

    pub(super) fn byte(&mut self) -> Result<u8, PickleProblem> {
        Ok(self.array::<1>()?[0])
    }

    /// The bytes up to the next line feed, without it.
    pub(super) fn line(&mut self) -> Result<&'a [u8], PickleProblem> {
        let rest = &self.input[self.position..];
        let length = rest.iter().position(|byte| *byte == b'\n').ok_or(PickleProblem::Truncated)?;
        self.position += length + 1;
        Ok(&rest[..length])
    }

    /// A length of one byte, then so many bytes.
    pub(super) fn counted1(&mut self) -> Result<&'a [u8], PickleProblem> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }

    /// A length of four bytes, then so many bytes.
    pub(super) fn counted4(&mut self) -> Result<&'a [u8], PickleProblem> {
        let length = u32::from_le_bytes(self.array()?);
        self.take(usize::try_from(length).map_err(|_| PickleProblem::Truncated)?)
    }

    /// A length of eight bytes, then so many bytes.
    pub(super) fn counted8(&mut self) -> Result<&'a [u8], PickleProblem> {
        let length = u64::from_le_bytes(self.array()?);
        self.take(usize::try_from(length).map_err(|_| PickleProblem::Truncated)?)
    }
}

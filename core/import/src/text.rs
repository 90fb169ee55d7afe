//! What the bytes of a text file look like before they are read as text.

/// Takes a byte order mark off.
///
/// # Errors
/// What is to be said of a file in UTF-16 or UTF-32, which spreadsheets write: read as UTF-8 it would be names with
/// holes in them.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&[u8], &'static str> {
    const UTF16: &str = "it is encoded in UTF-16 or UTF-32; save it as UTF-8";
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return Ok(rest);
    }
    // No log has a NUL. One among the first bytes is the other half of a letter.
    let wide = bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || bytes.iter().take(64).any(|byte| *byte == 0);
    if wide { Err(UTF16) } else { Ok(bytes) }
}

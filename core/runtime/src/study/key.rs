//! Dotted keys: `cluster.workers`, `mutators.0.weight`, `"cluster.workers"`.

/// A path from the study's root, segment by segment; places in a list are decimal numbers.
pub(super) type KeyPath = Vec<String>;

/// No key is this deep. The tree is walked recursively, so its depth needs a bound; the parser has its own.
pub(super) const MAX_PARTS: usize = 32;

/// Reads a dotted key. A segment in quotes may hold dots.
pub(super) fn parse(text: &str) -> Result<KeyPath, String> {
    let mut path = Vec::new();
    let mut rest = text.trim();
    loop {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (segment, after) = if let Some(quote) = quote {
            let inside = &rest[1..];
            let end = inside.find(quote).ok_or_else(|| format!("the key lacks its closing {quote}"))?;
            (&inside[..end], inside[end + 1..].trim_start())
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            (rest[..end].trim(), &rest[end..])
        };
        if segment.is_empty() {
            return Err("the key has an empty part".to_owned());
        }
        if path.len() == MAX_PARTS {
            return Err(format!("the key has more than {MAX_PARTS} parts"));
        }
        path.push(segment.to_owned());
        if after.is_empty() {
            return Ok(path);
        }
        rest = after.strip_prefix('.').ok_or("the key needs a dot after its closing quote")?.trim_start();
    }
}

/// Splits `KEY=VALUE` at the first `=` outside quotes.
pub(super) fn split_assignment(text: &str) -> Option<(&str, &str)> {
    let mut open: Option<char> = None;
    for (at, c) in text.char_indices() {
        match (open, c) {
            (None, '=') => return Some((text[..at].trim(), text[at + 1..].trim())),
            (None, '"' | '\'') => open = Some(c),
            (Some(quote), c) if c == quote => open = None,
            _ => {}
        }
    }
    None
}

/// The path of an option of a component, from its section and from what `serde_path_to_error` wrote.
///
/// The latter is `limits[1].max`, with `.` for the root and `?` for what it does not know. Keys with dots in them
/// cannot be told apart there; the lookup that follows then stops at the nearest thing it finds.
pub(super) fn parse_fault_path(section: &str, option: &str) -> KeyPath {
    let mut path: KeyPath = section.split('.').map(str::to_owned).collect();
    path.extend(
        option.split(['.', '[', ']']).filter(|part| !part.is_empty() && *part != "?").map(str::to_owned),
    );
    path
}

/// The path as a key of TOML.
pub(super) fn display(path: &[String]) -> String {
    path.iter().map(|segment| segment_text(segment)).collect::<Vec<_>>().join(".")
}

/// One key, in quotes where TOML needs them.
pub(super) fn segment_text(segment: &str) -> String {
    let bare =
        !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { segment.to_owned() } else { super::write::quoted(segment) }
}

//! Code blocks of our documents, which tests run and compare.

use std::ops::Range;

/// Where the blocks with this word after their fence are, and what the word is: `sh`, `rust`, `diff`.
pub(crate) fn all_blocks(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(word) = line.strip_prefix("```") {
            match open.take() {
                Some((word, start)) => found.push((word, start..at)),
                None => open = Some((word.trim(), at + line.len())),
            }
        }
        at += line.len();
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The blocks with this word.
pub(crate) fn blocks(text: &str, word: &str) -> Vec<String> {
    let all = all_blocks(text).into_iter().filter(|(found, _)| *found == word);
    all.map(|(_, range)| text[range].to_owned()).collect()
}

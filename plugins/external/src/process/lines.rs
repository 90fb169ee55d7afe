//! What comes out of a program: lines of its standard output, and the last lines of its standard error.

use std::collections::VecDeque;

/// No line of a program may be longer, in bytes. A message for a space of thousands of decisions has some kilobytes; a
/// program that never ends its line must not fill the memory.
pub const LONGEST_LINE: usize = 64 << 20;

/// Bytes of standard output that are not yet lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// Where the first byte is that was not yet searched for the end of a line.
    searched: usize,
}

impl Lines {
    /// Takes in what was read.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 && self.start == self.buffer.len() {
            self.buffer.clear();
            (self.start, self.searched) = (0, 0);
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole line, without its end; lines of white space are no messages and are passed over.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        loop {
            let rest = &self.buffer[self.searched..];
            // `contains` of bytes is vectorised, so that a line that never ends costs little.
            let Some(end) = rest.contains(&b'\n').then(|| rest.iter().position(|&b| b == b'\n')).flatten()
            else {
                self.searched = self.buffer.len();
                return None;
            };
            let end = self.searched + end;
            let line = self.buffer[self.start..end].trim_ascii();
            let line = (!line.is_empty()).then(|| line.to_vec());
            (self.start, self.searched) = (end + 1, end + 1);
            if line.is_some() {
                return line;
            }
        }
    }

    /// What has no end yet.
    pub(super) fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }
}

/// How many lines of standard error a message shows.
const SHOWN: usize = 20;
/// Bytes of one such line.
const WIDTH: usize = 400;

/// The last lines of a program's standard error.
#[derive(Debug, Default)]
pub(super) struct LastWords {
    lines: VecDeque<Vec<u8>>,
    open: Vec<u8>,
}

impl LastWords {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            let room = WIDTH.saturating_sub(self.open.len());
            self.open.extend_from_slice(&text[..text.len().min(room)]);
            if text.len() < piece.len() {
                if self.lines.len() == SHOWN {
                    self.lines.pop_front();
                }
                self.lines.push_back(std::mem::take(&mut self.open));
            }
        }
    }

    /// The lines, indented for a message; empty if there are none.
    pub(super) fn text(&self) -> String {
        let open = (!self.open.is_empty()).then_some(&self.open);
        let count = self.lines.len() + usize::from(open.is_some());
        let lines = self.lines.iter().chain(open).skip(count.saturating_sub(SHOWN));
        lines.fold(String::new(), |text, line| text + "\n | " + &printable(line))
    }
}

/// Text for a message: what is no UTF-8 and what would control a terminal is replaced.
pub(super) fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_end().chars().map(|c| if c == '\t' || !c.is_control() { c } else { '\u{fffd}' }).collect()
}

/// Characters of a line that a message shows.
const EXCERPT: usize = 120;

/// A line for a message: whole, or its beginning and its length.
pub fn shortened(line: &[u8]) -> String {
    let head = beginning(line);
    if line.len() <= EXCERPT { head } else { format!("{head}.. ({} bytes)", line.len()) }
}

/// The beginning of a line.
pub(super) fn beginning(line: &[u8]) -> String {
    // Four bytes a character at most; a character cut in two is replaced, and beyond what is shown.
    printable(&line[..line.len().min(4 * EXCERPT)]).chars().take(EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_whole_however_they_went_in() {
        let text = b"one\r\n\n  \ntwo\nthr";
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for piece in text.chunks(size) {
                lines.push(piece);
                found.extend(std::iter::from_fn(|| lines.take()));
            }
            assert_eq!(found, [b"one", b"two"], "pieces of {size}");
            assert_eq!(lines.rest(), b"thr");
        }
    }

    #[test]
    fn of_standard_error_the_last_lines_are_kept() {
        let mut words = LastWords::default();
        assert_eq!(words.text(), "");
        for number in 0..50 {
            words.push(format!("line {number}\n").as_bytes());
        }
        let text = words.text();
        assert!(text.starts_with("\n | line 30\n") && text.ends_with("\n | line 49"), "{text}");
        words.push(b"\x1b[31mred\xff");
        words.push(&[b'x'; 1000]);
        let text = words.text();
        assert_eq!(text.lines().skip(1).count(), 20);
        assert!(text.contains("| \u{fffd}[31mred\u{fffd}xxx"), "{text}");
        assert!(text.len() < 1000, "{text}");
    }

    #[test]
    fn long_lines_are_shortened() {
        assert_eq!(shortened(b"{}\n"), "{}");
        let long = shortened("\u{e9}".repeat(500).as_bytes());
        assert_eq!(long, format!("{}.. (1000 bytes)", "\u{e9}".repeat(120)));
    }
}

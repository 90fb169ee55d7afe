//! Which names a new plugin may have: those of cargo packages that are also good names in a study.
//!
//! Cargo's rules are asked here because its own message would come from a crate that is written already. Upper case is
//! refused although cargo only warns of it: a study's names are lower case.

use crate::exit::usage;
use anyhow::Result;

/// The words of the 2024 edition that cannot be a crate's name, those reserved for later included.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Crates that a plugin could not name any more, or that cargo refuses.
const TAKEN: [&str; 6] = ["alloc", "core", "lamarck_sdk", "proc_macro", "std", "test"];

/// What Windows keeps for devices; a crate by this name could not be checked out there.
const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];

/// The longest name of a package that a registry takes.
const LONGEST: usize = 64;

/// Refuses a name that cannot be one, and says why.
pub(super) fn check(name: &str) -> Result<()> {
    let refuse = |why: &str| Err(usage(format!("`{name}` cannot be the name of a plugin: {why}")));
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return refuse("a name starts with a lower-case letter, as in `wide-steps`");
    }
    let other =
        name.chars().find(|&c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_'));
    if let Some(other) = other {
        return refuse(&format!(
            "it has {other:?}, but names have lower-case letters, digits, `-` and `_` only, as in `wide-steps`"
        ));
    }
    if name.len() > LONGEST {
        return refuse(&format!("it has {} characters; {LONGEST} are possible", name.len()));
    }
    let krate = name.replace('-', "_");
    if KEYWORDS.contains(&krate.as_str()) {
        return refuse("it is a keyword of Rust");
    }
    if TAKEN.contains(&krate.as_str()) {
        return refuse("a crate that every plugin needs has that name");
    }
    if DEVICES.contains(&name) {
        return refuse("Windows keeps it for a device");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_are_taken() {
        for name in ["a", "wide-steps", "n2", "x_y-z", "lamarck-mutator", "selfish", &"a".repeat(64)] {
            assert!(check(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn bad_names_are_refused_with_the_reason() {
        let reason = |name: &str| check(name).expect_err(name).to_string();
        for name in ["", "2wide", "-x", "_x", "Wide", "ärger"] {
            assert!(reason(name).ends_with("starts with a lower-case letter, as in `wide-steps`"), "{name}");
        }
        for (name, character) in
            [("wide steps", "' '"), ("a/b", "'/'"), ("a.b", "'.'"), ("aB", "'B'"), ("é", "")]
        {
            assert!(reason(name).contains(character), "{name}: {}", reason(name));
        }
        assert_eq!(reason("match"), "`match` cannot be the name of a plugin: it is a keyword of Rust");
        for name in ["std", "test", "proc-macro", "lamarck-sdk"] {
            assert!(reason(name).ends_with("a crate that every plugin needs has that name"), "{name}");
        }
        assert!(reason("nul").contains("Windows"));
        assert!(reason(&"a".repeat(65)).ends_with("it has 65 characters; 64 are possible"));
    }
}

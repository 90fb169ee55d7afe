//! Counts cases, rule by rule, and keeps the first that broke each.

use super::{Rule, Ruling, Verdict, Verdicts, attempt, chain};
use anyhow::Result;

#[derive(Debug)]
struct Entry {
    rule: Rule,
    cases: u64,
    broken: Option<String>,
    skipped: Option<String>,
}

/// Verdicts in the making.
#[derive(Debug)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
    notes: Vec<String>,
}

impl Ledger {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let entry = |&rule: &Rule| Entry { rule, cases: 0, broken: None, skipped: None };
        Self { entries: rules.iter().map(entry).collect(), notes: Vec::new() }
    }

    fn entry(&mut self, rule: Rule) -> &mut Entry {
        // A rule that a kind's list lacks would be a verdict that nobody sees; it is added, and a test compares the lists.
        let at = self.entries.iter().position(|entry| entry.rule.name == rule.name).unwrap_or_else(|| {
            self.entries.push(Entry { rule, cases: 0, broken: None, skipped: None });
            self.entries.len() - 1
        });
        &mut self.entries[at]
    }

    /// One case of a rule: `holds`, or else the reason is kept, if it is the first. Returns `holds`.
    pub(super) fn case(&mut self, rule: Rule, holds: bool, reason: impl FnOnce() -> String) -> bool {
        let entry = self.entry(rule);
        entry.cases += 1;
        if !holds && entry.broken.is_none() {
            entry.broken = Some(reason());
        }
        holds
    }

    /// One case of a rule that a call does not fail; `at` says where. Returns the call's value.
    pub(super) fn call<T>(
        &mut self,
        rule: Rule,
        at: impl FnOnce() -> String,
        call: impl FnOnce() -> Result<T>,
    ) -> Option<T> {
        let result = attempt(call);
        self.result(rule, at, result)
    }

    /// The same for a call that was made.
    pub(super) fn result<T>(
        &mut self,
        rule: Rule,
        at: impl FnOnce() -> String,
        result: Result<T>,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.case(rule, true, String::new);
                Some(value)
            }
            Err(error) => {
                self.case(rule, false, || format!("{}: {}", at(), chain(&error)));
                None
            }
        }
    }

    /// Says why a rule cannot be asked; counts only where it was not asked elsewhere.
    pub(super) fn skip(&mut self, rule: Rule, reason: impl Into<String>) {
        self.entry(rule).skipped.get_or_insert(reason.into());
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    pub(super) fn is_broken(&self) -> bool {
        self.entries.iter().any(|entry| entry.broken.is_some())
    }

    pub(super) fn into_verdicts(self) -> Verdicts {
        let first = self.entries.iter().find(|entry| entry.broken.is_some()).map(|entry| entry.rule.name);
        let verdict = |entry: Entry| {
            let ruling = match (entry.broken, entry.skipped, entry.cases) {
                (Some(reason), _, _) => Ruling::Broken(reason),
                (None, Some(reason), 0) => Ruling::NotApplicable(reason),
                (None, None, 0) => Ruling::NotApplicable(match first {
                    Some(name) => format!("not reached, since \"{name}\" is broken"),
                    None => "no case came up".into(),
                }),
                _ => Ruling::Held,
            };
            Verdict { rule: entry.rule, ruling, cases: entry.cases }
        };
        Verdicts { rules: self.entries.into_iter().map(verdict).collect(), notes: self.notes }
    }
}

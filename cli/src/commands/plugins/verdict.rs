//! How the verdicts of `lamarck plugins check` read.

use super::check::{Checked, Outcome};
use crate::output::{Out, grouped, table};
use anyhow::Result;
use lamarck_model::conformance::{Ruling, Verdict};
use serde_json::json;
use std::path::Path;

fn word(verdict: &Verdict) -> (&'static str, &str) {
    match &verdict.ruling {
        Ruling::Held => ("held", ""),
        Ruling::Broken(reason) => ("BROKEN", reason),
        Ruling::NotApplicable(reason) => ("not applicable", reason),
    }
}

/// Prints a table a component, and below it what was found where a rule is broken.
pub(super) fn print(out: &mut Out, checked: &[Checked<'_>]) -> Result<()> {
    let mut last: Option<&Path> = None;
    let (mut held, mut broken, mut open, mut skipped) = (0_u64, 0_u64, 0_u64, 0_u64);
    for Checked { library, kind, name, spaces, result } in checked {
        if last != Some(library.found.path.as_path()) {
            last = Some(library.found.path.as_path());
            let manifest = &library.found.manifest;
            out.line(format!("{} {} ({})", manifest.name, manifest.version, library.found.path.display()))?;
            out.line(format!(
                "  manifest and layouts held: generation {}, lamarck-abi {}, lamarck-sdk {}, {}",
                manifest.generation, manifest.abi, manifest.sdk, manifest.rustc
            ))?;
        }
        let places = if spaces.is_empty() { String::new() } else { format!(", in {}", spaces.join(", ")) };
        out.line(format!("\n{kind} {name}{places}"))?;
        let verdicts = match result {
            Outcome::Skipped(reason) => {
                skipped += 1;
                out.line(format!("  not checked: it {reason}"))?;
                continue;
            }
            Outcome::Verdicts(verdicts) => verdicts,
        };
        let mut rows = table(&["  rule", "verdict", "cases", ""], &[2]);
        for verdict in &verdicts.rules {
            let (word, reason) = word(verdict);
            match verdict.ruling {
                Ruling::Held => held += 1,
                Ruling::Broken(_) => broken += 1,
                Ruling::NotApplicable(_) => open += 1,
            }
            // The reason for a broken rule is long, and stands below.
            let reason = if word == "BROKEN" { "" } else { reason };
            rows.add_row([
                format!("  {}", verdict.rule.name),
                word.to_owned(),
                grouped(u128::from(verdict.cases)),
                reason.to_owned(),
            ]);
        }
        out.table(&rows)?;
        for note in &verdicts.notes {
            out.line(format!("  note: {note}"))?;
        }
        for verdict in &verdicts.rules {
            if let Ruling::Broken(reason) = &verdict.ruling {
                out.line(format!("\n  broken: {}", verdict.rule.name))?;
                out.line(format!("    demanded  {}", verdict.rule.asks))?;
                out.line(format!("    found     {reason}"))?;
            }
        }
    }
    let skipped = match skipped {
        0 => String::new(),
        1 => "; 1 component not checked".to_owned(),
        _ => format!("; {skipped} components not checked"),
    };
    let rules = if broken == 1 { "rule" } else { "rules" };
    out.line(format!("\n{broken} {rules} broken, {held} held, {open} not applicable{skipped}"))?;
    Ok(())
}

/// Prints the same as JSON.
pub(super) fn print_json(out: &mut Out, checked: &[Checked<'_>]) -> Result<()> {
    let rule = |verdict: &Verdict| {
        let (word, reason) = word(verdict);
        json!({
            "rule": verdict.rule.name,
            "asks": verdict.rule.asks,
            "verdict": word.to_lowercase(),
            "reason": (!reason.is_empty()).then_some(reason),
            "cases": verdict.cases,
        })
    };
    let component = |checked: &Checked<'_>| {
        let (rules, notes, skipped) = match &checked.result {
            Outcome::Verdicts(verdicts) => {
                (verdicts.rules.iter().map(rule).collect::<Vec<_>>(), verdicts.notes.as_slice(), None)
            }
            Outcome::Skipped(reason) => (Vec::new(), [].as_slice(), Some(reason)),
        };
        json!({
            "file": checked.library.found.path,
            "kind": checked.kind.as_str(),
            "name": checked.name,
            "spaces": checked.spaces,
            "not_checked": skipped,
            "broken": checked.verdicts().is_some_and(|verdicts| verdicts.first_broken().is_some()),
            "rules": rules,
            "notes": notes,
        })
    };
    out.json(&json!({ "components": checked.iter().map(component).collect::<Vec<_>>() }))
}

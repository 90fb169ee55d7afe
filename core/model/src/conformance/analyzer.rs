//! What is demanded of an analyzer.

use super::ledger::Ledger;
use super::trace::{Trace, evolution};
use super::{Make, Rule, Verdicts, attempt};
use crate::component::{Analyzer, Context, SearchSpace};
use crate::report::Report;
use anyhow::{Result, ensure};

const CREATED: Rule = Rule::new("created", "it can be made with these options for a study of the space");
const NORMAL: Rule = Rule::new(
    "reads a run",
    "an evolution with parents, donors, failures and layers is analysed with neither an error nor a panic",
);
const EMPTY: Rule = Rule::new("survives an empty trace", "a run that ended before its first candidate did");
const ONE: Rule = Rule::new("survives one candidate", "a run of a single candidate, and of two");
const FAILED: Rule = Rule::new("survives failures", "a run of which nothing ended well");
const NULLS: Rule = Rule::new(
    "survives nulls",
    "an import without parents, times, sizes and layers, with ids that are no positions; columns may be empty",
);
const VALID: Rule = Rule::new(
    "the report is valid",
    "finite numbers, keys that differ, columns equally long; merging and drawing rest on it",
);
const NAMED: Rule =
    Rule::new("the report says whose it is", "its name is there, and findings that are always the same");
const BATCHES: Rule =
    Rule::new("batches do not matter", "the same report whether the trace comes row by row or at once");
const SAME: Rule = Rule::new("same trace, same report", "two instances that read the same say the same");

pub(super) const RULES: &[Rule] = &[CREATED, NORMAL, EMPTY, ONE, FAILED, NULLS, VALID, NAMED, BATCHES, SAME];

/// Checks an analyzer with traces of this space.
pub fn analyzer(make: Make<'_, dyn Analyzer>, space: &dyn SearchSpace) -> Verdicts {
    let mut ledger = Ledger::new(RULES);
    let check =
        Check { make, context: Context { workers: 4, nodes: 2, ..Context::for_space(space.spec().clone()) } };
    if let Some(first) =
        ledger.call(CREATED, || format!("in `{}`", space.spec().name), || make(&check.context))
    {
        let layers = first.wants_layers();
        ledger.note(if layers { "it reads the layers too" } else { "it reads candidates only" });
        check.all(&mut ledger, &evolution(space));
    }
    ledger.into_verdicts()
}

struct Check<'a> {
    make: Make<'a, dyn Analyzer>,
    context: Context,
}

impl Check<'_> {
    fn all(&self, ledger: &mut Ledger, normal: &Trace) {
        let empty = Trace { width: normal.width, ..Trace::default() };
        let imported = normal.imported();
        let traces = [
            (NORMAL, "an evolution of 240 candidates", normal.clone()),
            (EMPTY, "no candidate", empty),
            (ONE, "one candidate", normal.first(1)),
            (ONE, "two candidates", normal.first(2)),
            (FAILED, "240 candidates that failed", normal.failed()),
            (FAILED, "one candidate that failed", normal.failed().first(1)),
            (NULLS, "an import of 240 candidates", imported.clone()),
            (NULLS, "an import of one candidate", imported.first(1)),
            (NULLS, "240 candidates of which only vectors are known", normal.nulls()),
            (NULLS, "240 candidates of which only failures are known", normal.nulls().failed()),
        ];
        for (rule, what, trace) in &traces {
            let result = self.read(trace, usize::MAX);
            if let Some(report) = ledger.result(*rule, || (*what).to_owned(), result) {
                let checked = report.check().map_err(Into::into);
                ledger.result(VALID, || format!("of {what}"), checked);
                ledger.case(NAMED, !report.analyzer.is_empty(), || format!("of {what}: it has no name"));
                self.again(ledger, what, trace, &report);
            }
        }
    }

    /// The same trace once more, whole and in pieces.
    fn again(&self, ledger: &mut Ledger, what: &str, trace: &Trace, report: &Report) {
        let compare = |ledger: &mut Ledger, rule: Rule, size: usize, how: &str| {
            ledger.call(
                rule,
                || format!("{what}, {how}"),
                || {
                    let again = self.read(trace, size)?;
                    if let Some(difference) = difference(report, &again)? {
                        anyhow::bail!("{difference}");
                    }
                    Ok(())
                },
            );
        };
        compare(ledger, SAME, usize::MAX, "once more");
        if trace.rows.len() > 1 {
            compare(ledger, BATCHES, 1, "row by row");
            compare(ledger, BATCHES, 7, "seven rows at a time");
            compare(ledger, BATCHES, 100, "a hundred rows at a time");
        }
    }

    fn read(&self, trace: &Trace, size: usize) -> Result<Report> {
        let size = size.min(trace.rows.len().max(trace.layers.len()).max(1));
        let mut analyzer = attempt(|| (self.make)(&self.context))?;
        let layers = attempt(|| Ok(analyzer.wants_layers()))?;
        for batch in trace.batches(size) {
            ensure!(batch.view().is_consistent(), "the check's own batch is not consistent");
            attempt(|| analyzer.candidates(&batch.view()))?;
        }
        if layers {
            for batch in trace.layer_batches(size) {
                attempt(|| analyzer.layers(&batch))?;
            }
        }
        attempt(|| analyzer.finish())
    }
}

/// Where two reports differ, as text: not-a-number is a difference of its own kind, and has its own rule.
fn difference(a: &Report, b: &Report) -> Result<Option<String>> {
    let (a, b) = (serde_json::to_value(a)?, serde_json::to_value(b)?);
    let mut path = String::new();
    Ok(walk(&a, &b, &mut path))
}

fn walk(a: &serde_json::Value, b: &serde_json::Value, path: &mut String) -> Option<String> {
    use serde_json::Value;
    let mut step = |name: &str, a: &Value, b: &Value| {
        let before = path.len();
        path.push('/');
        path.push_str(name);
        let found = walk(a, b, path);
        path.truncate(before);
        found
    };
    match (a, b) {
        (Value::Object(x), Value::Object(y)) if x.len() == y.len() => {
            x.iter().find_map(|(key, value)| step(key, value, y.get(key).unwrap_or(&Value::Null)))
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().find_map(|(at, (x, y))| step(&at.to_string(), x, y))
        }
        _ if a == b => None,
        _ => {
            let short = |value: &Value| value.to_string().chars().take(60).collect::<String>();
            Some(format!("the report differs at `{path}`: {} and {}", short(a), short(b)))
        }
    }
}

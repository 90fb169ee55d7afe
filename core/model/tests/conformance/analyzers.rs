//! Analyzers that do as they must, and mutants; and reports that cannot be merged or drawn.

use crate::{Mutant, assert_caught};
use anyhow::{Result, bail, ensure};
use lamarck_model::candidate::value_at;
use lamarck_model::conformance::{self, PlainSpace, Verdicts};
use lamarck_model::report::{Axis, Bars, Body, Cell, Chart, Finding, Flow, FlowBand, Heat, Line, Table};
use lamarck_model::{Analyzer, Columns, LayerColumns, Report};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy, PartialEq)]
enum Odd {
    Nothing,
    FailsOnLayers,
    FailsOnParents,
    NeedsACandidate,
    NeedsTwo,
    NeedsAScore,
    NeedsParents,
    TrustsIds,
    SaysNotANumber,
    SaysTwice,
    HasNoName,
    CountsBatches,
    CountsLayerBatches,
    OtherByInstance,
}

/// Counts, and takes the mean of scores.
struct Counter {
    odd: Odd,
    layers: bool,
    instance: u64,
    batches: u64,
    rows: u64,
    layer_rows: u64,
    scored: u64,
    sum: f64,
    parents: u64,
}

impl Analyzer for Counter {
    fn wants_layers(&self) -> bool {
        self.layers
    }

    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        self.batches += 1;
        for row in 0..batch.len() {
            self.rows += 1;
            if let Some(score) = value_at(batch.score, row) {
                self.scored += 1;
                self.sum += score;
            }
            self.parents += u64::from(value_at(batch.parent, row).is_some());
            if self.odd == Odd::TrustsIds {
                ensure!(batch.id[row] < 1_000, "candidate {} is beyond the end", batch.id[row]);
            }
            if self.odd == Odd::NeedsParents {
                ensure!(batch.layers.get(row).is_some(), "no layers");
            }
        }
        ensure!(self.odd != Odd::FailsOnParents || self.parents == 0, "parents");
        Ok(())
    }

    fn layers(&mut self, batch: &LayerColumns) -> Result<()> {
        self.batches += u64::from(self.odd == Odd::CountsLayerBatches);
        self.layer_rows += batch.len() as u64;
        assert!(self.odd != Odd::FailsOnLayers, "what are layers?");
        Ok(())
    }

    fn finish(&mut self) -> Result<Report> {
        match self.odd {
            Odd::NeedsACandidate => ensure!(self.rows > 0, "no candidates"),
            Odd::NeedsTwo => ensure!(self.rows != 1, "one candidate"),
            Odd::NeedsAScore => ensure!(self.rows < 2 || self.scored > 0, "no score"),
            _ => {}
        }
        let mean = if self.scored > 0 {
            Finding::new("mean", "mean score", self.sum / self.scored as f64, "", self.scored)
        } else {
            Finding::missing("mean", "mean score", "nothing was scored")
        };
        let batches =
            if matches!(self.odd, Odd::CountsBatches | Odd::CountsLayerBatches) { self.batches } else { 0 };
        let instance = if self.odd == Odd::OtherByInstance { self.instance } else { 0 };
        let count = self.rows + self.layer_rows + batches + instance;
        let mut findings = vec![mean, Finding::new("rows", "rows", count as f64, "", self.rows)];
        match self.odd {
            Odd::SaysNotANumber => findings[1].value = Some(f64::NAN),
            Odd::SaysTwice => findings.push(findings[0].clone()),
            _ => {}
        }
        let analyzer = if self.odd == Odd::HasNoName { "" } else { "counter" };
        Ok(Report { analyzer: analyzer.into(), findings, ..Report::default() })
    }
}

fn check(options: &[usize], odd: Odd, layers: bool) -> Verdicts {
    let instances = AtomicU64::new(0);
    conformance::analyzer(
        &|_| {
            let instance = instances.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(Counter {
                odd,
                layers,
                instance,
                batches: 0,
                rows: 0,
                layer_rows: 0,
                scored: 0,
                sum: 0.0,
                parents: 0,
            }))
        },
        &PlainSpace::of(options),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn analyzers_that_do_as_they_must_are_never_refused(
        options in prop::collection::vec(1_usize..9, 1..9),
        layers in any::<bool>(),
    ) {
        let verdicts = check(&options, Odd::Nothing, layers);
        prop_assert!(verdicts.first_broken().is_none(), "{:?}", verdicts.first_broken());
    }
}

#[test]
fn each_rule_has_a_mutant_that_is_caught() {
    let space = [5; 5];
    let refuses = conformance::analyzer(&|_| bail!("not today"), &PlainSpace::of(&space));
    let mutants = [
        Mutant::new("refuses", "created", refuses),
        Mutant::new("fears parents", "reads a run", check(&space, Odd::FailsOnParents, false)),
        Mutant::new("fears layers", "reads a run", check(&space, Odd::FailsOnLayers, true))
            .also(&["survives one candidate"]),
        Mutant::new(
            "needs a candidate",
            "survives an empty trace",
            check(&space, Odd::NeedsACandidate, false),
        ),
        Mutant::new("needs two", "survives one candidate", check(&space, Odd::NeedsTwo, false))
            .also(&["survives failures", "survives nulls"]),
        Mutant::new("needs a score", "survives failures", check(&space, Odd::NeedsAScore, false))
            .also(&["survives nulls"]),
        Mutant::new("needs parents", "survives nulls", check(&space, Odd::NeedsParents, false)),
        Mutant::new("trusts ids", "survives nulls", check(&space, Odd::TrustsIds, false)),
        Mutant::new("not a number", "the report is valid", check(&space, Odd::SaysNotANumber, false)),
        Mutant::new("says it twice", "the report is valid", check(&space, Odd::SaysTwice, false)),
        Mutant::new("no name", "the report says whose it is", check(&space, Odd::HasNoName, false)),
        Mutant::new("counts batches", "batches do not matter", check(&space, Odd::CountsBatches, false)),
        Mutant::new(
            "counts batches of layers",
            "batches do not matter",
            check(&space, Odd::CountsLayerBatches, true),
        ),
        Mutant::new("by instance", "same trace, same report", check(&space, Odd::OtherByInstance, false))
            .also(&["batches do not matter"]),
    ];
    assert_caught(&mutants, &[]);
}

fn chart(body: Body) -> Report {
    let chart = Chart {
        key: "c".into(),
        title: String::new(),
        note: String::new(),
        x: Axis::default(),
        y: Axis::default(),
        body,
    };
    Report { charts: vec![chart], ..Report::default() }
}

#[test]
fn reports_that_cannot_be_merged_or_drawn_are_found() {
    let line =
        |x: &[f64], y: &[Option<f64>]| Line { name: "l".into(), x: x.into(), y: y.into(), theory: false };
    let table = |columns: &[&str], keys, rows| Report {
        tables: vec![Table {
            name: "t".into(),
            title: String::new(),
            columns: columns.iter().map(|&column| column.into()).collect(),
            keys,
            rows,
        }],
        ..Report::default()
    };
    let finding = |finding| Report { findings: vec![finding], ..Report::default() };
    let band = |name: &str, parent, y: &[f64]| FlowBand { name: name.into(), parent, y: y.into() };
    let flow = |bands| chart(Body::Flow(Flow { x: vec![0.0, 1.0], bands }));
    let heat = |cells| {
        chart(Body::Heat(Heat { x: vec![0.0], rows: vec!["r".into()], value: Axis::default(), cells }))
    };
    let bars = |y: &[Option<f64>]| {
        chart(Body::Bars(Bars { categories: vec!["a".into()], series: vec![line(&[], y)] }))
    };
    let wrong = [
        (finding(Finding::new("", "t", 1.0, "", 1)), "finding `` has no name"),
        (finding(Finding { value: None, ..Finding::new("k", "t", 1.0, "", 1) }), "does not say why"),
        (finding(Finding::new("k", "", 1.0, "", 1)), "does not say what its value is"),
        (finding(Finding { spread: Some(-1.0), ..Finding::new("k", "t", 1.0, "", 1) }), "the spread"),
        (table(&["a"], 2, vec![]), "has 1 columns, 2 of them keys"),
        (table(&["a", "a"], 0, vec![]), "two columns of one name"),
        (table(&["a", "b"], 1, vec![vec![Cell::Missing(())]]), "but 1 cells in row 0"),
        (table(&["a"], 0, vec![vec![Cell::Number(f64::NAN)]]), "has the number NaN in row 0"),
        (chart(Body::Lines(vec![line(&[0.0], &[])])), "has 1 x and 0 y"),
        (chart(Body::Lines(vec![line(&[1.0, 0.0], &[None, None])])), "do not ascend"),
        (chart(Body::Lines(vec![line(&[f64::NAN], &[None])])), "an x that is not finite"),
        (chart(Body::Lines(vec![line(&[0.0], &[Some(f64::NAN)])])), "a y that is not finite"),
        (chart(Body::Lines(vec![line(&[], &[]), line(&[], &[])])), "two curves called `l`"),
        (bars(&[]), "has 1 groups and 0 bars"),
        (heat(vec![]), "has 1 names for 0 rows"),
        (heat(vec![vec![]]), "has 1 columns and 0 cells"),
        (flow(vec![band("b", None, &[0.0])]), "has 2 x and 1 y"),
        (flow(vec![band("b", Some(0), &[0.0, 1.0])]), "before the one that it descends from"),
    ];
    for (report, words) in wrong {
        let text = report.check().unwrap_err().to_string();
        assert!(text.contains(words), "{text}, not {words}");
    }
    let right = flow(vec![band("a", None, &[0.0, 1.0]), band("b", Some(0), &[0.0, 1.0])]);
    right.check().unwrap();
    bars(&[None]).check().unwrap();
    heat(vec![vec![Some(1.0)]]).check().unwrap();
    table(&["a"], 1, vec![vec![Cell::Number(1.0)]]).check().unwrap();
}

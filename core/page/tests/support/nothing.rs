//! What is left where nothing could be measured.

use lamarck_model::report::{
    Axis, Flow, FlowBand, Heat, MergedBody, MergedLine, MergedTable, Panel, Section, StudyReport,
};
use lamarck_model::{CandidateRecord, Status};
use lamarck_page::{Census, Explorer, ExplorerBuilder, KeepRule};

use super::lineage::space;
use super::{chart, report};

/// A report of runs in which nothing could be measured: every kind of chart, empty or of gaps only.
pub(crate) fn empty_report() -> StudyReport {
    let gap = |x: Vec<f64>| MergedLine {
        name: "gaps".into(),
        y: vec![None; x.len()],
        x,
        low: vec![],
        high: vec![],
        theory: false,
    };
    let bodies = vec![
        MergedBody::Lines(vec![]),
        MergedBody::Lines(vec![gap(vec![1.0, 2.0])]),
        MergedBody::Bars { categories: vec![], series: vec![gap(vec![])] },
        MergedBody::Heat(Heat::default()),
        MergedBody::Flow(Flow { x: vec![], bands: vec![FlowBand::default()] }),
    ];
    let charts = bodies.into_iter().enumerate().map(|(i, body)| {
        let panel = |point| Panel { point, runs: 1, synthetic: false, body: body.clone() };
        let axis = || Axis { label: String::new(), unit: String::new(), log: i % 2 == 1 };
        chart(&format!("empty-{i}"), "nothing", axis(), axis(), vec![panel(0), panel(1)])
    });
    let mut report = report();
    report.points.truncate(2);
    report.sections = vec![Section {
        analyzer: "empty".into(),
        heading: String::new(),
        summary: String::new(),
        findings: vec![],
        charts: charts.collect(),
        tables: vec![MergedTable {
            name: "empty".into(),
            title: "nothing".into(),
            keys: 0,
            columns: vec![],
            panels: vec![],
        }],
    }];
    report
}

/// The explorer of a run without candidates, and of one whose only candidate failed.
pub(crate) fn empty_explorers() -> [Explorer; 2] {
    let failed = CandidateRecord { id: 3, status: Status::Failed as u8, ..CandidateRecord::default() };
    [vec![], vec![failed]].map(|records: Vec<CandidateRecord>| {
        let mut census = Census::new();
        for record in &records {
            census.add(record);
        }
        let kept = census.keep(&[], 100, &KeepRule::default());
        let mut builder = ExplorerBuilder::new("", &space(), "", "", kept);
        for record in &records {
            builder.add_candidate(record, None);
        }
        builder.finish()
    })
}

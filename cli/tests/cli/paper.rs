//! The studies of several spaces, at a tenth of their size.

use crate::lab::Lab;
use serde_json::Value;
use std::fs;

#[test]
fn the_three_claims_in_order() {
    let lab = Lab::new();
    let small = ["--replicates", "3", "--set", "budget.candidates=400", "--out", "paper"];
    let out = lab.run(&[&["run", "paper"], &small[..]].concat()).done().out();
    // 36 runs: a line a point, and no line a run.
    for line in ["#0     ATTN, cluster.workers=1 ", "#11    NAS-Bench-201, cluster.workers=256 "] {
        assert_eq!(out.lines().filter(|text| text.starts_with(line)).count(), 2, "{line}\n{out}");
    }
    assert!(!out.contains("replicate  "), "{out}");
    // The random phase beside its closed form, P + W - 1, for 50 + 256 and 100 + 256.
    for (line, random) in [("#3     ATTN", "305"), ("#11    NAS-Bench-201", "355")] {
        let line = out.lines().find(|text| text.starts_with(line)).expect("a line of this point");
        assert_eq!(line.matches(random).count(), 2, "{line}");
    }
    // Real and made-up scores stand side by side and are told apart.
    assert!(out.contains("landscape 1 over candle-attn (synthetic)"), "{out}");
    assert!(out.contains("mean of all seeds [%]\n"), "{out}");

    let report: Value =
        serde_json::from_slice(&fs::read(lab.path("paper/report-synthetic.json")).unwrap()).unwrap();
    let sections = report["sections"].as_array().unwrap();
    let read = |key: &str| -> Vec<&str> { sections.iter().map(|s| s[key].as_str().unwrap()).collect() };
    assert_eq!(read("analyzer"), ["structure", "lineage", "storage", "popularity"]);
    let claims: Vec<&str> = read("heading").iter().map(|heading| heading.get(..2).unwrap()).collect();
    assert_eq!(claims, ["1.", "2.", "2.", "3."]);
    // Every analyzer has something to say at every point.
    for section in sections {
        let findings = section["findings"].as_array().unwrap();
        for point in 0..12 {
            let told = findings.iter().flat_map(|finding| finding["values"].as_array().unwrap());
            let known = told.filter(|value| value["point"] == point && !value["value"].is_null()).count();
            assert!(known > 0, "{} says nothing at point {point}", section["analyzer"]);
        }
    }
    // What differs between spaces is not subtracted; within a space, all are compared with one worker.
    let pairs = sections.iter().flat_map(|section| section["findings"].as_array().unwrap());
    let pairs: Vec<(u64, u64)> = pairs
        .flat_map(|finding| finding["differences"].as_array().unwrap())
        .map(|difference| (difference["point"].as_u64().unwrap(), difference["against"].as_u64().unwrap()))
        .collect();
    assert!(!pairs.is_empty() && pairs.iter().all(|(point, against)| *against == point / 4 * 4), "{pairs:?}");
}

#[test]
fn caches_and_what_they_gain() {
    let lab = Lab::new();
    let small = ["--replicates", "2", "--set", "budget.candidates=300", "--out", "caching"];
    let out = lab.run(&[&["run", "caching"], &small[..]].concat()).done().out();
    for line in ["#0     ATTN, cluster.workers=16, transfer.donor=parent ", "#17    NAS-Bench-201, "] {
        assert_eq!(out.lines().filter(|text| text.starts_with(line)).count(), 2, "{line}\n{out}");
    }
    // What lineage-aware policies gain is among what is told first.
    for policy in ["`next-donor`", "`population`"] {
        assert!(out.contains(policy), "{policy} is not in\n{out}");
    }
    let report: Value =
        serde_json::from_slice(&fs::read(lab.path("caching/report-synthetic.json")).unwrap()).unwrap();
    let findings = report["sections"][0]["findings"].as_array().unwrap();
    let values = |key: &str| {
        let finding = findings.iter().find(|finding| finding["key"] == key).unwrap();
        finding["values"].as_array().unwrap().clone()
    };
    // No policy is below the bound, which stands as theory; a cache on each node serves no more than a shared one.
    for side in ["shared", "node"] {
        let told = values(&format!("best-general-bytes-{side}"));
        assert_eq!(told.len(), 18);
        for value in &told {
            if let (Some(ratio), Some(bound)) = (value["value"].as_f64(), value["theory"].as_f64()) {
                assert!((bound..=1.0).contains(&ratio), "{value}");
            }
        }
    }
    for (shared, node) in values("attainable-bytes-shared").iter().zip(values("attainable-bytes-node")) {
        assert!(shared["value"].as_f64() >= node["value"].as_f64(), "{shared} {node}");
    }
}

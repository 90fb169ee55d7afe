//! `lamarck cache` and `lamarck export access-trace`, to and fro, and what is wrong with files.

use crate::lab::Lab;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array};
use lamarck_cache::io::{compressed, csv, oracle_general};
use lamarck_cache::{SizeRule, Trace, TraceBuilder};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::sync::Arc;

#[path = "../../../core/cache/tests/support/generate.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::cast_possible_truncation,
    reason = "shared with the tests of lamarck-cache, which use all of it and allow the same"
)]
mod generate;

/// Miss ratios by requests and by bytes, by policy and capacity in bytes.
type Ratios = BTreeMap<(String, u64), (f64, f64)>;

/// The policy grid of a report's point, for one kind of cache.
fn grid(report: &Value, point: usize, cache: &str) -> Ratios {
    let tables = report["sections"][0]["tables"].as_array().expect("tables");
    let table = tables.iter().find(|table| table["name"] == "policy-grid").expect("the grid");
    let column = |name: &str| {
        let columns = table["columns"].as_array().expect("columns");
        columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
    };
    let (policy, capacity) = (column("policy"), column("capacity of each [bytes]"));
    let (requests, bytes) = (column("miss ratio"), column("byte miss ratio"));
    let panels = table["panels"].as_array().expect("panels");
    let panel = panels.iter().find(|panel| panel["point"] == point).expect("the point");
    let rows = panel["rows"].as_array().expect("rows").iter().filter(|row| row[0] == cache);
    let number = |value: &Value| value.as_f64().expect("a number");
    let grid: Ratios = rows
        .map(|row| {
            let key =
                (row[policy].as_str().expect("a name").to_owned(), row[capacity].as_u64().expect("bytes"));
            (key, (number(&row[requests]), number(&row[bytes])))
        })
        .collect();
    assert!(!grid.is_empty());
    grid
}

/// The value of a finding at a point.
fn finding(report: &Value, point: usize, key: &str) -> Option<f64> {
    let findings = report["sections"][0]["findings"].as_array().expect("findings");
    let finding = findings.iter().find(|finding| finding["key"] == key)?;
    let values = finding["values"].as_array().expect("values");
    values.iter().find(|value| value["point"] == point)?["value"].as_f64()
}

fn cache(lab: &Lab, arguments: &[&str]) -> Value {
    let out = lab.run(&[&["cache", "--json"], arguments].concat()).done().out();
    serde_json::from_str(&out).expect("JSON")
}

/// Writes a trace as oracleGeneral.
fn oracle(trace: &Trace) -> Vec<u8> {
    let mut file = Vec::new();
    oracle_general::write(trace, None, &mut file).expect("memory");
    file
}

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    compressed::write(&mut file, compressed::LEVEL, |to| Ok(to.write_all(plain)?)).expect("memory");
    file
}

/// Writes columns as Parquet.
fn parquet(lab: &Lab, name: &str, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    );
    let batch = batch.expect("columns of one length");
    let file = File::create(lab.path(name)).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a footer");
}

/// What libCacheSim 0.3.5 measured of the same trace (see the golden test of lamarck-cache).
#[test]
fn golden_miss_ratios_in_every_format() {
    let lab = Lab::new();
    let slice = generate::slice();
    let trace = generate::trace(&slice);
    let plain = oracle(&trace);
    // Names say nothing: contents do.
    lab.write("one", &plain);
    lab.write("two.csv", packed(&plain));
    let mut text = Vec::new();
    csv::write(&trace, &[], &mut text).expect("memory");
    lab.write("three", &text);
    lab.write("four", packed(&text));
    let numbers = |of: fn(&(u64, u64)) -> u64| -> ArrayRef {
        Arc::new(slice.iter().map(|access| i64::try_from(of(access)).ok()).collect::<Int64Array>())
    };
    let names: StringArray = slice.iter().map(|(id, _)| Some(format!("tensor {id}"))).collect();
    parquet(&lab, "five", vec![("key", Arc::new(names)), ("bytes", numbers(|access| access.1))]);
    let golden = [
        ("fifo", [(0.653_960, 0.517_145), (0.389_845, 0.320_008), (0.215_870, 0.178_371)]),
        ("lru", [(0.606_185, 0.481_075), (0.346_965, 0.287_455), (0.186_875, 0.154_731)]),
        ("sieve", [(0.479_705, 0.410_555), (0.294_690, 0.243_221), (0.174_250, 0.144_711)]),
        ("belady", [(0.418_340, 0.349_629), (0.212_790, 0.176_149), (0.125_300, 0.104_463)]),
    ];
    let capacities = [17_870_232, 178_702_321, 714_809_287];
    let asked = [
        "--policies",
        "fifo,lru",
        "--policies",
        "sieve belady",
        "--capacities",
        "17870232 178702321,714809287",
    ];
    let four = cache(&lab, &[&["one", "two.csv", "three", "four"], &asked[..]].concat());
    let five = cache(&lab, &[&["five", "--columns", "key,bytes"], &asked[..]].concat());
    for (report, point) in [(&four, 0), (&four, 1), (&four, 2), (&four, 3), (&five, 0)] {
        let grid = grid(report, point, "shared");
        assert_eq!(grid.len(), 12);
        for (policy, ratios) in golden {
            for (capacity, (requests, bytes)) in capacities.into_iter().zip(ratios) {
                let (r, b) = grid[&(policy.to_owned(), capacity)];
                assert!((r - requests).abs() < 5.1e-7, "{point} {policy} {capacity}: {r} {requests}");
                assert!((b - bytes).abs() < 5.1e-7, "{point} {policy} {capacity}: {b} {bytes}");
            }
        }
        assert_eq!(finding(report, point, "footprint"), Some(1_787_023_218.0));
        let contents = report["points"][point]["notes"][0].as_str().expect("a note");
        assert!(contents.ends_with("200,000 reads of 23,694 objects, 1.7 GiB"), "{contents}");
    }
    assert_eq!(four["title"], "one, two.csv, three, four");
    assert_eq!(
        five["command"],
        "lamarck cache five --policies fifo,lru --policies 'sieve belady' --capacities '17870232 178702321,714809287' \
         --columns key,bytes"
    );
}

/// A study with weight transfer, small.
fn study(lab: &Lab, out: &str, more: &[&str]) {
    let small = [
        "run",
        "candle-nt3",
        "--set",
        "budget.candidates=400",
        "--set",
        "cluster.workers=16",
        "--set",
        "cluster.workers_per_node=4",
        "--set",
        "strategy.population=32",
        "--out",
        out,
    ];
    lab.run(&[&small[..], more].concat()).done();
}

const ASKED: &str = "fifo lru s3-fifo gdsf belady";

/// What the analyzer says of a trace's cache for all nodes.
fn analysed(lab: &Lab, trace: &str, granularity: &str) -> Value {
    let caching =
        format!("caching:granularity={granularity},policies=\"{ASKED}\",capacities=\"0.01 0.1 0.5\"");
    let out = lab.run(&["analyze", trace, "-a", &caching, "--json"]).done().out();
    serde_json::from_str(&out).expect("JSON")
}

#[test]
fn what_is_exported_gives_what_the_analyzer_says() {
    let lab = Lab::new();
    study(&lab, "trace", &["--replicates", "1", "--set", "transfer.retention=reachable"]);
    let grid_asked = ["--policies", ASKED, "--capacities", "0.01,10%,0.5"];
    for granularity in ["layer", "model"] {
        let whole = analysed(&lab, "trace", granularity);
        for (file, format) in [("a.csv", &["csv"][..]), ("b", &["csv", "--zstd"]), ("c", &["parquet"])] {
            let export =
                ["export", "access-trace", "trace", "-o", file, "--granularity", granularity, "--format"];
            let out = lab.run(&[&export[..], format].concat()).done().out();
            assert!(out.starts_with(&format!("{file}: ")) && out.contains(" objects\n"), "{out}");
            let again = cache(&lab, &[&[file], &grid_asked[..]].concat());
            assert_eq!(grid(&again, 0, "shared"), grid(&whole, 0, "shared"), "{file} {granularity}");
            for key in [
                "attainable-bytes-shared",
                "size-for-nine-tenths-shared",
                "reuse-distance-shared",
                "footprint",
            ] {
                let value = finding(&again, 0, key);
                assert!(value.is_some_and(|value| value > 0.0), "{key}");
                assert_eq!(value, finding(&whole, 0, key), "{file} {granularity} {key}");
            }
            // Its scores are synthetic, which Parquet can say.
            assert!(out.contains("synthetic"), "{out}");
            assert_eq!(again["points"][0]["synthetic"], file == "c");
            let contents = again["points"][0]["notes"][0].as_str().expect("a note");
            assert!(contents.contains(" writes, ") && contents.contains(" deletions of "), "{contents}");
        }
    }
    // A link is written through, not replaced, and nothing is printed that could get in between.
    #[cfg(unix)]
    {
        let out = lab.path("linked");
        std::os::unix::fs::symlink(lab.path("a.csv"), &out).expect("a link");
        lab.write("a.csv", "");
        let export = ["export", "access-trace", "trace", "-f", "csv", "-o", "linked"];
        assert_eq!(lab.run(&export).done().out(), "");
        assert!(fs::symlink_metadata(&out).expect("it is there").is_symlink());
        assert!(fs::read_to_string(lab.path("a.csv")).expect("a file").starts_with("id,size,op\n"));
        fs::remove_file(out).expect("the link");
    }
    // Nothing but the files is left behind.
    let left: Vec<_> = fs::read_dir(lab.path(".")).expect("the folder").collect();
    assert_eq!(left.len(), 5, "{left:?}");
}

/// Whatever is measured first, the report is the same: all of it, of reads alone, with deletions, and of a bad trace.
#[test]
fn the_number_of_threads_does_not_change_a_byte() {
    let lab = Lab::new();
    lab.write("reads", oracle(&generate::trace(&generate::slice()[..40_000])));
    study(&lab, "trace", &["--replicates", "1", "--set", "transfer.retention=reachable"]);
    lab.run(&["export", "access-trace", "trace", "--format", "csv", "-o", "deletions"]).done();
    let report =
        |jobs: &[&str]| lab.run(&[&["cache", "reads", "deletions", "--json"], jobs].concat()).done().out();
    let one = report(&["--jobs", "1"]);
    let parsed: Value = serde_json::from_str(&one).expect("JSON");
    for point in [0, 1] {
        assert!(grid(&parsed, point, "shared").len() > 40);
        assert!(finding(&parsed, point, "size-for-nine-tenths-shared").is_some());
    }
    for jobs in [&["--jobs", "2"][..], &["-j", "7"], &[]] {
        assert!(report(jobs) == one, "{jobs:?}");
    }
    // Nor do the files of a report.
    for (jobs, out) in [("1", "one"), ("2", "two")] {
        lab.run(&["cache", "reads", "--policies", "lru gdsf", "--jobs", jobs, "--out", out]).done();
    }
    assert!(lab.tree("one") == lab.tree("two"));
    lab.run(&["cache", "reads", "--jobs", "0"]).refused(2, &["--jobs"]);
}

/// Every object is written once, before it is read, so where writes stand as reads, each is one more miss, and the
/// rest stays as it was.
#[test]
fn where_writes_stand_as_reads_each_is_one_more_miss() {
    let lab = Lab::new();
    study(&lab, "trace", &["--replicates", "2"]);
    let export = ["export", "access-trace", "trace", "--replicate", "1", "-o"];
    lab.run(&[&export[..], &["all", "--format", "csv"]].concat()).done();
    lab.run(&[&export[..], &["reads"]].concat()).done();
    lab.run(&[&export[..], &["packed", "--zstd"]].concat()).done();
    let plain = fs::read(lab.path("reads")).expect("a file");
    let smaller = fs::read(lab.path("packed")).expect("a file");
    assert!(smaller.len() * 2 < plain.len(), "{} {}", smaller.len(), plain.len());
    let both = cache(&lab, &["all", "reads", "packed", "--policies", "lru,fifo", "--capacities", "0.03 0.3"]);
    let [all, reads, packed] = [0, 1, 2].map(|point| grid(&both, point, "shared"));
    assert_eq!(reads, packed);
    let text = fs::read_to_string(lab.path("all")).expect("a file");
    let (gets, puts) = (text.matches(",get\n").count(), text.matches(",put\n").count());
    assert!(gets > 100 && puts > 100 && plain.len() == 24 * (gets + puts));
    let (gets, puts) = (gets as f64, puts as f64);
    for (key, (ratio, _)) in &all {
        let expected = (ratio * gets + puts) / (gets + puts);
        assert!((reads[key].0 - expected).abs() < 1e-9, "{key:?}: {} {expected}", reads[key].0);
    }
    // The other replicate is another run.
    lab.run(&["export", "access-trace", "trace", "-f", "csv", "-o", "first"]).done();
    assert_ne!(fs::read_to_string(lab.path("first")).expect("a file"), text);
}

#[test]
fn a_report_in_files() {
    let lab = Lab::new();
    lab.write("small.csv", "id,size,op\na,100,put\nb,50,get\na,100,get\nb,50,get\na,,delete\n");
    let out = lab.run(&["cache", "small.csv", "--capacities", "100B 1GiB", "--out", "out"]).done().out();
    for words in [
        "small.csv: CSV, 3 reads, 1 write, 1 deletion of 2 objects, 150 B",
        "note: 1.0 GiB hold all 150 B there are",
        "miss ratio / byte miss ratio",
        "\ncaching: what caches",
        "report: out/report.html",
        "as CSV",
    ] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
    let row = |policy: &str| {
        let row = out.lines().find(|line| line.starts_with(policy)).expect("a row of the grid");
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("  policy "), "policy 100 B 150 B");
    assert_eq!(row("  lru "), "lru 1.0000 / 1.0000 0.3333 / 0.2500");
    assert_eq!(row("  PFOO-L"), "PFOO-L, no policy is below 0.3333 / 0.2500 0.3333 / 0.2500");
    assert!(!out.contains("candidate in flight") && !out.contains("0 candidates"), "{out}");
    let files = lab.tree("out");
    let has = |name: &str| files.contains_key(std::path::Path::new(name));
    assert!(has("report.json") && has("report.html"), "{:?}", files.keys());
    assert!(has("tables/policy-grid.csv") && has("charts/miss-ratio-curve.csv"), "{:?}", files.keys());
    let json: Value = serde_json::from_slice(&files[std::path::Path::new("report.json")]).expect("JSON");
    // With room for one, each drives the other out; with room for both only b's first read is a miss.
    let grid = grid(&json, 0, "shared");
    assert!((grid[&("lru".to_owned(), 100)].0 - 1.0).abs() < 1e-12, "{grid:?}");
    assert!((grid[&("lru".to_owned(), 150)].0 - 1.0 / 3.0).abs() < 1e-12, "{grid:?}");
    lab.run(&["report", "out"]).done().says(&["caching: ", "small.csv"]);
}

#[test]
fn files_that_are_wrong() {
    let lab = Lab::new();
    let mut builder = TraceBuilder::new(SizeRule::Refuse);
    for id in [1, 2, 1, 3, 2, 1] {
        builder.get(id, 100 * id).expect("few");
    }
    let good = oracle(&builder.finish().expect("small"));
    lab.write("good", &good);
    lab.run(&["cache", "good", "--policies", "lru"]).done();
    let changed = |record: usize, at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        let at = (record - 1) * 24 + at;
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let half = packed(&good);
    let cases: &[(&[u8], &[&str])] = &[
        (b"", &["the file is empty"]),
        (&packed(b""), &["the compressed file is empty"]),
        (&good[..24 * 3 + 7], &["record 4", "after 7 of its 24 bytes", "truncated"]),
        (&good[..5], &["record 1", "after 5 of its 24 bytes"]),
        (
            &changed(2, 16, &1_i64.to_le_bytes()),
            &["record 2", "record 1, which is no later", "multiples of 24 bytes"],
        ),
        (&changed(3, 16, &3_i64.to_le_bytes()), &["record 3", "said to be record 3", "no later"]),
        (
            &changed(3, 12, &77_u32.to_le_bytes()),
            &["record 3", "object 1 has 77 bytes but had 100", "largest"],
        ),
        (&changed(4, 12, &[0; 4]), &["record 4", "object 3 has 0 bytes"]),
        (&half[..half.len() - 6], &["record ", "damaged or cut"]),
        (b"time,key,bytes\n1,2,3\n", &["no column `id`", "time, key, bytes", "--columns"]),
        (b"id,size\n1,5\n2,NaN\n", &["record 2", "size `NaN`", "whole number"]),
        (b"id,size\n1,5\n2,-5\n", &["record 2", "size `-5`"]),
        (b"id,size\n1,18446744073709551616\n", &["record 1", "below 2^64"]),
        (b"id,size\n1,18446744073709551615\n1,18446744073709551615\n", &["more than 2^64 bytes altogether"]),
        (b"id,size\n1,5\n2\n", &["record 2", "1 fields"]),
        (b"id,size,op\n1,5,get\n2,5,touch\n", &["record 2", "operation `touch`"]),
        (b"id,size\n1,5\n2,0\n", &["record 2", "0 bytes"]),
        (b"id,size\n", &["no records"]),
        (b"id,size,op\n1,5,put\n", &["no reads"]),
        (b"PAR1 and then nothing", &["Parquet"]),
    ];
    for (at, (content, words)) in cases.iter().enumerate() {
        let name = format!("bad-{at}");
        lab.write(&name, content);
        lab.run(&["cache", &name, "--out", "never"]).refused(4, &[&[name.as_str()], *words].concat());
    }
    // Wherever records do not begin where they should, one of them gives it away.
    let long = oracle(&generate::trace(&generate::slice()[..1000]));
    for shift in 1..24 {
        lab.write("shifted", [&long[shift..], &long[..shift]].concat());
        lab.run(&["cache", "shifted", "--format", "oracle-general"]).refused(4, &["`shifted`: record "]);
    }
    lab.run(&["cache", "missing"]).refused(4, &["`missing`"]);
    lab.run(&["cache", "."]).refused(4, &["folder", "export access-trace"]);
    // One bad file among good ones: nothing is written.
    lab.run(&["cache", "good", "bad-2", "--out", "never"]).refused(4, &["`bad-2`", "record 4"]);
    assert!(!lab.path("never").exists());
    // What is meant can be said.
    lab.run(&["cache", "bad-6", "--changed-sizes", "largest"]).done();
    lab.run(&["cache", "bad-9", "--columns", "key,bytes"]).done();
    lab.run(&["cache", "good", "--format", "csv"]).refused(4, &["record "]);
    lab.run(&["cache", "bad-10", "--format", "oracle-general"]).refused(4, &["record 1", "oracleGeneral"]);
}

#[test]
fn parquet_that_is_wrong() {
    let lab = Lab::new();
    let int = |values: &[Option<i64>]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
    let ids = || int(&[Some(1), Some(2), Some(1)]);
    let sizes = || -> ArrayRef { Arc::new(UInt32Array::from(vec![10, 20, 10])) };
    let refused = |columns: Vec<(&str, ArrayRef)>, words: &[&str]| {
        parquet(&lab, "file", columns);
        lab.run(&["cache", "file"]).refused(4, &[&["`file`"], words].concat());
    };
    refused(vec![("id", ids()), ("bytes", sizes())], &["no column `size`", "id, bytes", "--columns"]);
    refused(vec![("id", int(&[Some(1), None, Some(1)])), ("size", sizes())], &["record 2", "`id` is null"]);
    refused(vec![("id", ids()), ("size", int(&[Some(1), None, Some(1)]))], &["record 2", "`size` is null"]);
    refused(vec![("id", ids()), ("size", int(&[Some(1), Some(2), Some(-1)]))], &["record 3", "-1"]);
    refused(vec![("id", ids()), ("size", int(&[Some(1), Some(0), Some(1)]))], &["record 2", "0 bytes"]);
    refused(vec![("id", ids()), ("size", int(&[Some(1), Some(2), Some(3)]))], &["record 3", "had 1 before"]);
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0, f64::NAN, 1.0]));
    refused(vec![("id", ids()), ("size", floats)], &["`size` has Float64 and not integers"]);
    let ops: ArrayRef = Arc::new(StringArray::from(vec!["get", "get", "touch"]));
    refused(vec![("id", ids()), ("size", sizes()), ("op", ops)], &["record 3", "`touch`"]);
    refused(vec![("id", int(&[])), ("size", int(&[]))], &["no records"]);
    // Damage anywhere is an error or harmless, never a crash.
    parquet(&lab, "whole", vec![("id", ids()), ("size", sizes())]);
    let whole = fs::read(lab.path("whole")).expect("a file");
    for at in (4..whole.len()).step_by(whole.len() / 24) {
        lab.write("cut", &whole[..at]);
        lab.run(&["cache", "cut"]).refused(4, &["`cut`"]);
    }
}

#[test]
fn a_command_line_that_is_wrong_is_refused_before_files_are_read() {
    let lab = Lab::new();
    for (option, value, words) in [
        ("--capacities", "0", "holds nothing"),
        ("--capacities", "-1", "holds nothing"),
        ("--capacities", "NaN", "no capacity"),
        ("--capacities", "18446744073709551616", "2^64 bytes or more"),
        ("--capacities", "20000000TiB", "2^64 bytes or more"),
        ("--capacities", "0.1 110%", "more than all"),
        ("--policies", "lru,lfru", "no policy `lfru`"),
        ("--policies", "lru lru", "twice"),
        ("--policies", "s3-fifo:small=2", "from 0 to 1"),
        ("--columns", "id", "ID,SIZE"),
    ] {
        lab.run(&["cache", "missing", option, value]).refused(2, &[option, words]);
    }
    lab.run(&["cache", "missing", "--format", "lcs"]).refused(2, &["oracle-general"]);
    lab.run(&["cache"]).refused(2, &["FILE"]);
    lab.write("good.csv", "id,size\n1,5\n1,5\n");
    lab.run(&["cache", "good.csv", "--out", "good.csv"]).refused(5, &["cannot write"]);
    // Lineage is not in such a file, and who asks for it is told.
    lab.run(&["cache", "good.csv", "--policies", "lru population"]).done().says(&["says nothing of lineage"]);
}

#[test]
fn exports_that_cannot_be() {
    let lab = Lab::new();
    study(&lab, "trace", &["--replicates", "1"]);
    let export = |more: &[&str]| lab.run(&[&["export", "access-trace"], more].concat());
    export(&["trace", "--format", "parquet", "--zstd", "-o", "file"]).refused(2, &["--zstd"]);
    export(&["trace"]).refused(2, &["--out"]);
    export(&["trace", "--replicate", "7", "-o", "file"]).refused(4, &["replicate 7"]);
    export(&["missing", "-o", "file"]).refused(4, &["missing"]);
    export(&["trace", "-o", "nowhere/file"]).refused(5, &["cannot write `nowhere/file`"]);
    study(&lab, "bare", &["--replicates", "1", "--set", "trace.layers=false"]);
    export(&["bare", "-o", "file"]).refused(4, &["`bare`", "trace.layers = true"]);
    // A layer of more than 4 GiB: refused where sizes have 32 bits, and fine elsewhere.
    let large = ["run", "candle-attn", "--set", "space.features=2000000", "--set", "budget.candidates=150"];
    lab.run(&[&large[..], &["--replicates", "1", "--out", "large"]].concat()).done();
    lab.write("file", "what was there before");
    export(&["large", "-o", "file"]).refused(2, &["record ", "bytes", "32 bits", "CSV"]);
    assert_eq!(fs::read(lab.path("file")).expect("a file"), b"what was there before");
    assert!(!lab.path(".file.tmp").exists());
    export(&["large", "-o", "file", "--format", "csv"]).done();
    lab.run(&["cache", "file", "--policies", "lru"]).done();
}

//! The trace store from outside: what is written comes back, equal input gives equal bytes, damage is an error,
//! a resumed run ends with the files of an uninterrupted one, and a comparison names the first difference.

#![allow(clippy::cast_possible_truncation, reason = "small numbers made for tests")]

#[path = "../benches/trace/evolution.rs"]
mod evolution;

use lamarck_model::{
    CandidateColumns, CandidateRecord, Columns, Decision, EvaluatorSpec, LayerColumns, LayerSource, Nullable,
    Rng, SpaceSpec, for_each_candidate_column,
};
use lamarck_runtime::trace::{
    CANDIDATE_COLUMNS, ColumnType, PluginHeader, RunHeader, RunKey, RunStatus, RunTotals, RunWriter, Trace,
    TraceErrorKind, TraceHeader, diff,
};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

const KEY: RunKey = RunKey { point: 0, replicate: 0 };

fn part(dir: &Path, table: &str, number: usize) -> PathBuf {
    dir.join(table).join(format!("point-0000-replicate-0000-part-{number:05}.parquet"))
}

fn header(seed: u64) -> TraceHeader {
    let mut header = TraceHeader::new("test", "[study]\nname = \"test\"\n", seed, 1);
    let decision = |name: &str| Decision {
        name: name.to_owned(),
        options: ["none", "skip_connect", "conv1x1", "conv3x3", "avg_pool3x3"].map(str::to_owned).to_vec(),
        ordered: false,
        node: None,
        descendants: 0,
    };
    let space = SpaceSpec {
        name: "toy".to_owned(),
        decisions: ["a", "b", "c", "d", "e", "f"].map(decision).to_vec(),
        constrained: false,
        levels: vec!["network".to_owned()],
        class: None,
    };
    let evaluator = EvaluatorSpec {
        score: "a number".to_owned(),
        unit: "%".to_owned(),
        best_known: None,
        near: None,
        synthetic: true,
        deterministic: true,
        sources: Vec::new(),
        notes: Vec::new(),
    };
    header.add_point(
        "",
        serde_json::json!({"cluster": {"workers": 64}, "budget": {"candidates": 500}}),
        &space,
        &evaluator,
    );
    header.plugins.push(PluginHeader {
        kind: "strategy".to_owned(),
        name: "regularized-evolution".to_owned(),
        library: "lamarck-regularized-evolution".to_owned(),
        version: "0.1.0".to_owned(),
        hash: "xxh3:0123456789abcdef".to_owned(),
        file: "liblamarck_regularized_evolution.so".to_owned(),
        license: "MIT".to_owned(),
        references: vec!["arXiv:1802.01548".to_owned()],
    });
    header
}

/// Writes a trace of one run; the layers belong to the first rows, some of them a part.
fn write(dir: &Path, header: TraceHeader, rows: &[CandidateRecord], part_rows: usize) -> RunTotals {
    let width = rows.first().map_or(6, |row| row.choices.len());
    let mut writer = RunWriter::create(dir, KEY, width, part_rows, true).unwrap();
    hand_over(&mut writer, rows, part_rows);
    finish(dir, header, &writer)
}

fn hand_over(writer: &mut RunWriter, rows: &[CandidateRecord], part_rows: usize) {
    for rows in rows.chunks(part_rows) {
        writer.write_candidates(&evolution::columns(rows).view()).unwrap();
        // Only those of the small evolution have layers; a random row may claim any number of them.
        if rows[0].choices.len() == 6 {
            writer.write_layers(&evolution::layers(&rows[..rows.len().min(3)], rows[0].id)).unwrap();
        }
    }
}

fn finish(dir: &Path, mut header: TraceHeader, writer: &RunWriter) -> RunTotals {
    let totals = writer.complete().unwrap();
    header.set_run(RunHeader {
        key: KEY,
        status: RunStatus::Complete,
        candidates: totals.candidates,
        parts: totals.parts,
        layers: totals.layers,
        layer_parts: totals.layer_parts,
    });
    header.write(dir).unwrap();
    totals
}

fn read(dir: &Path) -> Vec<CandidateRecord> {
    Trace::open(dir).unwrap().recorded(KEY).collect::<Result<_, _>>().unwrap()
}

fn assert_rows(found: &[CandidateRecord], expected: &[CandidateRecord]) {
    assert_eq!(found.len(), expected.len());
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.difference(expected), None, "row {row}");
    }
}

fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for table in ["candidates", "layers"] {
        for entry in fs::read_dir(dir.join(table)).unwrap() {
            let path = entry.unwrap().path();
            files.push((path.strip_prefix(dir).unwrap().to_owned(), fs::read(&path).unwrap()));
        }
    }
    files.push((PathBuf::from("trace.json"), fs::read(dir.join("trace.json")).unwrap()));
    files.sort();
    files
}

/// How the values of a column behave, so that every encoding has its turn.
fn value(rng: &mut Rng, habit: u64, row: u64, most: u64) -> Option<u64> {
    let value = match habit {
        0 => return None,
        1 => 3,
        2 => rng.below(9),
        3 => row * 1_000_003 + rng.below(50),
        4 => rng.below(5) * 123_456_789,
        5 => return rng.chance(0.7).then(|| rng.below(2)),
        6 => return rng.chance(0.02).then(|| rng.next() % (most + 1)),
        _ => rng.next() % (most + 1),
    };
    Some(value % (most + 1))
}

macro_rules! random_rows {
    ($($kind:ident $type:ident $name:ident $doc:literal;)*) => {
        /// Rows in which every column has a habit of its own.
        fn random_rows(rows: u64, width: usize, seed: u64) -> Vec<CandidateRecord> {
            let mut rng = Rng::from_seed(seed);
            let mut records = vec![CandidateRecord::default(); rows as usize];
            $({
                let habit = rng.below(8);
                for (row, record) in (0_u64..).zip(&mut records) {
                    random_rows!(@set $kind $type record.$name, rng, habit, row);
                }
            })*
            let options = 1 + rng.below(70);
            for record in &mut records {
                record.choices = (0..width).map(|_| rng.below(options) as u16).collect();
            }
            records
        }
    };
    (@set must u8 $place:expr, $rng:ident, $habit:ident, $row:ident) => {
        $place = ((u64::from($habit == 1) + $row * ($habit % 2)).min(3) + $rng.below(2)) as u8;
    };
    (@set must u64 $place:expr, $rng:ident, $habit:ident, $row:ident) => { $place = $row + $rng.below(9 + $habit); };
    (@set may f64 $place:expr, $rng:ident, $habit:ident, $row:ident) => {
        if let Some(value) = value(&mut $rng, $habit, $row, u64::MAX - 1) {
            $place = (value as f64 - 1e6) / 7.0;
        }
    };
    (@set may u16 $place:expr, $rng:ident, $habit:ident, $row:ident) => {
        random_rows!(@whole $place, $rng, $habit, $row, u64::from(u16::MAX) - 1)
    };
    (@set may u32 $place:expr, $rng:ident, $habit:ident, $row:ident) => {
        random_rows!(@whole $place, $rng, $habit, $row, u64::from(u32::MAX / 2))
    };
    (@set may u64 $place:expr, $rng:ident, $habit:ident, $row:ident) => {
        random_rows!(@whole $place, $rng, $habit, $row, u64::MAX / 2)
    };
    (@whole $place:expr, $rng:ident, $habit:ident, $row:ident, $most:expr) => {
        if let Some(value) = value(&mut $rng, $habit, $row, $most) {
            $place = value.try_into().unwrap();
        }
    };
}
for_each_candidate_column!(random_rows);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_comes_back(
        rows in prop_oneof![0_u64..20, 0_u64..700], width in 0_usize..5, part_rows in 1_usize..400, seed in any::<u64>(),
    ) {
        let part_rows = part_rows.max(rows as usize / 20);
        let records = random_rows(rows, width, seed);
        let dir = tempfile::tempdir().unwrap();
        let totals = write(dir.path(), header(1), &records, part_rows);
        prop_assert_eq!(totals.candidates, rows);
        assert_rows(&read(dir.path()), &records);
        let trace = Trace::open(dir.path()).unwrap();
        for batch in trace.candidates(KEY).unwrap() {
            prop_assert!(batch.unwrap().view().is_consistent());
        }
        let info = trace.info(KEY).unwrap();
        prop_assert_eq!((info.candidates.rows, info.candidates.parts), (totals.candidates, totals.parts));
        // Equal input, equal bytes.
        let again = tempfile::tempdir().unwrap();
        write(again.path(), header(1), &records, part_rows);
        prop_assert!(files(dir.path()) == files(again.path()));
    }

    #[test]
    fn layers_come_back(rows in 0_usize..400, seed in any::<u64>()) {
        let mut rng = Rng::from_seed(seed);
        let mut layers = LayerColumns::default();
        let distinct = 1 + rng.below(60);
        let sources = 1 + rng.index(LayerSource::ALL.len());
        for row in 0..rows as u64 {
            let name = u128::from(rng.below(distinct)) << rng.below(100);
            layers.push(row / 9, name, rng.below(row + 1), rng.next() >> 1, LayerSource::ALL[rng.index(sources)]);
        }
        let dir = tempfile::tempdir().unwrap();
        let mut writer = RunWriter::create(dir.path(), KEY, 6, 10, true).unwrap();
        writer.write_candidates(&evolution::columns(&evolution::candidates(1, 1)).view()).unwrap();
        writer.write_layers(&layers).unwrap();
        finish(dir.path(), header(1), &writer);
        let mut back = LayerColumns::default();
        for batch in Trace::open(dir.path()).unwrap().layers(KEY).unwrap() {
            let batch = batch.unwrap();
            back.candidate.extend(batch.candidate);
            back.identity.extend(batch.identity);
            back.owner.extend(batch.owner);
            back.bytes.extend(batch.bytes);
            back.source.extend(batch.source);
        }
        prop_assert!(back == layers);
    }
}

/// Long enough for two row groups, for hashed dictionaries, and for those that are given up.
#[test]
fn a_long_part_comes_back() {
    let mut records = evolution::candidates(132_000, 3);
    for (row, record) in (0_u64..).zip(&mut records) {
        // Never twice the same, so that a dictionary does not pay.
        record.store_us = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1;
        if row % 2 == 0 {
            record.score = row as f64 / 3.0;
        }
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), header(1), &records, 132_000);
    assert_rows(&read(dir.path()), &records);
    let trace = Trace::open(dir.path()).unwrap();
    let mut scores = Vec::new();
    for batch in trace.candidates_with(KEY, &["score"]).unwrap() {
        let batch = batch.unwrap();
        let view = batch.view();
        assert!(view.is_consistent());
        assert!(view.parent.is_empty() && view.choices.is_empty());
        scores.extend_from_slice(view.score);
    }
    assert!(scores.iter().zip(&records).all(|(score, record)| score.known() == record.score.known()));
    assert_eq!(scores.len(), records.len());
}

/// What a row costs on disk is a promise of the documentation, so a column that turns expensive is noticed.
#[test]
fn a_row_of_evolution_costs_less_than_thirty_bytes() {
    let records = evolution::candidates(20_000, 1);
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), header(1), &records, 20_000);
    let bytes = Trace::open(dir.path()).unwrap().info(KEY).unwrap().candidates.bytes;
    assert!(bytes < 30 * 20_000, "{bytes}");
}

#[test]
fn a_column_without_values_is_nearly_free() {
    let dir = tempfile::tempdir().unwrap();
    let size = |rows: &[CandidateRecord], name: &str| {
        let dir = dir.path().join(name);
        write(&dir, header(1), rows, 100_000);
        fs::metadata(part(&dir, "candidates", 0)).unwrap().len()
    };
    let rows: Vec<CandidateRecord> =
        (0..5000).map(|id| CandidateRecord { id, ..CandidateRecord::default() }).collect();
    assert!(size(&rows, "long") - size(&rows[..10], "short") < 500);
}

/// The schema of the files is written down here, so that a change of it is a decision.
#[test]
fn the_schema_is_the_documented_one() {
    let text: Vec<String> = CANDIDATE_COLUMNS
        .iter()
        .map(|column| {
            format!("{} {:?}{}", column.name, column.kind, if column.required { "" } else { ", may be null" })
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"), @r#"
    point Int32
    replicate Int32
    id Int64
    origin Text
    parent Int64, may be null
    parent_b Int64, may be null
    donor Int64, may be null
    mutator Int32, may be null
    changed Int32, may be null
    changed_decision Int32, may be null
    changed_from Int32, may be null
    changed_to Int32, may be null
    submitted_us Int64, may be null
    started_us Int64, may be null
    attempts Int32, may be null
    lost_us Int64, may be null
    finished_us Int64, may be null
    worker Int32, may be null
    node Int32, may be null
    status Text
    score Double, may be null
    train_us Int64, may be null
    transfer_us Int64, may be null
    store_us Int64, may be null
    layers Int64, may be null
    parameters Int64, may be null
    bytes Int64, may be null
    prefix_layers Int64, may be null
    prefix_bytes Int64, may be null
    cached_bytes Int64, may be null
    prefix_owners Int32, may be null
    missed_layers Int64, may be null
    stored_bytes Int64, may be null
    owners Int32, may be null
    parent_rank Int32, may be null
    parent_age Int64, may be null
    choices Choices
    "#);
    assert!(CANDIDATE_COLUMNS.iter().all(|column| !column.doc.is_empty()));
    assert_eq!(CANDIDATE_COLUMNS.iter().filter(|column| column.kind == ColumnType::Choices).count(), 1);
}

#[test]
fn truncated_parts_are_damaged() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), header(1), &evolution::candidates(300, 1), 200);
    let path = part(dir.path(), "candidates", 1);
    let whole = fs::read(&path).unwrap();
    let mut rng = Rng::from_seed(1);
    for length in (0..8).chain((0..60).map(|_| rng.index(whole.len()))).chain([whole.len() - 1]) {
        fs::write(&path, &whole[..length]).unwrap();
        let error = Trace::open(dir.path()).unwrap().recorded(KEY).find_map(Result::err).unwrap();
        assert_eq!(
            (error.kind(), error.path()),
            (TraceErrorKind::Damaged, path.as_path()),
            "{length}: {error}"
        );
    }
}

#[test]
fn changed_parts_are_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let rows = evolution::candidates(300, 1);
    write(dir.path(), header(1), &rows, 200);
    let trace = Trace::open(dir.path()).unwrap();
    let path = part(dir.path(), "candidates", 0);
    let whole = fs::read(&path).unwrap();
    let mut rng = Rng::from_seed(2);
    // All of the footer's end, where length, checksum and magic stand, and places all over.
    let anywhere: Vec<usize> = (0..400).map(|_| rng.index(whole.len())).collect();
    for at in (whole.len() - 40..whole.len()).chain(anywhere) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << rng.below(8);
        fs::write(&path, &changed).unwrap();
        let found: Result<Vec<_>, _> = trace.recorded(KEY).collect();
        let error = found.expect_err("every byte is summed");
        assert_eq!((error.kind(), error.path()), (TraceErrorKind::Damaged, path.as_path()), "{at}: {error}");
        // Footers alone are read without the checksum: wrong or refused, but no panic.
        let _ = trace.info(KEY);
    }
}

/// Without a checksum a changed part may be read with other values, but never ends the process: some of these
/// changes make the Parquet library panic.
#[test]
fn changed_parts_of_other_tools_are_errors_or_data() {
    let dir = tempfile::tempdir().unwrap();
    let rows = evolution::candidates(100, 1);
    write(dir.path(), header(1), &rows, 100);
    let trace = Trace::open(dir.path()).unwrap();
    let mut rng = Rng::from_seed(3);
    for table in ["candidates", "layers"] {
        let path = part(dir.path(), table, 0);
        let mut whole = fs::read(&path).unwrap();
        for ours in ["lamarck.checksum", "lamarck-trace version"] {
            let at = whole.windows(ours.len()).rposition(|window| window == ours.as_bytes()).unwrap();
            whole[at] = b'x';
        }
        let mut damaged = 0;
        for _ in 0..1500 {
            let mut changed = whole.clone();
            let at = rng.index(whole.len());
            changed[at] ^= 1 << rng.below(8);
            fs::write(&path, &changed).unwrap();
            let error = match table {
                "candidates" => trace.candidates(KEY).unwrap().find_map(Result::err),
                _ => trace.layers(KEY).unwrap().find_map(Result::err),
            };
            if let Some(error) = error {
                assert!(
                    matches!(error.kind(), TraceErrorKind::Damaged | TraceErrorKind::Version),
                    "{at}: {error}"
                );
                damaged += 1;
            }
        }
        assert!(damaged > 0);
    }
}

#[test]
fn damage_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), header(1), &evolution::candidates(300, 1), 100);
    let message = |error: lamarck_runtime::trace::TraceError| {
        error.to_string().replace(&dir.path().display().to_string(), "DIR").replace('\\', "/")
    };
    let read_error = || {
        message(
            Trace::open(dir.path())
                .unwrap()
                .candidates(KEY)
                .and_then(|mut b| b.find_map(Result::err).map_or(Ok(()), Err))
                .unwrap_err(),
        )
    };
    fs::write(part(dir.path(), "candidates", 1), "not Parquet at all").unwrap();
    insta::assert_snapshot!(read_error(), @"`DIR/candidates/point-0000-replicate-0000-part-00001.parquet` is damaged: Parquet error: Invalid Parquet file. Corrupt footer; take it from a copy, or delete it and run the study with `--resume`, which makes it again");
    fs::remove_file(part(dir.path(), "candidates", 1)).unwrap();
    insta::assert_snapshot!(read_error(), @"`DIR/candidates/point-0000-replicate-0000-part-00001.parquet` is missing; take it from a copy, or run the study with `--resume`, which makes it again");
    // What comes before the gap can be replayed.
    assert_eq!(read(dir.path()).len(), 100);
    let other = RunKey { point: 3, replicate: 1 };
    insta::assert_snapshot!(message(Trace::open(dir.path()).unwrap().candidates(other).err().unwrap()), @"`DIR` has no run of point 3, replicate 1; `lamarck trace info` lists its runs");
    let text = fs::read_to_string(dir.path().join("trace.json")).unwrap();
    fs::write(dir.path().join("trace.json"), text.replacen("\"schema\": 1", "\"schema\": 99", 1)).unwrap();
    insta::assert_snapshot!(message(Trace::open(dir.path()).unwrap_err()), @"`DIR/trace.json` has trace schema 99, and this release reads up to 1; use a newer lamarck");
    fs::write(dir.path().join("trace.json"), &text[..text.len() / 2]).unwrap();
    assert_eq!(Trace::open(dir.path()).unwrap_err().kind(), TraceErrorKind::Damaged);
    fs::remove_file(dir.path().join("trace.json")).unwrap();
    insta::assert_snapshot!(message(Trace::open(dir.path()).unwrap_err()), @"`DIR` holds no trace: there is no `trace.json` in it; name the folder that `lamarck run --out` wrote");
}

/// Parts as another tool would write them: other integer types, columns in another order, some absent, one more.
#[test]
fn parts_of_other_tools_are_read() {
    use arrow_array::{
        ArrayRef, Float32Array, Int64Array, ListArray, RecordBatch, StringArray, UInt16Array,
        types::Int64Type,
    };
    use std::sync::Arc;
    let dir = tempfile::tempdir().unwrap();
    let list =
        ListArray::from_iter_primitive::<Int64Type, _, _>([[1, 2], [3, 4]].map(|row| Some(row.map(Some))));
    let id: ArrayRef = Arc::new(UInt16Array::from(vec![7, 8]));
    let columns = |status: &'static str| -> Vec<(&'static str, ArrayRef)> {
        vec![
            ("notes", Arc::new(StringArray::from(vec!["x", "y"])) as ArrayRef),
            ("choices", Arc::new(list.clone())),
            ("score", Arc::new(Float32Array::from(vec![Some(0.5), None]))),
            ("worker", Arc::new(Int64Array::from(vec![None, Some(3)]))),
            ("status", Arc::new(StringArray::from(vec!["ok", status]))),
            ("origin", Arc::new(StringArray::from(vec!["import", "import"]))),
            ("id", id.clone()),
            ("point", Arc::new(Int64Array::from(vec![0, 0]))),
            ("replicate", Arc::new(Int64Array::from(vec![0, 0]))),
        ]
    };
    let write = |columns: Vec<(&'static str, ArrayRef)>| {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        fs::create_dir_all(dir.path().join("candidates")).unwrap();
        let file = fs::File::create(part(dir.path(), "candidates", 0)).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        header(1).write(dir.path()).unwrap();
    };
    write(columns("failed"));
    let rows = read(dir.path());
    let expected = [
        CandidateRecord {
            id: 7,
            origin: 4,
            status: 0,
            score: 0.5,
            choices: vec![1, 2],
            ..CandidateRecord::default()
        },
        CandidateRecord {
            id: 8,
            origin: 4,
            status: 1,
            worker: 3,
            choices: vec![3, 4],
            ..CandidateRecord::default()
        },
    ];
    assert_rows(&rows, &expected);
    let reason = || Trace::open(dir.path()).unwrap().recorded(KEY).find_map(Result::err).unwrap().to_string();
    write(columns("broken"));
    assert!(reason().contains("column `status` holds `broken`, which is none of ok, failed"), "{}", reason());
    write(columns("ok").into_iter().filter(|(name, _)| *name != "id").collect());
    assert!(reason().contains("it has no column `id`"), "{}", reason());
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1", "2"]));
    write(
        columns("ok")
            .into_iter()
            .map(|(name, column)| (name, if name == "worker" { text.clone() } else { column }))
            .collect(),
    );
    assert!(reason().contains("column `worker` is Utf8, not of integers"), "{}", reason());
    let negative: ArrayRef = Arc::new(Int64Array::from(vec![-1, 2]));
    write(
        columns("ok")
            .into_iter()
            .map(|(name, column)| (name, if name == "worker" { negative.clone() } else { column }))
            .collect(),
    );
    assert!(reason().contains("column `worker` holds -1; 0 to 2147483647 fit"), "{}", reason());
}

#[test]
fn values_beyond_the_files_types_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let row = CandidateRecord { choices: vec![1], ..CandidateRecord::default() };
    let reason = |rows: &[CandidateRecord]| {
        let mut writer = RunWriter::create(dir.path(), KEY, 1, 10, false).unwrap();
        let error = writer.write_candidates(&evolution::columns(rows).view()).unwrap_err();
        assert_eq!(error.kind(), TraceErrorKind::Values);
        assert!(
            fs::read_dir(dir.path().join("candidates")).unwrap().next().is_none(),
            "nothing is left behind"
        );
        error.to_string()
    };
    for (rows, expected) in [
        (vec![CandidateRecord { bytes: u64::MAX - 1, ..row.clone() }], "`bytes` holds 18446744073709551614"),
        (
            vec![CandidateRecord { bytes: u64::MAX - 1, ..row.clone() }, row.clone()],
            "`bytes` holds 18446744073709551614",
        ),
        (vec![CandidateRecord { worker: 1 << 31, ..row.clone() }], "`worker` holds 2147483648"),
        (vec![row.clone(), CandidateRecord { worker: 1 << 31, ..row.clone() }], "`worker` holds 2147483648"),
        (vec![CandidateRecord { id: u64::MAX, ..row.clone() }], "`id` holds 18446744073709551615"),
        (vec![CandidateRecord { status: 9, ..row.clone() }], "`status` holds 9, which stands for no word"),
        (
            vec![CandidateRecord { choices: vec![1, 2], ..row.clone() }],
            "vectors have 2 choices and the space 1",
        ),
        (vec![row.clone(); 11], "part 0 has 11 rows, and 10 make a part"),
    ] {
        assert!(reason(&rows).contains(expected), "{}", reason(&rows));
    }
}

#[test]
fn folders_that_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "in the way").unwrap();
    for place in [file.clone(), file.join("below")] {
        let error = RunWriter::create(&place, KEY, 6, 10, false).err().unwrap();
        assert_eq!(error.kind(), TraceErrorKind::Access, "{error}");
        assert_eq!(header(1).write(&place).unwrap_err().kind(), TraceErrorKind::Access);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "in the way");
    // The folder vanishes, or a folder stands where the part must go, after the run has begun.
    let trace = dir.path().join("trace");
    let mut writer = RunWriter::create(&trace, KEY, 6, 10, false).unwrap();
    let rows = evolution::columns(&evolution::candidates(5, 1));
    fs::create_dir(part(&trace, "candidates", 0)).unwrap();
    assert_eq!(writer.write_candidates(&rows.view()).unwrap_err().kind(), TraceErrorKind::Access);
    assert_eq!(fs::read_dir(trace.join("candidates")).unwrap().count(), 1, "no hidden file is left");
    fs::remove_dir_all(&trace).unwrap();
    assert_eq!(writer.write_candidates(&rows.view()).unwrap_err().kind(), TraceErrorKind::NotFound);
}

#[test]
fn a_second_run_does_not_overwrite_the_first() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), header(1), &evolution::candidates(50, 1), 20);
    let error = RunWriter::create(dir.path(), KEY, 6, 20, true).err().unwrap();
    assert_eq!(error.kind(), TraceErrorKind::Exists);
    // Another run of the same trace is welcome.
    RunWriter::create(dir.path(), RunKey { point: 0, replicate: 1 }, 6, 20, true).unwrap();
}

/// Interrupted anywhere, resumed, interrupted again while catching up: the files end up the same.
#[test]
fn a_resumed_run_ends_with_the_same_files() {
    let rows = evolution::candidates(230, 5);
    let whole = tempfile::tempdir().unwrap();
    write(whole.path(), header(1), &rows, 50);
    for (first, second) in
        [(0, 0), (30, 10), (50, 50), (120, 60), (120, 30), (149, 151), (230, 70), (230, 230)]
    {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = RunWriter::create(dir.path(), KEY, 6, 50, true).unwrap();
        hand_over(&mut writer, &rows[..first], 50);
        header(1).write(dir.path()).unwrap();
        let leftover = dir.path().join("candidates/.point-0000-replicate-0000-part-00004.parquet.tmp");
        fs::write(&leftover, "half a par").unwrap();
        let mut writer = RunWriter::resume(dir.path(), KEY, 6, 50, true).unwrap();
        assert!(!leftover.exists());
        hand_over(&mut writer, &rows[..second], 50);
        let kept = first.max(second);
        assert_eq!(writer.totals().candidates, kept as u64, "{first} {second}");
        assert_rows(&read(dir.path()), &rows[..kept]);
        let mut writer = RunWriter::resume(dir.path(), KEY, 6, 50, true).unwrap();
        hand_over(&mut writer, &rows, 50);
        finish(dir.path(), header(1), &writer);
        assert!(files(dir.path()) == files(whole.path()), "{first} {second}");
    }
    // A part that has gone, and one with another score in it.
    let dir = tempfile::tempdir().unwrap();
    let mut other = rows.clone();
    other[70].score += 1.0;
    write(dir.path(), header(1), &other, 50);
    fs::remove_file(part(dir.path(), "candidates", 2)).unwrap();
    let mut writer = RunWriter::resume(dir.path(), KEY, 6, 50, true).unwrap();
    hand_over(&mut writer, &rows, 50);
    finish(dir.path(), header(1), &writer);
    assert!(files(dir.path()) == files(whole.path()));
    // A run that ends before what is there is of another study.
    let mut writer = RunWriter::resume(dir.path(), KEY, 6, 50, true).unwrap();
    hand_over(&mut writer, &rows[..220], 50);
    assert_eq!(writer.totals().candidates, 230);
    assert_eq!(writer.complete().unwrap_err().kind(), TraceErrorKind::Exists);
}

#[test]
fn only_the_last_part_may_be_short() {
    let dir = tempfile::tempdir().unwrap();
    let rows = evolution::candidates(30, 1);
    let mut writer = RunWriter::create(dir.path(), KEY, 6, 20, false).unwrap();
    writer.write_candidates(&evolution::columns(&rows[..10]).view()).unwrap();
    let error = writer.write_candidates(&evolution::columns(&rows[10..]).view()).unwrap_err();
    assert_eq!(error.kind(), TraceErrorKind::Values);
}

#[test]
fn a_header_comes_back_and_knows_when_all_is_complete() {
    let dir = tempfile::tempdir().unwrap();
    let mut header = header(u64::MAX);
    header.write(dir.path()).unwrap();
    assert_eq!(TraceHeader::read(dir.path()).unwrap(), header);
    assert_eq!(header.space(0).unwrap().decisions.len(), 6);
    assert!(header.synthetic && !header.complete && header.space(1).is_none());
    let space = header.space(0).unwrap().clone();
    let evaluator = header.evaluator(0).unwrap().clone();
    header.add_point("again", serde_json::Value::Null, &space, &evaluator);
    assert_eq!((header.spaces.len(), header.evaluators.len()), (1, 1));
    for point in [1, 0] {
        let key = RunKey { point, replicate: 0 };
        let status = RunStatus::Complete;
        header.set_run(RunHeader { key, status, candidates: 1, parts: 1, layers: 0, layer_parts: 0 });
        assert_eq!(header.complete, point == 0);
    }
    assert_eq!(header.runs[0].key.point, 0);
}

#[test]
fn the_first_difference_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let rows = evolution::candidates(120, 1);
    let trace = |name: &str, header: TraceHeader, rows: &[CandidateRecord], part_rows: usize| {
        let path = dir.path().join(name);
        write(&path, header, rows, part_rows);
        Trace::open(&path).unwrap()
    };
    let a = trace("a", header(1), &rows, 50);
    // The size of parts is no difference, though these layers are: there are three candidates' a part.
    insta::assert_snapshot!(diff(&a, &trace("same", header(1), &rows, 50)).unwrap(), @"no difference; runs: 1, candidates: 120");

    let mut changed = rows.clone();
    changed[70].score = f64::NONE;
    changed[71].worker = 9;
    insta::assert_snapshot!(diff(&a, &trace("changed", header(1), &changed, 50)).unwrap(), @r#"
    point 0, replicate 0: the first 70 candidates to finish are the same, until 2361.43949 s, but the runs had parted before: at 1024.5044 s, candidate 69 was taken at 1024.5044 s by worker 60 in one and at 1024.5044 s by worker 9 in the other
      points to: placement by scheduler and cluster; nothing in the headers explains it
      in the rows: first differs in row 70 of candidates, candidate 65: score 65.9 | null
      afterwards: of 50 candidates that both have, 2 (4 %) differ: 0 (0 %) in the vector, 0 (0 %) in the parent, 1 (2 %) in the score; the best score of both is 75.583333
    "#);
    changed[3].status = 1;
    insta::assert_snapshot!(diff(&a, &trace("status", header(1), &changed, 50)).unwrap(), @r#"
    point 0, replicate 0: the first 3 candidates to finish are the same, until 1001.55414 s. at 1009.005 s, candidate 9 ended as ok in one and as failed in the other
      points to: a failure; nothing in the headers explains it
      in the rows: first differs in row 3 of candidates, candidate 9: status ok | failed
      afterwards: of 117 candidates that both have, 3 (3 %) differ: 0 (0 %) in the vector, 0 (0 %) in the parent, 2 (2 %) in the score; the best score of both is 75.583333
    "#);

    insta::assert_snapshot!(diff(&a, &trace("shorter", header(1), &rows[..100], 50)).unwrap(), @r#"
    point 0, replicate 0: the first 100 candidates to finish are the same, until 2969.872778 s, but the runs had parted before: at 1280.65417 s, the first trace goes on with candidate 76, and the second has no such candidate
      points to: the budget; nothing in the headers explains it
      in the rows: the second trace ends after 100 rows of candidates, all equal; the other goes on
      afterwards: 20 candidates are only in the first; the best score of both is 75.583333
    "#);
    insta::assert_snapshot!(diff(&a, &trace("parts", header(1), &rows, 40)).unwrap(), @"point 0, replicate 0: first differs in row 243 of layers, candidate 47: candidate 47 | 6");

    let mut other = header(2);
    other.plugins[0].hash = "xxh3:fedcba9876543210".to_owned();
    other.points[0].study["cluster"]["workers"] = 16.into();
    other.points[0].study["cluster"]["node_cache"] = "1 GiB".into();
    let b = trace("other", other, &evolution::candidates(120, 2), 50);
    let mut writer = RunWriter::create(b.dir(), RunKey { point: 0, replicate: 1 }, 6, 50, false).unwrap();
    writer.write_candidates(&evolution::columns(&rows[..5]).view()).unwrap();
    let report = diff(&a, &Trace::open(b.dir()).unwrap()).unwrap();
    insta::assert_snapshot!(report, @r#"
    seed: 1 | 2
    cluster.node_cache: absent | "1 GiB"
    cluster.workers: 64 | 16
    strategy regularized-evolution: lamarck-regularized-evolution 0.1.0, xxh3:0123456789abcdef | lamarck-regularized-evolution 0.1.0, xxh3:fedcba9876543210
    point 0, replicate 0: the runs part before the first candidate finished. at 0 s, candidate 0 was drawn at random in both, as [4, 3, 0, 3, 0, 2] in one and [3, 2, 3, 1, 2, 3] in the other
      points to: a random stream; in the headers, seed may be behind it
      in the rows: first differs in row 0 of candidates, candidate 28: finished_us 925062607 | 909191711
      afterwards: of 108 candidates that both have, 108 (100 %) differ: 108 (100 %) in the vector, 0 (0 %) in the parent, 108 (100 %) in the score; 12 candidates are only in the first; 12 candidates are only in the second; best score 75.583333 | 75.61
    point 0, replicate 1: the first trace does not have it
    "#);
    let json = serde_json::to_value(&report.runs).unwrap();
    assert_eq!(json[0]["first"]["what"], "row");
    assert_eq!(
        (&json[0]["event"]["cause"], &json[0]["event"]["event"]),
        (&"random-stream".into(), &"submitted".into())
    );
    assert_eq!(
        json[0]["event"]["columns"][3],
        serde_json::json!({ "column": "choices", "a": "[4, 3, 0, 3, 0, 2]", "b": "[3, 2, 3, 1, 2, 3]" })
    );
    assert_eq!(
        (&json[0]["event"]["headers"], &json[0]["spread"]["best_b"]),
        (&serde_json::json!(["seed"]), &75.61.into())
    );
    assert_eq!(json[1]["first"], serde_json::json!({ "what": "absent", "from": "a" }));
}

/// An empty slice and a column of sentinels are the same column.
#[test]
fn sentinels_are_nulls_in_any_form() {
    let nothing = [u64::NONE; 3];
    let mut columns = CandidateColumns::with_capacity(0, 3);
    for id in 0..3 {
        columns.push(&CandidateRecord { id, ..CandidateRecord::default() });
    }
    let view = columns.view();
    let bytes = |view: &Columns<'_>| {
        let dir = tempfile::tempdir().unwrap();
        RunWriter::create(dir.path(), KEY, 0, 3, false).unwrap().write_candidates(view).unwrap();
        fs::read(part(dir.path(), "candidates", 0)).unwrap()
    };
    assert!(bytes(&view) == bytes(&Columns { parent: &nothing, ..view }));
    let uneven = Columns { parent: &nothing[..2], ..view };
    let dir = tempfile::tempdir().unwrap();
    let error =
        RunWriter::create(dir.path(), KEY, 0, 3, false).unwrap().write_candidates(&uneven).unwrap_err();
    assert_eq!(error.kind(), TraceErrorKind::Values);
}

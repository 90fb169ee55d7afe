//! The same study and seed give the same bytes: on one thread or many, at once or in pieces.

use crate::lab::Lab;
use std::process::Stdio;
use std::time::Duration;

const PARTS: [&str; 2] = ["--set", "trace.part_rows=100"];

#[test]
fn one_thread_or_two() {
    let lab = Lab::new();
    lab.small(&["--jobs", "1", "--out", "one"]).done();
    lab.small(&["--jobs", "2", "--out", "two"]).done();
    lab.assert_same("one", "two");
    lab.run(&["trace", "diff", "one", "two"]).done().says(&["no difference", "1000"]);
}

#[test]
fn paused_and_resumed() {
    let lab = Lab::new();
    for (at_once, in_pieces, parts) in [("a", "b", &[][..]), ("c", "d", &PARTS)] {
        lab.small(&[parts, &["--out", at_once]].concat()).done();
        let paused = lab.small(&[parts, &["--out", in_pieces, "--pause-after", "137"]].concat()).code(130);
        paused.says(&["274 candidates", "interrupted; go on with the same command", "--resume"]);
        lab.run(&["trace", "info", in_pieces]).done().says(&["not complete", "interrupted"]);
        // Again, past the end of a part, before the end.
        let resume = [parts, &["--out", in_pieces, "--resume"]].concat();
        lab.small(&[&resume[..], &["--pause-after", "300"]].concat()).code(130);
        lab.small(&resume).done();
        lab.assert_same(at_once, in_pieces);
        // A complete trace is gone through once more, and left as it is.
        lab.small(&resume).done();
        lab.assert_same(at_once, in_pieces);
    }
    // Two tables, several parts of a run: the test would show little with one file.
    assert_eq!(lab.tree("d/candidates").len(), 10);
    assert!(!lab.tree("d/layers").is_empty());
}

/// `kill -9` in the middle: what was finished is whole, and the rest is made again.
#[test]
fn killed_and_resumed() {
    let lab = Lab::new();
    let study = [
        "run",
        "--set",
        "budget.candidates=150000",
        "--set",
        "trace.part_rows=5000",
        "--set",
        "trace.layers=false",
        "--replicates",
        "2",
        "--out",
    ];
    lab.run(&[&study[..], &["at-once"]].concat()).done();
    let mut child = lab
        .command()
        .args(study)
        .arg("killed")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let third = lab.path("killed/candidates/point-0000-replicate-0000-part-00002.parquet");
    while !third.exists() {
        let ended = child.try_wait().expect("a child");
        assert!(ended.is_none(), "it ended before it could be killed");
        pause();
    }
    child.kill().expect("it still runs");
    assert!(!child.wait().expect("a child").success());
    let parts = lab.tree("killed/candidates").len();
    assert!((3..60).contains(&parts), "{parts} parts are not the middle");
    lab.run(&["trace", "info", "killed"]).done().says(&["not complete"]);
    lab.run(&[&study[..], &["killed", "--resume"]].concat()).done();
    lab.assert_same("at-once", "killed");
}

#[expect(clippy::disallowed_methods, reason = "waits for another process")]
fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}

#[test]
fn resumed_with_another_study() {
    let lab = Lab::new();
    lab.small(&["--out", "trace", "--pause-after", "137"]).code(130);
    let before = lab.tree("trace");
    let words = ["`trace` cannot be resumed", "other settings", "--overwrite"];
    lab.small(&["--out", "trace", "--resume", "--seed", "2"]).refused(4, &words);
    lab.small(&["--out", "trace", "--resume", "--set", "cluster.workers=8"]).refused(4, &words);
    assert!(lab.tree("trace") == before, "a refused resume must leave the trace alone");
    // What it asks for works.
    lab.small(&["--out", "trace", "--overwrite", "--seed", "2"]).done();
    lab.small(&["--out", "second", "--seed", "2"]).done();
    lab.assert_same("trace", "second");
}

#[test]
fn two_seeds_differ() {
    let lab = Lab::new();
    lab.small(&["--out", "one"]).done();
    lab.small(&["--out", "two", "--seed", "2"]).done();
    let diff = lab.run(&["trace", "diff", "one", "two"]).code(1);
    diff.says(&[
        "seed: 1 | 2",
        "point 0, replicate 0: the runs part before the first candidate finished",
        "in the rows: first differs in row 0 of candidates, candidate ",
    ]);
    // Replicates of one study differ, too.
    let head = |replicate| lab.run(&["trace", "head", "one", "--replicate", replicate]).done().out();
    assert_ne!(head("0"), head("1"));
}

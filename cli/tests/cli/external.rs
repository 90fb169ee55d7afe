//! Programs of the user's own as mutators and strategies, over the real binary.

#![cfg(unix)]

use crate::lab::{Lab, has_python};
use lamarck_model::Origin;
use lamarck_runtime::trace::Trace;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A study among the plugin's examples.
fn example(name: &str) -> String {
    format!("{}/../plugins/external/examples/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

/// A study whose mutator is this command, a TOML list.
fn with_mutator(command: &str) -> String {
    format!(
        "space.plugin = \"nas-bench-201\"\nevaluator.plugin = \"nas-bench-201-table\"\nbudget.candidates = 200\n\
         [[mutators]]\nplugin = \"external\"\ncommand = {command}\n"
    )
}

const FEW: [&str; 4] = ["--set", "budget.candidates=150", "--set", "trace.part_rows=60"];

#[test]
fn the_examples_give_the_same_bytes_on_one_thread_or_two_and_in_pieces() {
    if !has_python() {
        return;
    }
    let lab = Lab::new();
    let batch = ["--set", "strategy.batch=8"];
    for (name, more) in [("mutator", &[][..]), ("strategy", &[]), ("strategy", &batch)] {
        let study = example(name);
        let run = |out: &str, with: &[&str]| {
            lab.run(&[&["run", &study, "--out", out], &FEW[..], more, with].concat())
        };
        let folder = |what: &str| format!("{name}{}-{what}", more.len());
        let (one, two, pieces) = (folder("one"), folder("two"), folder("pieces"));
        run(&one, &["--jobs", "1"]).done().says(&["2 replicates", "300 candidates"]);
        run(&two, &["--jobs", "2"]).done();
        lab.assert_same(&one, &two);
        run(&pieces, &["--pause-after", "97"]).code(130);
        run(&pieces, &["--resume"]).done();
        lab.assert_same(&one, &pieces);
    }
}

/// The mean score of the second half of each run's candidates, and how many were sampled before the first child.
fn searched(lab: &Lab, study: &str, seed: &str, more: &[&str]) -> Vec<(f64, usize)> {
    let arguments = ["run", study, "--seed", seed, "--replicates", "10", "--set", "budget.candidates=300"];
    lab.run(&[&arguments[..], &["--out", seed], more].concat()).done();
    let trace = Trace::open(&lab.path(seed)).expect("a trace");
    let run = |key| {
        let rows: Vec<_> = trace.recorded(key).map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), 300);
        let late: f64 = rows[150..].iter().map(|row| row.score).sum();
        let first = rows.iter().filter(|row| row.origin != Origin::Sample as u8).map(|row| row.id).min();
        (late / 150.0, usize::try_from(first.expect("a child")).expect("a small number"))
    };
    trace.runs().into_iter().map(run).collect()
}

/// Regularized evolution in Python and in Rust are one algorithm: on NAS-Bench-201 they sample as long, and then find as good
/// cells. (How often each rank is selected is a test of the plugin's.) Neutral evolution would not pass.
#[test]
fn a_strategy_in_python_searches_as_the_one_in_rust() {
    if !has_python() {
        return;
    }
    let lab = Lab::new();
    let rust = [
        "--set",
        "strategy.plugin=regularized-evolution",
        "--set",
        "strategy.population=50",
        "--set",
        "strategy.sample=5",
    ];
    let text = fs::read_to_string(example("strategy")).expect("the example");
    let external = "command = [\"python3\", \"strategy.py\"]\noptions = { population = 50, sample = 5 }\n";
    assert!(text.contains(external), "{text}");
    lab.write("rust.toml", text.replace(external, ""));
    let python = searched(&lab, &example("strategy"), "1", &[]);
    let rust = searched(&lab, "rust.toml", "2", &rust);
    let neutral = searched(
        &lab,
        "rust.toml",
        "3",
        &["--set", "strategy.plugin=neutral", "--set", "strategy.population=50"],
    );
    assert!(python.iter().chain(&rust).all(|(_, phase)| *phase == 50 + 16 - 1), "{python:?} {rust:?}");
    // Welch's t with some 18 degrees of freedom: 3.9 is the 99.9 % point.
    let (same, other) = (welch(&python, &rust), welch(&python, &neutral));
    assert!(same.abs() < 3.9, "t = {same}: {python:?}, {rust:?}");
    assert!(other > 3.9, "t = {other}: {python:?}, {neutral:?}");
}

fn welch(left: &[(f64, usize)], right: &[(f64, usize)]) -> f64 {
    let n = 10.0;
    let mean = |runs: &[(f64, usize)]| runs.iter().map(|(score, _)| score).sum::<f64>() / n;
    let variance = |runs: &[(f64, usize)]| {
        runs.iter().map(|(score, _)| (score - mean(runs)).powi(2)).sum::<f64>() / (n - 1.0)
    };
    (mean(left) - mean(right)) / ((variance(left) + variance(right)) / n).sqrt()
}

#[test]
fn a_program_that_is_not_there_is_found_out_before_the_first_candidate() {
    let lab = Lab::new();
    lab.write("study.toml", with_mutator("[\"no-such-program\", \"x.py\"]"));
    lab.run(&["run", "study.toml", "--out", "trace"]).refused(
        2,
        &[
            "study.toml:6:11: mutators.0.command: mutator `external`: cannot start `no-such-program x.py`",
            "no program `no-such-program` is on the PATH",
            "^^^^^",
        ],
    );
    let set = |command: &str| {
        lab.run(&["run", "study.toml", "--out", "trace", "--set", &format!("mutators.0.command={command}")])
    };
    set("[\"./mine\"]").refused(2, &["there is no file `", "/mine`"]);
    set("\"python3 mine.py\"").refused(2, &["expected a list of texts, as in [\"python3\", \"mine.py\"]"]);
    set("[\"cat\"]").refused(3, &["mutator `external` failed: `cat` broke the protocol: expected `hello`"]);
    set("[\"false\"]").refused(3, &["`false` ended with exit code 1 before it gave `hello`"]);
    assert!(!lab.path("trace").exists(), "nothing was begun");
    // The study's folder is where the program is, wherever the binary was started.
    fs::create_dir(lab.path("mine")).expect("a folder");
    fs::write(lab.path("mine/study.toml"), with_mutator("[\"sh\", \"mine.sh\"]")).expect("a study");
    fs::write(lab.path("mine/mine.sh"), "echo 'hello from the study folder' >&2; exit 7").expect("a script");
    lab.run(&["run", "mine/study.toml"]).refused(3, &["exit code 7", "\n | hello from the study folder"]);
}

/// A mutator in shell: its child is the parent, after what `$1` does.
fn shell_mutator(deed: &str) -> String {
    format!(
        r#"read h; echo '{{"type":"hello","protocol":1,"name":"shell","version":"1"}}'
while read -r m; do
    id=${{m#*\"id\":}}; id=${{id%%,*}}; parent=${{m#*\"parent\":}}; parent=${{parent%%]*}}]
    {deed}
    echo "{{\"type\":\"children\",\"id\":$id,\"children\":[$parent]}}"
done
"#
    )
}

#[test]
fn a_run_that_fails_leaves_what_was_finished() {
    let lab = Lab::new();
    lab.write("study.toml", with_mutator("[\"sh\", \"mutator.sh\"]"));
    lab.write("mutator.sh", shell_mutator("if [ $id = 30 ]; then echo 'tired' >&2; exit 9; fi"));
    let run = ["run", "study.toml", "--replicates", "1", "--out", "trace"];
    // Each of the four programs is tired of the same request.
    lab.run(&run).refused(3, &[
        "the study stopped; what was finished is in `trace`",
        "mutator `external` failed: it was started again 3 times, and still `sh mutator.sh` ended with exit code 9",
        "`children` in answer to `mutate` 30",
        "\n | tired",
    ]);
    // Repaired, it goes on.
    lab.write("mutator.sh", shell_mutator(""));
    lab.run(&[&run[..], &["--resume"]].concat()).done();
    lab.run(&["run", "study.toml", "--replicates", "1", "--out", "whole"]).done();
    lab.assert_same("trace", "whole");
}

/// `kill -9` of Lamarck ends the input of its programs, and with it the programs.
#[test]
fn programs_end_with_their_parent() {
    let lab = Lab::new();
    lab.write("study.toml", with_mutator("[\"sh\", \"mutator.sh\"]"));
    lab.write("mutator.sh", format!("echo $$ >> pids; {}", shell_mutator("touch busy; sleep 0.05")));
    let mut child = lab
        .command()
        .args(["run", "study.toml", "--jobs", "2", "--out", "trace"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    wait_until("it mutates", || lab.path("busy").exists());
    let pids = fs::read_to_string(lab.path("pids")).expect("its programs");
    let alive = || pids.lines().filter(|pid| runs(pid)).count();
    assert!(alive() > 0, "no program runs: {pids}");
    child.kill().expect("it still runs");
    assert!(!child.wait().expect("a child").success());
    wait_until("they end", || alive() == 0);
}

/// Whether a process is there and not only waiting to be counted as dead.
fn runs(pid: &str) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().expect("ps");
    let state = String::from_utf8_lossy(&output.stdout);
    !state.trim().is_empty() && !state.trim_start().starts_with('Z')
}

#[track_caller]
#[expect(clippy::disallowed_methods, reason = "waits for another process")]
fn wait_until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("waited in vain until {what}");
}

//! How programs start, die, fall silent, start again, and end.

#![cfg(unix)]

mod support;

use lamarck_external::{ExternalMutator, ExternalStrategy};
use lamarck_sdk::testing::create;
use lamarck_sdk::{Choice, Context, Mutator, Proposal, Rng, Strategy};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use support::{HELLO, complaint, make, python, runs, search, shell, tell};
use tempfile::TempDir;

/// A mutator in shell that answers for ever: the child is always 0,0,0.
const ANSWERS: &str = r#"while read m; do id=${m#*\"id\":}; id=${id%%,*}
    echo "{\"type\":\"children\",\"id\":$id,\"children\":[[0,0,0]]}"; done"#;

fn mutate(mutator: &ExternalMutator, seed: u64) -> Result<Vec<Choice>, String> {
    let mut child = vec![2, 0, 4];
    mutator.mutate(&mut child, &mut Rng::from_seed(seed)).map_err(|error| format!("{error:#}"))?;
    Ok(child)
}

#[test]
fn a_program_that_dies_has_the_last_word() {
    let quick = json!({ "restarts": 0 });
    let chatty =
        format!("{HELLO}; read m; i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i >&2; done; exit 3");
    let message = complaint(&chatty, &quick);
    let (head, tail) = message.split_once("\nthe end of its standard error:").expect("its words");
    assert!(
        head.ends_with("` ended with exit code 3 before it gave `children` in answer to `mutate` 0"),
        "{head}"
    );
    let tail: Vec<&str> = tail.lines().skip(1).collect();
    assert_eq!((tail.len(), tail[0], tail[19]), (20, " | line 11", " | line 30"));

    let message = complaint(&format!("{HELLO}; read m; kill -9 $$"), &quick);
    assert!(message.contains("was ended by signal 9 before"), "{message}");
    let message = complaint(&format!("{HELLO}; read m; printf '{{\"type\":'"), &quick);
    assert!(message.contains("ended, with the unfinished line `{\"type\":` before it gave"), "{message}");
    // Gone before it is written to.
    let message = complaint(&format!("{HELLO}; exit 4"), &quick);
    assert!(message.contains("ended with exit code 4 before it gave `children`"), "{message}");
    // Alive, but it will never answer.
    let message = complaint(&format!("{HELLO}; read m; exec >&-; sleep 60"), &quick);
    assert!(message.contains("closed its standard output before it gave `children`"), "{message}");
    let message = complaint("exit 5", &quick);
    assert!(
        message.contains("ended with exit code 5 before it gave `hello` in answer to `hello`"),
        "{message}"
    );
}

#[test]
fn silence_ends() {
    let message = complaint(
        &format!("{HELLO}; echo so far >&2; sleep 60"),
        &json!({ "timeout_s": 0.2, "restarts": 2 }),
    );
    let head = "it was started again 2 times, and still `sh -c ";
    assert!(message.starts_with(head), "{message}");
    assert!(
        message.contains(
            "` did not give `children` in answer to `mutate` 0 within 0.2 s; if it is only slow, raise \
        `timeout_s`; if it answered, it must flush its output after each line"
        ),
        "{message}"
    );
    assert!(message.ends_with("the end of its standard error:\n | so far"), "{message}");
    let message = complaint("sleep 60", &json!({ "start_timeout_s": 0.2 }));
    assert!(message.contains("did not give `hello` in answer to `hello` within 0.2 s"), "{message}");
    assert!(message.contains("raise `start_timeout_s`"), "{message}");
    // Words that never become a line do not put the end off.
    let message = complaint(
        &format!("{HELLO}; while :; do printf x; done"),
        &json!({ "timeout_s": 0.2, "restarts": 0 }),
    );
    assert!(
        message.contains("broke the protocol: expected nothing after") || message.contains("within 0.2 s"),
        "{message}"
    );
}

/// A message larger than any pipe holds, to a program that does not read: the timeout holds for writing too.
#[test]
fn a_program_that_does_not_read() {
    let options = json!({
        "command": ["sh", "-c", "sleep 60"], "start_timeout_s": 0.2, "options": { "large": "x".repeat(1 << 20) },
    });
    let made = create::<ExternalMutator>(&options.to_string(), &support::context(Path::new("/")));
    let message = format!("{:#}", made.err().expect("it does not read"));
    assert!(message.contains("within 0.2 s"), "{message}");
    // And one that talks instead: its standard error is read while it is written to.
    let script = "head -c 1000000 /dev/zero | tr '\\0' '\\n' >&2; ".to_owned() + HELLO + "; " + ANSWERS;
    let more = json!({ "options": { "large": "x".repeat(1 << 20) } });
    let mutator: ExternalMutator = shell(&script, &more).expect("it reads in the end");
    assert_eq!(mutate(&mutator, 1), Ok(vec![0, 0, 0]));
}

/// Each program dies at its third request; what it leaves undone the next one does.
#[test]
fn a_mutator_that_dies_is_started_again() {
    let two = r#"for i in 1 2; do read m; id=${m#*\"id\":}; id=${id%%,*}
        echo "{\"type\":\"children\",\"id\":$id,\"children\":[[0,0,0]]}"; done; read m; exit 1"#;
    let mutator: ExternalMutator =
        shell(&format!("{HELLO}; {two}"), &json!({ "restarts": 3 })).expect("a program");
    for seed in 0..8 {
        assert_eq!(mutate(&mutator, seed), Ok(vec![0, 0, 0]), "{seed}");
    }
    let message = mutate(&mutator, 8).expect_err("the fourth program has died");
    assert!(message.starts_with("it was started again 3 times, and still `sh -c "), "{message}");
}

#[test]
fn a_program_must_not_become_another() {
    let folder = TempDir::new().expect("a folder");
    let other = HELLO.replace("test", "other");
    let script = format!("if [ -e mark ]; then {other}; read m; fi; touch mark; {HELLO}; read m; exit 1");
    let mutator: ExternalMutator =
        make(folder.path(), &["sh", "-c", &script], &Value::Null).expect("a program");
    let message = mutate(&mutator, 1).expect_err("another program");
    assert!(message.contains("introduced itself first as test 1 and then as other 1"), "{message}");
}

/// Nothing is left running: not the program, and nothing that it started and forgot.
#[test]
fn nothing_is_left_running() {
    let folder = TempDir::new().expect("a folder");
    let script = format!("sleep 1000 & echo $! > child; echo $$ > own; {HELLO}; {ANSWERS}");
    let mutator: ExternalMutator =
        make(folder.path(), &["sh", "-c", &script], &Value::Null).expect("a program");
    assert_eq!(mutate(&mutator, 1), Ok(vec![0, 0, 0]));
    let read = |name| fs::read_to_string(folder.path().join(name)).expect("written").trim().to_owned();
    let (own, child) = (read("own"), read("child"));
    assert!(runs(&own) && runs(&child), "both run while they are needed");
    drop(mutator);
    assert!(!runs(&own) && !runs(&child), "{own} or {child} is left");

    // One that minds neither the end of its input nor a polite signal.
    let script = format!("trap '' TERM HUP INT; echo $$ > stubborn; {HELLO}; while :; do sleep 1; done");
    let mutator: ExternalMutator =
        make(folder.path(), &["sh", "-c", &script], &Value::Null).expect("a program");
    let stubborn = read("stubborn");
    assert!(runs(&stubborn));
    drop(mutator);
    assert!(!runs(&stubborn));
}

/// The runs of a point share a mutator: as many programs as threads, and the same children as with one.
#[test]
fn threads_have_a_program_each() {
    let Some(python) = python() else { return };
    let mutator: ExternalMutator =
        make(support::examples(), &[python, "mutator.py"], &Value::Null).expect("a program");
    let alone: Vec<_> = (0..200).map(|seed| mutate(&mutator, seed)).collect();
    let together: Vec<Vec<_>> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..3).map(|_| scope.spawn(|| (0..200).map(|seed| mutate(&mutator, seed)).collect())).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread")).collect()
    });
    assert!(together.iter().all(|children| *children == alone));
    assert!(alone.iter().all(Result::is_ok));
}

/// Points of a sweep have mutators of their own, but the same programs, if they are the same.
#[test]
fn points_share_programs() {
    let folder = TempDir::new().expect("a folder");
    let script = format!("echo $$ >> pids; {HELLO}; {ANSWERS}");
    let start = |more: &Value| -> ExternalMutator {
        make(folder.path(), &["sh", "-c", &script], more).expect("a program")
    };
    let started = || fs::read_to_string(folder.path().join("pids")).expect("written").lines().count();
    let points: Vec<_> = (0..10).map(|_| start(&Value::Null)).collect();
    for (seed, point) in (0..).zip(&points) {
        assert_eq!(mutate(point, seed), Ok(vec![0, 0, 0]));
    }
    assert_eq!(started(), 1);
    // Other options are another program; and when nobody is left, the next one starts anew.
    let other = start(&json!({ "options": { "sigma": 2 } }));
    assert_eq!(started(), 2);
    drop((points, other));
    let pids = fs::read_to_string(folder.path().join("pids")).expect("written");
    assert!(pids.lines().all(|pid| !runs(pid)), "{pids}");
    assert_eq!(mutate(&start(&Value::Null), 1), Ok(vec![0, 0, 0]));
    assert_eq!(started(), 3);
}

/// The example, which kills itself after `$1` messages as long as the file `lives` has a line to give.
const MORTAL: &str = r#"
import os, sys
lives = int(open("lives").read() or 0)
open("lives", "w").write(str(lives - 1))
count = 0
class Mortal:
    def __iter__(self): return self
    def __next__(self):
        global count
        count += 1
        if lives > 0 and count > int(sys.argv[1]): os.kill(os.getpid(), 9)
        line = stdin.readline()
        if not line: raise StopIteration
        return line
stdin, sys.stdin = sys.stdin, Mortal()
exec(open(sys.argv[2]).read())
"#;

/// A strategy that dies loses its state; the next program is brought to where it was, and nobody notices.
#[test]
fn a_strategy_that_dies_goes_on() {
    let Some(python) = python() else { return };
    let folder = TempDir::new().expect("a folder");
    let example = support::examples().join("strategy.py");
    let example = example.to_str().expect("a path in UTF-8");
    fs::write(folder.path().join("mortal.py"), MORTAL).expect("a script");
    for batch in [1, 5] {
        let start = |lives: &str, restarts: u32| -> ExternalStrategy {
            fs::write(folder.path().join("lives"), lives).expect("a number");
            let more = json!({
                "batch": batch, "restarts": restarts, "options": { "population": 10, "sample": 3 },
            });
            let after = if batch == 1 { "61" } else { "7" };
            make(folder.path(), &[python, "mortal.py", after, example], &more).expect("a program")
        };
        let immortal = search(&mut start("0", 0), 60);
        assert!(immortal.iter().any(|(proposal, _)| matches!(proposal, Proposal::Mutate(_))));
        assert_eq!(search(&mut start("1", 1), 60), immortal, "batches of {batch}");
        let lives = fs::read_to_string(folder.path().join("lives")).expect("a number");
        assert_eq!(lives, "-1", "the first program must have died, and a second one started");
        // The second program dies at the same message: it hears as many as the first before it says anything new.
        let mut strategy = start("2", 1);
        let error = (0..60).find_map(|id| {
            let proposed = strategy.ask(&mut Rng::from_seed(id)).map(|_| ());
            proposed.and_then(|()| tell(&mut strategy, id, &[0, 0, 0], Some(0.5)).map(|_| ())).err()
        });
        let error = format!("{:#}", error.expect("it has one life too few"));
        assert!(error.starts_with("it was started again once, and still `python3 mortal.py"), "{error}");
        assert!(error.contains("was ended by signal 9"), "{error}");
    }
}

#[test]
fn a_strategy_that_does_not_remember_is_found_out() {
    let folder = TempDir::new().expect("a folder");
    // Its first proposal is a sample in the first life, and a vector in the second.
    let script = format!(
        "P='{{\"type\":\"sample\"}}'; [ -e mark ] && P='{{\"type\":\"exact\",\"choices\":[0,0,0]}}'; touch mark; {HELLO}
        read m; echo '{{\"type\":\"proposals\",\"id\":0,\"proposals\":['$P']}}'; read m; exit 1"
    );
    let mut strategy: ExternalStrategy =
        make(folder.path(), &["sh", "-c", &script], &Value::Null).expect("a program");
    assert_eq!(strategy.ask(&mut Rng::from_seed(1)).expect("a proposal"), Proposal::Sample);
    let error = format!("{:#}", strategy.ask(&mut Rng::from_seed(2)).expect_err("it differs"));
    let (_, tail) = error.split_once("` broke the protocol: ").expect("what it did");
    insta::assert_snapshot!(tail, @r#"
    expected `proposals` in answer to `ask` 0, found the line
     | {"type":"proposals","id":0,"proposals":[{"type":"exact","choices":[0,0,0]}]}
    before it was started again it answered
     | {"type":"proposals","id":0,"proposals":[{"type":"sample"}]}
    so it cannot go on where it ended; a strategy must follow from its messages and their seeds alone, or be run with `restarts = 0`
    "#);
}

#[test]
fn where_a_program_is_looked_for() {
    let folder = TempDir::new().expect("a folder");
    let fails = |command: &[&str]| {
        let made = make::<ExternalMutator>(folder.path(), command, &Value::Null);
        let error = format!("{:#}", made.err().expect("it must not start"));
        error.replace(folder.path().to_str().expect("a path in UTF-8"), "FOLDER")
    };
    fs::write(folder.path().join("text"), "no program\n").expect("a file");
    fs::write(folder.path().join("script"), "read line\n").expect("a file");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path().join("script"), executable).expect("permissions");
    let mut all = vec![
        fails(&["no-such-program"]),
        fails(&["./mine"]),
        fails(&["./text"]),
        fails(&["./script"]),
        fails(&[]),
        fails(&[" "]),
    ];
    all.push(fails(&["sh\0"]));
    let missing = Context { folder: "/no/such/folder".into(), ..support::context(folder.path()) };
    let made = create::<ExternalMutator>(r#"{"command":["sh"]}"#, &missing);
    all.push(format!("{:#}", made.err().expect("there is no such folder")));
    for options in [r#"{"command":"sh"}"#, r#"{"command":["sh",1]}"#, r#"{"command":["sh"],"options":1}"#] {
        let made = create::<ExternalMutator>(options, &missing);
        all.push(format!("{:#}", made.err().expect("wrong options")));
    }
    insta::assert_snapshot!(all.join("\n"), @r#"
    cannot start `no-such-program`: no program `no-such-program` is on the PATH; install it, or write its path with a slash (`./no-such-program` is the one in the study's folder)
    cannot start `./mine`: there is no file `FOLDER/mine`, or the interpreter it names is missing
    cannot start `./text`: `./text` may not be executed; make it executable (chmod +x), or name its interpreter before it, as in ["python3", "./text"]
    cannot start `./script`: `./script` is not a program, nor a script that begins with `#!`; name its interpreter before it, as in ["python3", "./script"]
    option `command` names no program; write it as a list, ["python3", "mine.py"]
    option `command` names no program; write it as a list, ["python3", "mine.py"]
    option `command` has a null character, which no argument can have
    cannot start `sh`: its folder `/no/such/folder` does not exist
    invalid type: string "sh", expected a list of texts, as in ["python3", "mine.py"]
    invalid type: integer `1`, expected a string
    invalid type: integer `1`, expected a map
    "#);
}

//! Components over small programs.

#![allow(dead_code, reason = "each test file uses a part")]

use lamarck_external::{ExternalMutator, ExternalStrategy};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{
    CandidateId, Choice, Component, Context, Finished, Mutator, Origin, Proposal, Rng, Status, Strategy,
    anyhow,
};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// The context of a study in `folder` with three decisions, of 3, 1 and 5 options.
pub(crate) fn context(folder: &Path) -> Context {
    let folder = folder.to_str().expect("a path in UTF-8").to_owned();
    Context { folder, workers: 4, ..Context::for_space(space(&[3, 1, 5])) }
}

/// Where the examples are.
pub(crate) fn examples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
}

/// Makes a component from a command and more options.
pub(crate) fn make<T: Component>(folder: &Path, command: &[&str], more: &Value) -> anyhow::Result<T> {
    let mut options = json!({ "command": command });
    if let (Some(options), Some(more)) = (options.as_object_mut(), more.as_object()) {
        options.extend(more.clone());
    }
    create(&options.to_string(), &context(folder))
}

/// A greeting that does, as a line of a shell script.
pub(crate) const HELLO: &str = r#"read h; echo '{"type":"hello","protocol":1,"name":"test","version":"1"}'"#;

/// Makes a component whose program is a shell script.
pub(crate) fn shell<T: Component>(script: &str, more: &Value) -> anyhow::Result<T> {
    make(Path::new("/"), &["sh", "-c", script], more)
}

/// What a mutator of this script says when it is asked for its first child: never a child.
pub(crate) fn complaint(script: &str, more: &Value) -> String {
    let mutator: ExternalMutator = match shell(script, more) {
        Ok(mutator) => mutator,
        Err(error) => return format!("{error:#}"),
    };
    let mut child = [2, 0, 4];
    let error = mutator.mutate(&mut child, &mut Rng::from_seed(1)).expect_err("it must not work");
    assert_eq!(child, [2, 0, 4], "a child that failed must be left alone");
    format!("{error:#}")
}

/// What a strategy of this script says at its first ask, after it was told of candidates 0 and 1.
pub(crate) fn strategy_complaint(script: &str, more: &Value) -> String {
    let mut strategy: ExternalStrategy = match shell(script, more) {
        Ok(strategy) => strategy,
        Err(error) => return format!("{error:#}"),
    };
    for id in [0, 1] {
        if let Err(error) = tell(&mut strategy, id, &[0, 0, 0], Some(0.5)) {
            return format!("{error:#}");
        }
    }
    format!("{:#}", strategy.ask(&mut Rng::from_seed(1)).expect_err("it must not work"))
}

/// Tells of a candidate and returns what is released.
pub(crate) fn tell(
    strategy: &mut impl Strategy,
    id: CandidateId,
    choices: &[Choice],
    score: Option<f64>,
) -> anyhow::Result<Vec<CandidateId>> {
    let mut released = Vec::new();
    let status = if score.is_some() { Status::Ok } else { Status::Failed };
    strategy.tell(&Finished { id, choices, score, status, origin: Origin::Sample }, &mut released)?;
    Ok(released)
}

/// A search of 4 workers that take turns, as the engine would hold it: what was proposed and what released.
pub(crate) fn search(strategy: &mut ExternalStrategy, candidates: u64) -> Vec<(Proposal, Vec<CandidateId>)> {
    let mut course = Vec::new();
    for id in 0..candidates + 3 {
        let mut rng = Rng::from_seed(id);
        let proposal = if id < candidates {
            strategy.ask(&mut rng).unwrap_or_else(|error| panic!("ask {id}: {error:#}"))
        } else {
            Proposal::Wait
        };
        let released = match id.checked_sub(3) {
            Some(done) => {
                let score = (done % 7 != 6).then(|| Rng::from_seed(done).uniform());
                tell(strategy, done, &[1, 0, 2], score)
                    .unwrap_or_else(|error| panic!("tell {done}: {error:#}"))
            }
            None => Vec::new(),
        };
        course.push((proposal, released));
    }
    course
}

/// `python3`, if it is there; otherwise the test must end here, having said so.
#[expect(clippy::print_stderr, reason = "a test that does nothing must say so")]
pub(crate) fn python() -> Option<&'static str> {
    let found = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if found {
        return Some("python3");
    }
    assert!(std::env::var_os("LAMARCK_REQUIRE_PYTHON").is_none(), "python3 is required and is not there");
    eprintln!("skipped: python3 is not there");
    None
}

/// Whether a process is there and not only waiting to be counted as dead.
pub(crate) fn runs(process: &str) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", process]).output().expect("ps");
    let state = String::from_utf8_lossy(&output.stdout);
    !state.trim().is_empty() && !state.trim_start().starts_with('Z')
}

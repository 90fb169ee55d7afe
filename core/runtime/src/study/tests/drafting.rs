//! What `lamarck studies new` writes.

use super::generator::{Dice, study};
use super::schema::{inventory, toml_of};
use crate::study::{Draft, DraftSettings, Source, Study};
use proptest::prelude::*;
use serde_json::Value;

const FULL: DraftSettings = DraftSettings { full: true, schema: true };

fn load(text: &str) -> Result<Study, String> {
    Study::load(Source::new("study.toml", text), Vec::new(), inventory()).map_err(|error| error.to_string())
}

/// The text with every key that is commented out written in.
fn uncommented(text: &str) -> String {
    let key = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    text.lines().map(|line| line.strip_prefix('#').filter(key).unwrap_or(line).to_owned() + "\n").collect()
}

#[test]
fn a_short_draft() {
    let mut draft = Draft::new();
    for (key, value) in [
        ("space.plugin", "\"nas-bench-201\""),
        ("evaluator.plugin", "nas-bench-201-table"),
        ("evaluator.noise", "2"),
        ("budget.candidates", "5"),
    ] {
        draft.set(key, value).unwrap();
    }
    let text = draft.write(inventory(), DraftSettings { full: false, schema: true }).text;
    insta::assert_snapshot!(text, @r##"
    #:schema ./lamarck.schema.json
    # Lines that begin with # and a key show its default: take the # away and change the value. Try it with
    # `lamarck run --dry-run`, which writes nothing.

    # what the study is called and how often it is repeated
    [study]
    #name = ""                       # the study's name, also of its folder
    #seed = 1                        # the seed of all randomness; at least 0
    #replicates = 1                  # independent runs of every sweep point; from 1 to 100000
    #summary = ""                    # what the study is about
    # of points that differ in cluster, scheduler and retention only, play the first one's candidates
    #replay = false

    # what nas-bench-201 does
    [space]
    plugin = "nas-bench-201"         # the component's name

    # what nas-bench-201-table does
    [evaluator]
    plugin = "nas-bench-201-table"   # the component's name
    #dataset = "cifar10"             # the data set; one of "cifar10", "cifar100", "imagenet16-120"
    #seed = "mean"                   # which training run
    noise = 2                        # standard deviation of added noise [points]; at least 0
    # limit (not set): nothing unless it is set; from 1 to 9

    # what regularized-evolution does
    [strategy]
    plugin = "regularized-evolution" # the component's name
    #population = 100                # candidates alive at a time; from 1 to 1000000
    #sample = 10                     # candidates in a tournament; from 1 to 1000000

    # what one-decision does
    [[mutators]]
    plugin = "one-decision"          # the component's name
    #weight = 1.0                    # how often, relative to the other mutators; above 0 and at most 1000000000
    #no_op = false                   # may change nothing

    # the simulated cluster
    [cluster]
    #workers = 1                     # candidates that train at the same time; from 1 to 1000000
    #workers_per_node = 1            # workers that share a node; from 1 to 1000000
    #failure_rate = 0.0              # share of attempts that lose their worker in training; from 0 to 1
    # how often a candidate is started again whose attempt was lost; from 0 to 1000
    #retries = 0
    #restart_s = 0.0                 # how long a worker is away after a loss [s]; from 0 to 3600000000000
    # nodes' speeds lie evenly between 1 less this and 1 plus this; from 0 to 0.99
    #speed_spread = 0.0
    # walltime_hours (not set): an allocation's length: at its end what runs is lost and node caches are empty
    # [h]; from 0.000001 to 1000000000
    #requeue_s = 0.0                 # time from one allocation to the next [s]; from 0 to 3600000000000
    #node_cache_gib = 0.0            # each node's cache of layers, 0 for none [GiB]; from 0 to 1000000000
    #node_cache_policy = "lru"       # what a full node cache evicts, as for `lamarck cache --policies`
    # what a request to the repository takes beside its bytes [ms]; from 0 to 1000000000
    #repository_latency_ms = 0.0
    # the repository's bandwidth, shared evenly; 0 for no limit [GB/s]; from 0 to 1000000
    #repository_gb_s = 0.0
    # the bandwidth of one worker at most; 0 for no limit [GB/s]; from 0 to 1000000
    #link_gb_s = 0.0

    # when a run ends: at whichever comes first
    [budget]
    candidates = 5                   # candidates per run; at least 1
    # virtual_hours (not set): simulated time per run [h]; above 0 and at most 1000000000

    # [[analyzers]]: what looks at the trace. There could be:
    #   lineage: what lineage does

    # Not written here: [plugins], [scheduler], [transfer], [trace] and [sweep]; `lamarck studies new --full`
    # does.
    "##);
}

#[test]
fn what_cannot_be_left_out_gets_a_value() {
    let mut draft = Draft::new();
    for (key, value) in [
        ("space.plugin", "toy"),
        ("evaluator.plugin", "nas-bench-201-table"),
        ("mutators.0.plugin", "generation-weighted"),
        ("budget.virtual_hours", "1"),
    ] {
        draft.set(key, value).unwrap();
    }
    let drafted = draft.write(inventory(), DraftSettings::default());
    assert_eq!(drafted.to_fill, ["space.decisions", "mutators.0.beta"]);
    assert!(load(&drafted.text).is_ok(), "{}", drafted.text);
    assert!(draft.set("space.plugin.x", "1").is_err());
    assert!(draft.set("a..b", "1").is_err());
    assert!(draft.set("evaluator.seed", "[1").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the study: its draft says the same, and so it does with every key written in.
    #[test]
    fn a_draft_of_a_study_is_the_study(numbers in prop::collection::vec(any::<u32>(), 0..300), full in any::<bool>()) {
        let made = study(&mut Dice(numbers, 0));
        let text = toml_of(&made.study);
        let settings = DraftSettings { full, ..FULL };
        let draft = Draft::of(&Source::new("study.toml", text.as_str())).expect("TOML");
        let drafted = draft.write(inventory(), settings);
        let points = |text: &str| -> Result<Vec<(String, Value)>, TestCaseError> {
            let study = load(text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            let point = |point: &crate::study::Point| {
                let mut settings = point.settings.to_json();
                settings["study"]["name"] = Value::Null;
                (point.label.clone(), settings)
            };
            Ok(study.points().iter().map(point).collect())
        };
        let expected = points(&text)?;
        prop_assert_eq!(&points(&drafted.text)?, &expected, "{}", &drafted.text);
        prop_assert_eq!(&points(&uncommented(&drafted.text))?, &expected, "{}", &drafted.text);
        prop_assert_eq!(drafted.to_fill, [""; 0]);
    }
}

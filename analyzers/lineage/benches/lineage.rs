//! What a candidate costs: time and memory of the analyzer on a run of regularized evolution.
//!
//! Run by hand: `cargo bench -p lamarck-lineage [ROWS]`. A plain program rather than a harness of many short rounds,
//! since one round takes a second and the peak of memory is asked for too. Rows are made batch by batch outside of the
//! time that is measured. Memory is the growth of the process's peak resident set (Linux only), batches not included.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints and reads the clock; nothing of it is in the plugin"
)]

use lamarck_lineage::Lineage;
use lamarck_sdk::model::{CandidateColumns, CandidateRecord, Nullable};
use lamarck_sdk::serde_json::json;
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, Origin, Rng, Status};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

const POPULATION: usize = 100;
const SAMPLE: usize = 10;
const WORKERS: usize = 64;
const BATCH: usize = 100_000;

/// A search like one on NAS-Bench-201: children finish `WORKERS` completions after they were chosen.
struct Search {
    rng: Rng,
    members: VecDeque<(u64, f64)>,
    flying: VecDeque<(Option<(u64, f64)>, u32)>,
    next: u64,
}

impl Search {
    fn fill(&mut self, columns: &mut CandidateColumns, rows: usize) {
        columns.clear();
        let mut row = CandidateRecord::default();
        for _ in 0..rows {
            row.reset();
            let (parent, rank) = self.flying.pop_front().unwrap_or((None, u32::NONE));
            row.id = self.next;
            self.next += 1;
            row.status = Status::Ok as u8;
            row.score = self.rng.uniform();
            row.finished_us = row.id * 15_000_000 + self.rng.below(15_000_000);
            (row.layers, row.bytes) = (80, 400_000);
            row.choices.resize(6, 0);
            if let Some((parent, score)) = parent {
                row.origin = Origin::Mutation as u8;
                (row.parent, row.donor, row.parent_rank) = (parent, parent, rank);
                row.score = 0.9 * score + 0.1 * row.score;
                (row.changed, row.changed_decision, row.changed_from, row.changed_to) = (1, 2, 0, 1);
                row.prefix_layers = 40;
            }
            columns.push(&row);
            self.members.push_back((row.id, row.score));
            if self.members.len() > POPULATION {
                self.members.pop_front();
                let draw = (0..SAMPLE).map(|_| self.members[self.rng.index(POPULATION)]);
                let parent = draw.max_by(|a, b| a.1.total_cmp(&b.1));
                self.flying.push_back((parent, 1 + u32::try_from(self.rng.below(100)).unwrap_or(0)));
            } else if self.flying.len() < WORKERS {
                self.flying.push_back((None, u32::NONE));
            }
        }
    }
}

/// The largest resident set so far, in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

fn main() {
    let rows = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000_usize);
    let strategy = json!({"plugin": "regularized-evolution", "population": POPULATION, "sample": SAMPLE});
    let context =
        Context { workers: 64, study: json!({ "strategy": strategy }), ..Context::for_space(space(&[5; 6])) };
    let mut columns = CandidateColumns::with_capacity(6, BATCH);
    let mut search =
        Search { rng: Rng::from_seed(1), members: VecDeque::new(), flying: VecDeque::new(), next: 0 };
    search.fill(&mut columns, BATCH.min(rows));
    let before = peak();
    let mut lineage: Lineage = create("{}", &context).expect("the options are valid");
    let mut taking = Duration::ZERO;
    let mut left = rows;
    while left > 0 {
        let start = Instant::now();
        lineage.candidates(&columns.view()).expect("the rows are in order");
        taking += start.elapsed();
        left -= columns.len();
        search.fill(&mut columns, BATCH.min(left));
    }
    let taken = peak();
    let start = Instant::now();
    let report = lineage.finish().expect("a report is always written");
    let finishing = start.elapsed();
    let each = |time: Duration| time.as_secs_f64() * 1e9 / rows as f64;
    println!("{rows} candidates, {} findings", report.findings.len());
    println!("rows {:.1} ns, report {:.1} ns a candidate", each(taking), each(finishing));
    let grown =
        |to: Option<u64>| to.zip(before).map(|(to, from)| to.saturating_sub(from) as f64 / rows as f64);
    if let (Some(taken), Some(whole)) = (grown(taken), grown(peak())) {
        println!("{taken:.1} bytes a candidate after the rows, {whole:.1} at the most");
    }
}

//! The explorer as the JSON that the page's script reads, cut to the bytes that are left for it.
//!
//! Columns, not rows: the keys stand once, and a column in which nobody has a value is an empty list. A layer is its
//! kind and, for each input, how far up the table it stands, since neighbours are near.

use lamarck_model::{CandidateRecord, Nullable, Status};
use serde::Serialize;

use super::{Entry, Explorer};
use crate::escape;
use crate::number::Short;

#[derive(Serialize)]
struct Data<'a> {
    run: &'a str,
    score: &'a str,
    unit: &'a str,
    best: Option<u64>,
    leaders: Vec<u64>,
    total: u64,
    /// Candidates with an architecture.
    drawn: usize,
    decisions: Vec<DecisionData<'a>>,
    statuses: Vec<&'static str>,
    columns: Columns,
    /// Class, label, parameters, number of inputs.
    kinds: Vec<(&'a str, &'a str, Option<u64>, usize)>,
    /// For each layer its kind, then for each input the difference of positions.
    layers: Vec<u32>,
    outputs: Vec<Option<Vec<u32>>>,
}

#[derive(Serialize)]
struct DecisionData<'a> {
    name: &'a str,
    options: &'a [String],
}

#[derive(Serialize)]
struct Columns {
    id: Vec<u64>,
    parent: Vec<Option<u64>>,
    parent_b: Vec<Option<u64>>,
    donor: Vec<Option<u64>>,
    status: Vec<u8>,
    value: Vec<Option<f64>>,
    changed: Vec<Option<u16>>,
    decision: Vec<Option<u16>>,
    from: Vec<Option<u16>>,
    to: Vec<Option<u16>>,
    prefix_layers: Vec<Option<u64>>,
    prefix_bytes: Vec<Option<u64>>,
    layers: Vec<Option<u64>>,
    bytes: Vec<Option<u64>>,
    finished: Vec<Option<Short>>,
    children: Vec<u32>,
    descendants: Vec<Option<u32>>,
    choices: Vec<Vec<u16>>,
}

/// A column; empty where nobody has a value.
fn column<T: Nullable>(entries: &[&Entry], field: impl Fn(&CandidateRecord) -> T) -> Vec<Option<T>> {
    let column: Vec<Option<T>> = entries.iter().map(|entry| field(&entry.record).known()).collect();
    if column.iter().all(Option::is_none) { Vec::new() } else { column }
}

impl Columns {
    fn new(entries: &[&Entry]) -> Self {
        let seconds = |us: Option<u64>| us.map(|us| Short(us as f64 / 1e6));
        Self {
            id: entries.iter().map(|entry| entry.record.id).collect(),
            parent: column(entries, |r| r.parent),
            parent_b: column(entries, |r| r.parent_b),
            donor: column(entries, |r| r.donor),
            status: entries.iter().map(|entry| entry.record.status).collect(),
            value: column(entries, |r| if r.score.is_finite() { r.score } else { f64::NAN }),
            changed: column(entries, |r| r.changed),
            decision: column(entries, |r| r.changed_decision),
            from: column(entries, |r| r.changed_from),
            to: column(entries, |r| r.changed_to),
            prefix_layers: column(entries, |r| r.prefix_layers),
            prefix_bytes: column(entries, |r| r.prefix_bytes),
            layers: column(entries, |r| r.layers),
            bytes: column(entries, |r| r.bytes),
            finished: column(entries, |r| r.finished_us).into_iter().map(seconds).collect(),
            children: entries.iter().map(|entry| entry.children).collect(),
            descendants: entries.iter().map(|entry| entry.descendants).collect(),
            choices: entries.iter().map(|entry| entry.record.choices.clone()).collect(),
        }
    }
}

/// What the page says of an explorer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Fit to stand in a `<script>`.
    pub(crate) json: String,
    pub(crate) candidates: usize,
    pub(crate) architectures: usize,
}

impl Explorer {
    /// The explorer in at most so many bytes, or with nobody in it. Candidates come first, and architectures get what
    /// they leave, both from the most important on.
    pub(crate) fn json(&self, budget: usize) -> Result<Shown, serde_json::Error> {
        let mut ranked: Vec<&Entry> = self.entries.iter().collect();
        ranked.sort_unstable_by_key(|entry| entry.rank);
        loop {
            let (json, _) = self.written(&ranked, 0)?;
            if json.len() <= budget || ranked.is_empty() {
                // How long a layer is when written is an estimate; where it was too low, there is less room.
                let mut room = budget.saturating_sub(json.len());
                loop {
                    let (json, architectures) = self.written(&ranked, room)?;
                    if json.len() <= budget || architectures == 0 {
                        return Ok(Shown { json, candidates: ranked.len(), architectures });
                    }
                    room = room * 9 / 10;
                }
            }
            // At least one fewer each time.
            let fit = ranked.len() as u128 * budget as u128 / json.len() as u128;
            ranked.truncate(usize::try_from(fit).unwrap_or(0).min(ranked.len() - 1));
        }
    }

    /// These candidates, and of the first of them the architectures, until their layers are about so many bytes.
    fn written(&self, ranked: &[&Entry], room: usize) -> Result<(String, usize), serde_json::Error> {
        const ABSENT: u32 = u32::MAX;
        let mut places = vec![ABSENT; self.layers.len()];
        let (mut used, mut first_without) = (0, 0);
        for entry in ranked {
            let mut cost = 0;
            let mut new = Vec::new();
            let mut open = entry.outputs.clone().unwrap_or_default();
            while let Some(at) = open.pop() {
                if places[at as usize] == ABSENT {
                    places[at as usize] = 0;
                    new.push(at);
                    cost += 4 + 3 * self.layers[at as usize].inputs.len();
                    open.extend(&self.layers[at as usize].inputs);
                }
            }
            if used + cost > room {
                for at in new {
                    places[at as usize] = ABSENT;
                }
                break;
            }
            used += cost;
            first_without = entry.rank + 1;
        }
        let mut kinds = Kinds { explorer: self, seen: rustc_hash::FxHashMap::default(), list: Vec::new() };
        let mut layers = Vec::new();
        let mut next = 0;
        for at in 0..places.len() {
            if places[at] != ABSENT {
                places[at] = next;
                layers.push(kinds.position(at));
                layers.extend(self.layers[at].inputs.iter().map(|&input| next - places[input as usize]));
                next += 1;
            }
        }
        let mut entries = ranked.to_vec();
        entries.sort_unstable_by_key(|entry| entry.record.id);
        let outputs: Vec<Option<Vec<u32>>> = entries
            .iter()
            .map(|entry| {
                let outputs = entry.outputs.as_ref().filter(|_| entry.rank < first_without)?;
                Some(outputs.iter().map(|&at| places[at as usize]).collect())
            })
            .collect();
        let drawn = outputs.iter().flatten().count();
        let there = |id: &u64| entries.binary_search_by_key(id, |entry| entry.record.id).is_ok();
        let data = Data {
            run: &self.run,
            score: &self.score,
            unit: &self.unit,
            best: self.best.filter(there),
            leaders: self.leaders.iter().copied().filter(there).collect(),
            total: self.total,
            drawn,
            decisions: self
                .decisions
                .iter()
                .map(|decision| DecisionData { name: &decision.name, options: &decision.options })
                .collect(),
            statuses: Status::ALL.iter().map(|status| status.as_str()).collect(),
            columns: Columns::new(&entries),
            kinds: kinds.list,
            layers,
            outputs: if drawn == 0 { Vec::new() } else { outputs },
        };
        Ok((escape::script(&serde_json::to_string(&data)?), drawn))
    }
}

/// Kinds with their number of inputs, in the order in which they are met.
struct Kinds<'a> {
    explorer: &'a Explorer,
    seen: rustc_hash::FxHashMap<(u32, usize), u32>,
    list: Vec<(&'a str, &'a str, Option<u64>, usize)>,
}

impl Kinds<'_> {
    fn position(&mut self, layer: usize) -> u32 {
        let layer = &self.explorer.layers[layer];
        let inputs = layer.inputs.len();
        let next = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let list = &mut self.list;
        let kinds = &self.explorer.kinds;
        *self.seen.entry((layer.kind, inputs)).or_insert_with(|| {
            let kind = &kinds[layer.kind as usize];
            list.push((&kind.class, &kind.label, kind.parameters, inputs));
            next
        })
    }
}

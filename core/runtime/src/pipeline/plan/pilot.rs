//! The first candidates of a point, run in memory.

use super::super::error::PipelineError;
use super::super::replay::Candidates;
use super::Plan;
use crate::engine::{self, End, Output, Progress, run};
use crate::trace::{PartBytes, RunKey, Table, TraceError};
use lamarck_model::{CandidateColumns, LayerColumns};

/// What the first candidates of a point did.
pub struct Pilot {
    /// The point.
    pub point: usize,
    /// Candidates that ended.
    pub candidates: u64,
    /// Whether it is the whole run: the budget was no longer than the pilot.
    pub whole: bool,
    /// Virtual time at which the last of them ended, in microseconds.
    pub virtual_us: u64,
    /// Bytes of their parts of `candidates`, as the trace would have them; 0 if nothing is written.
    pub candidate_bytes: u64,
    /// Rows of `layers`.
    pub layers: u64,
    /// Bytes of the parts of `layers`.
    pub layer_bytes: u64,
    /// The rows, for the analyzers.
    parts: Vec<CandidateColumns>,
    layer_parts: Vec<LayerColumns>,
}

impl Plan<'_> {
    /// Runs the first replicate of a point for so many candidates, as if that were its budget, and encodes what
    /// would be written. It can be stopped through `progress`; then it tells of what was done until then.
    ///
    /// # Errors
    /// As the run itself.
    pub fn pilot(&self, point: usize, candidates: u64, progress: &Progress) -> Result<Pilot, PipelineError> {
        let prepared = &self.prepared[point];
        // There are at most MAX_POINTS points.
        let key = RunKey { point: u32::try_from(point).unwrap_or(u32::MAX), replicate: 0 };
        let mut settings = prepared.run_settings(key, None);
        let budget = settings.candidates;
        settings.candidates = Some(budget.map_or(candidates, |budget| budget.min(candidates)));
        let components = prepared.components()?;
        let writes = prepared.settings().trace.write;
        let keeps = writes && !prepared.settings().analyzers.is_empty();
        let mut sink = Sink::new(key, writes, keeps)?;
        let played = match self.leaders[point] {
            leader if leader == point => Candidates::Own,
            leader => Candidates::Of(&self.prepared[leader]),
        };
        let result = match played.script_of(key, settings.candidates)? {
            Some(script) => engine::replay(components, &settings, script, &mut sink, progress),
            None => run(components, &settings, None, &mut sink, progress),
        };
        let (end, summary) = result.map_err(|source| PipelineError::Run { key, source })?;
        let is_budget = budget.is_some_and(|budget| budget <= candidates) || summary.candidates < candidates;
        Ok(Pilot {
            point,
            candidates: summary.candidates,
            whole: end == End::Complete && is_budget,
            virtual_us: summary.virtual_us,
            candidate_bytes: sink.candidate_bytes,
            layers: sink.layers,
            layer_bytes: sink.layer_bytes,
            parts: sink.parts,
            layer_parts: sink.layer_parts,
        })
    }

    /// Shows a pilot's rows to the point's analyzers, and throws away what they say.
    ///
    /// # Errors
    /// When an analyzer fails.
    pub fn analyze(&self, pilot: &Pilot) -> Result<(), PipelineError> {
        let prepared = &self.prepared[pilot.point];
        let failed = |source| PipelineError::Analyzer { source };
        if pilot.candidate_bytes == 0 {
            return Ok(());
        }
        for position in 0..prepared.settings().analyzers.len() {
            let mut analyzer = prepared.analyzer(position)?;
            for part in &pilot.parts {
                analyzer.candidates(&part.view()).map_err(failed)?;
            }
            if analyzer.wants_layers() {
                for part in &pilot.layer_parts {
                    analyzer.layers(part).map_err(failed)?;
                }
            }
            analyzer.finish().map_err(failed)?;
        }
        Ok(())
    }
}

/// Encodes parts, counts their bytes and, if somebody will look at them, keeps their rows.
struct Sink {
    key: RunKey,
    keeps: bool,
    encoders: Option<(PartBytes, PartBytes)>,
    candidate_bytes: u64,
    layers: u64,
    layer_bytes: u64,
    parts: Vec<CandidateColumns>,
    layer_parts: Vec<LayerColumns>,
}

impl Sink {
    fn new(key: RunKey, writes: bool, keeps: bool) -> Result<Self, TraceError> {
        let encoders = if writes {
            Some((PartBytes::new(Table::Candidates)?, PartBytes::new(Table::Layers)?))
        } else {
            None
        };
        Ok(Self {
            key,
            keeps,
            encoders,
            candidate_bytes: 0,
            layers: 0,
            layer_bytes: 0,
            parts: Vec::new(),
            layer_parts: Vec::new(),
        })
    }
}

impl Output for Sink {
    fn candidates(&mut self, part: &mut CandidateColumns) -> Result<(), TraceError> {
        let Some((encoder, _)) = &mut self.encoders else { return Ok(()) };
        self.candidate_bytes += encoder.candidates(self.key, &part.view())?;
        if self.keeps {
            self.parts.push(std::mem::take(part));
        }
        Ok(())
    }

    fn layers(&mut self, part: &mut LayerColumns) -> Result<(), TraceError> {
        let Some((_, encoder)) = &mut self.encoders else { return Ok(()) };
        self.layers += part.len() as u64;
        self.layer_bytes += encoder.layers(self.key, part)?;
        if self.keeps {
            self.layer_parts.push(std::mem::take(part));
        }
        Ok(())
    }
}

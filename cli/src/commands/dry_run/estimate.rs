//! Pilots, and what they tell of the whole study.

use super::super::run::now;
use super::count;
use anyhow::{Context, Result};
use lamarck_runtime::engine::Progress;
use lamarck_runtime::pipeline::{Forecast, Measured, Pilot, Plan, PlannedPoint, Totals, makespan};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// The pilots of a point take so long, at most; an analyzer is let finish.
const POINT_LIMIT: Duration = Duration::from_secs(1);
/// The pilots of all points.
const ALL_LIMIT: Duration = Duration::from_secs(6);
/// Points that have pilots of their own; in a longer sweep evenly chosen ones.
const MOST_PILOTS: usize = 32;
/// The first pilot of a point; each further one is twice as long.
const FIRST: u64 = 60;
/// No pilot is longer, since its rows stay in memory.
const LONGEST: u64 = 16_000;
/// A forecast for every point; those without pilots of their own have those of the point before.
pub(super) fn forecasts(plan: &Plan<'_>) -> Result<Vec<Forecast>> {
    let points = plan.points().len();
    let pilots = points.min(MOST_PILOTS);
    let limit = POINT_LIMIT.min(ALL_LIMIT / u32::try_from(pilots).unwrap_or(1).max(1));
    let mut forecasts: Vec<Forecast> = Vec::with_capacity(points);
    for point in 0..points {
        // The first of each of `pilots` stretches of equal length.
        let first = point == 0 || point * pilots / points != (point - 1) * pilots / points;
        match forecasts.last() {
            Some(&before) if !first => forecasts.push(before),
            _ => forecasts.push(forecast(plan, point, limit)?),
        }
    }
    Ok(forecasts)
}

/// Pilots of doubling length, until they take too long or have done the whole budget.
fn forecast(plan: &Plan<'_>, point: usize, limit: Duration) -> Result<Forecast> {
    let begun = now();
    let (mut shorter, mut short): (Option<Measured>, Option<Measured>) = (None, None);
    let mut candidates = FIRST;
    loop {
        let (pilot, run_s) = timed(plan, point, candidates, limit.saturating_sub(begun.elapsed()))
            .context("the pilot failed, as the study would")?;
        let before = now();
        plan.analyze(&pilot).context("an analyzer failed on the pilot, as it would on the study")?;
        let long = Measured::new(&pilot, run_s, before.elapsed().as_secs_f64());
        // One that was stopped may hardly be longer than the one before, and say more of the clock than of the candidates.
        let stopped = !long.whole && pilot.candidates < candidates;
        if stopped && let Some(before) = short.filter(|short| long.candidates < 1.5 * short.candidates) {
            return Ok(Forecast::new(shorter, before));
        }
        // The next one takes about as long as all so far.
        if long.whole || stopped || candidates >= LONGEST || begun.elapsed() > limit / 2 {
            return Ok(Forecast::new(short, long));
        }
        (shorter, short) = (short, Some(long));
        candidates *= 2;
    }
}

/// A pilot that is stopped after a while, and how long it took.
fn timed(plan: &Plan<'_>, point: usize, candidates: u64, limit: Duration) -> Result<(Pilot, f64)> {
    let progress = Arc::new(Progress::default());
    let (done, waiting) = channel::<()>();
    let watched = Arc::clone(&progress);
    let watch = thread::spawn(move || {
        if waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            watched.stop.store(true, Ordering::Relaxed);
        }
    });
    let begun = now();
    let pilot = plan.pilot(point, candidates, &progress);
    let took = begun.elapsed().as_secs_f64();
    drop(done);
    // It holds nothing that could be lost with it.
    let _ = watch.join();
    Ok((pilot?, took))
}

/// What the whole study takes.
pub(super) struct Estimate {
    pub(super) forecasts: Vec<Forecast>,
    /// One run of each point.
    pub(super) runs: Vec<Totals>,
    pub(super) jobs: usize,
    /// What comes before the first candidate.
    pub(super) setup_s: f64,
    /// All of it.
    pub(super) real_s: f64,
    pub(super) candidates: f64,
    pub(super) candidate_bytes: f64,
    pub(super) layer_bytes: f64,
    pub(super) header_bytes: u64,
}

impl Estimate {
    pub(super) fn new(
        plan: &Plan<'_>,
        forecasts: Vec<Forecast>,
        jobs: usize,
        setup_s: f64,
        writes: bool,
    ) -> Result<Self> {
        let run = |(planned, forecast): (PlannedPoint<'_>, &Forecast)| {
            let settings = &planned.point.settings;
            forecast.run(&settings.budget, settings.trace.part_rows)
        };
        let runs: Vec<Totals> = plan.points().zip(&forecasts).map(run).collect();
        let replicates: Vec<u32> =
            plan.points().map(|planned| planned.point.settings.study.replicates).collect();
        let each = |of: fn(&Totals) -> f64| {
            let repeated = |(run, &count): (&Totals, &u32)| std::iter::repeat_n(of(run), count as usize);
            runs.iter().zip(&replicates).flat_map(repeated).collect::<Vec<f64>>()
        };
        let sum = |of: fn(&Totals) -> f64| each(of).iter().sum::<f64>();
        Ok(Self {
            jobs,
            setup_s,
            real_s: setup_s
                + makespan(each(|run| run.run_s), jobs)
                + makespan(each(|run| run.analyze_s), jobs),
            candidates: sum(|run| run.candidates),
            candidate_bytes: sum(|run| run.candidate_bytes),
            layer_bytes: sum(|run| run.layer_bytes),
            header_bytes: if writes { plan.header_bytes()? } else { 0 },
            forecasts,
            runs,
        })
    }

    pub(super) fn trace_bytes(&self) -> f64 {
        self.candidate_bytes + self.layer_bytes + self.header_bytes as f64
    }

    /// How the estimates were made.
    pub(super) fn method(&self) -> String {
        let longest = self.forecasts.iter().map(Forecast::pilot).fold(0.0, f64::max);
        let shortest = self.forecasts.iter().map(Forecast::pilot).fold(f64::INFINITY, f64::min);
        let pilots = self.forecasts.len().min(MOST_PILOTS);
        let length = if shortest < longest {
            format!("{} to {}", count(shortest), count(longest))
        } else {
            count(longest)
        };
        let of = if pilots < self.forecasts.len() {
            format!("{pilots} of {} points", self.forecasts.len())
        } else if pilots == 1 {
            "the first run".to_owned()
        } else {
            format!("the first run of each of {pilots} points")
        };
        if pilots == self.forecasts.len() && self.forecasts.iter().all(Forecast::is_whole) {
            return format!(
                "measured: {of} was made in memory, whole ({length} candidates), and written nowhere"
            );
        }
        format!(
            "estimated from a pilot of {length} candidates of {of}, in memory; what grows faster than the candidates is more"
        )
    }
}

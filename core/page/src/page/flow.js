// Stacked bands: the rise and fall of clades, donors, prefixes.

/** The legend names so many bands; the pointer names all of them. */
const MOST_NAMED = 14;

/**
 * A Muller plot: a band holds its descendants inside of itself. Its own height is cut into as many slices as it has
 * descending bands and one more, and they stand between the slices. Returned are the lower and upper edge of each.
 */
function nest(bands, length) {
  const children = bands.map(() => []);
  const roots = [];
  for (const [i, band] of bands.entries()) (known(band.parent) ? children[band.parent] : roots).push(i);
  const edges = bands.map(() => ({ low: new Array(length).fill(0), high: new Array(length).fill(0) }));
  for (let at = 0; at < length; at++) {
    // A stack of its own, since lineages may be deeper than calls can nest. A step opens a band or closes it.
    let height = 0;
    const open = roots.toReversed().map((band) => ({ band, next: -1 }));
    while (open.length) {
      const step = open[open.length - 1];
      const inner = children[step.band];
      if (step.next < 0) edges[step.band].low[at] = height;
      height += bands[step.band].y[at] / (inner.length + 1);
      step.next += 1;
      if (step.next < inner.length) {
        open.push({ band: inner[step.next], next: -1 });
      } else {
        edges[step.band].high[at] = height;
        open.pop();
      }
    }
  }
  return edges;
}

/** The bands' names over all panels, the largest first, so that a name has one colour wherever it stands. */
function bandRanks(chart) {
  const sizes = new Map();
  for (const { kind, bands } of chart.panels) {
    if (kind !== "flow") continue;
    for (const { name, y } of bands) sizes.set(name, (sizes.get(name) ?? 0) + y.reduce((a, b) => a + b, 0) / (y.length || 1));
  }
  const names = [...sizes.keys()].filter((name) => !isRest(name)).sort((a, b) => sizes.get(b) - sizes.get(a));
  return new Map(names.map((name, rank) => [name, rank]));
}

/** The band of all that has no band of its own. */
function isRest(name) {
  return /^(all )?others?$/i.test(name);
}

/**
 * How high the axis reaches. The band of all the others is the last, on top of the rest; where it is so high that nothing
 * else could be seen, the axis ends not far above the named bands.
 */
function flowTop(chart, panels) {
  let [named, whole] = [0, 0];
  for (const { x, bands } of panels) {
    const rest = bands.length && isRest(bands[bands.length - 1].name) && !known(bands[bands.length - 1].parent);
    for (let i = 0; i < chart.xs[x].length; i++) {
      const sum = bands.reduce((all, band) => all + band.y[i], 0);
      whole = Math.max(whole, sum);
      named = Math.max(named, rest ? sum - bands[bands.length - 1].y[i] : sum);
    }
  }
  const cut = named > 0 && named < whole * 0.25;
  return { top: cut ? named * 1.3 : whole * 1.03, cut };
}

/**
 * Between few windows, straight edges would be all corners, so heights are joined by curves that neither overshoot nor
 * undershoot (Fritsch and Carlson 1980, doi 10.1137/0717021). They pass through every window's value, and are scaled so
 * that a stack whose height does not change stays flat. Returned are the positions, the heights, and how many positions
 * a window became.
 */
function smoothed(x, heights) {
  const steps = x.length < 3 || x.length > 300 ? 1 : x.length > 100 ? 3 : x.length > 40 ? 5 : 10;
  if (steps === 1) return { x, heights, steps };
  const fine = [];
  for (let i = 0; i + 1 < x.length; i++) for (let k = 0; k < steps; k++) fine.push(x[i] + ((x[i + 1] - x[i]) * k) / steps);
  fine.push(x[x.length - 1]);
  const curves = heights.map((y) => monotone(x, y, steps));
  const total = monotone(x, x.map((_, i) => heights.reduce((sum, y) => sum + y[i], 0)), steps);
  for (let i = 0; i < fine.length; i++) {
    const sum = curves.reduce((all, y) => all + y[i], 0);
    if (sum > 0) for (const y of curves) y[i] *= total[i] / sum;
  }
  return { x: fine, heights: curves, steps };
}

/** A monotone cubic through the points, at so many positions an interval. */
function monotone(x, y, steps) {
  const slope = x.slice(1).map((next, i) => (y[i + 1] - y[i]) / (next - x[i] || 1));
  const tangent = y.map((_, i) => {
    if (i === 0) return slope[0];
    if (i === y.length - 1) return slope[i - 1];
    const [a, b] = [slope[i - 1], slope[i]];
    // The harmonic mean is at most three times the smaller slope, which keeps the curve monotone.
    return a * b <= 0 ? 0 : (2 * a * b) / (a + b);
  });
  const out = [];
  for (let i = 0; i + 1 < x.length; i++) {
    const width = x[i + 1] - x[i];
    for (let k = 0; k < steps; k++) {
      const t = k / steps;
      const [t2, t3] = [t * t, t * t * t];
      out.push(Math.max(0, y[i] * (2 * t3 - 3 * t2 + 1) + width * tangent[i] * (t3 - 2 * t2 + t)
        + y[i + 1] * (3 * t2 - 2 * t3) + width * tangent[i + 1] * (t3 - t2)));
    }
  }
  out.push(y[y.length - 1]);
  return out;
}

function flowTraces(chart, panel, axis, first) {
  const windows = drawn(chart.xs[panel.x], panel.draw);
  const own = panel.bands.map((band) => drawn(band.y, panel.draw));
  const { x, heights, steps } = smoothed(windows, own);
  const edges = nest(panel.bands.map((band, i) => ({ ...band, y: heights[i] })), x.length);
  const ranks = bandRanks(chart);
  const traces = [];
  for (const [i, band] of panel.bands.entries()) {
    // What is zero high has no place, or its line would be drawn along its parent's slices.
    const there = x.map((_, k) => edges[i].high[k] > edges[i].low[k] || edges[i].high[k - 1] > edges[i].low[k - 1]
      || edges[i].high[k + 1] > edges[i].low[k + 1]);
    if (!there.includes(true)) continue;
    const rest = isRest(band.name);
    const rank = ranks.get(band.name) ?? 0;
    const fill = rest ? styled("band-rest") : colour(rank);
    const from = there.indexOf(true);
    const to = there.lastIndexOf(true) + 1;
    const [xs, low, high] = [x, edges[i].low, edges[i].high].map((list) => list.slice(from, to));
    const common = { type: "scatter", xaxis: "x" + axis, yaxis: "y" + axis, legendgroup: band.name, name: short(band.name) };
    traces.push({
      ...common, x: [...xs, ...xs.toReversed()], y: [...high, ...low.toReversed()], mode: "lines", fill: "toself",
      fillcolor: fill, line: { color: styled("ground"), width: 0.75 }, hoveron: "fills", hoverinfo: "name",
      showlegend: (rest || rank < MOST_NAMED) && first.fresh(band.name), legendrank: rest ? 2000 : 1000 + rank,
      meta: { role: "flow", points: band.y.length },
    });
    // The points that answer the pointer stand in the middle of the band, one a window.
    const at = windows.map((_, k) => k).filter((k) => there[k * steps]);
    traces.push({
      ...common, x: at.map((k) => windows[k]), y: at.map((k) => (edges[i].low[k * steps] + edges[i].high[k * steps]) / 2),
      mode: "markers", marker: { size: 6, color: fill, opacity: 0 }, customdata: at.map((k) => human(own[i][k])),
      showlegend: false, meta: { role: "pointer" }, hovertemplate: `%{x}: %{customdata}<extra>${short(band.name)}</extra>`,
    });
  }
  return traces;
}

const TRACES = { lines: lineTraces, bars: barTraces, heat: heatTraces, flow: flowTraces };

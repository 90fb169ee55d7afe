// From data to plotly's traces. Every function gets the suffix of the panel's axes: "", "2", "3", ..

/** The points of a line that are drawn. */
function drawn(values, draw) {
  return draw ? draw.map((i) => values[i]) : values;
}

/** Which colour a line has: of several closed forms each that of the measured line in its place, if there are as many. */
function lineColours(lines) {
  const measured = lines.filter((line) => !line.theory).length;
  const paired = measured > 1 && measured === lines.length - measured;
  let [own, theory] = [0, 0];
  return lines.map((line) => {
    if (!line.theory) return colour(own++);
    theory += 1;
    if (paired) return colour(theory - 1);
    return lines.length - measured === 1 ? styled("text") : colour(measured + theory - 1);
  });
}

function lineTraces(chart, panel, axis, first) {
  const colours = panel.colours ?? lineColours(panel.lines);
  const traces = [];
  // What theory expects is drawn last, so that a broad line does not hide it.
  const order = [...panel.lines.keys()].sort((a, b) => Number(panel.lines[a].theory) - Number(panel.lines[b].theory));
  for (const i of order) {
    const line = panel.lines[i];
    const x = drawn(chart.xs[line.x], line.draw);
    const common = { type: "scatter", xaxis: "x" + axis, yaxis: "y" + axis, legendgroup: line.name, x };
    if (line.low?.length) traces.push(...bandTraces(line, x, colours[i], common));
    traces.push({
      ...common,
      y: drawn(line.y, line.draw),
      name: short(line.name),
      showlegend: first.fresh(line.name),
      legendrank: 1000 + i,
      // A lone point has no line that could be seen.
      mode: x.length < 2 || line.y.length <= 24 ? "lines+markers" : "lines",
      marker: { size: 5, symbol: line.theory ? "circle-open" : "circle" },
      line: { color: colours[i], width: line.theory ? 1.75 : 2.25, dash: line.theory ? "dash" : "solid" },
      connectgaps: false,
      meta: { role: line.theory ? "theory" : "line", points: line.y.length },
      hovertemplate: `%{y:.5~g}${hoverBand(line)}<extra>${short(line.name)}</extra>`,
      customdata: line.low?.length
        ? drawn(line.low, line.draw).map((low, k) => [human(low), human(drawn(line.high, line.draw)[k])])
        : undefined,
    });
  }
  return traces;
}

function hoverBand(line) {
  return line.low?.length ? "  [%{customdata[0]}, %{customdata[1]}]" : "";
}

/** A band is one closed shape for each stretch without a gap. */
function bandTraces(line, x, color, common) {
  const [low, high] = [drawn(line.low, line.draw), drawn(line.high, line.draw)];
  const [xs, ys] = [[], []];
  let start = 0;
  for (let i = 0; i <= x.length; i++) {
    if (i < x.length && known(low[i]) && known(high[i])) continue;
    if (i > start) {
      const stretch = Array.from({ length: i - start }, (_, k) => start + k);
      if (xs.length) { xs.push(null); ys.push(null); }
      xs.push(...stretch.map((k) => x[k]), ...stretch.toReversed().map((k) => x[k]));
      ys.push(...stretch.map((k) => high[k]), ...stretch.toReversed().map((k) => low[k]));
    }
    start = i + 1;
  }
  return xs.length === 0 ? [] : [{
    ...common, x: xs, y: ys, mode: "lines", fill: "toself", fillcolor: faint(color, 0.2), line: { width: 0 },
    hoverinfo: "skip", showlegend: false, meta: { role: "band" }, name: short(line.name),
  }];
}

const MOST_GROUPS = 60;

function barTraces(chart, panel, axis, first) {
  const colours = lineColours(panel.lines);
  const groups = panel.categories.slice(0, MOST_GROUPS);
  return panel.lines.map((line, i) => {
    const y = line.y.slice(0, MOST_GROUPS);
    const trace = {
      type: "bar", xaxis: "x" + axis, yaxis: "y" + axis, legendgroup: line.name, name: short(line.name),
      showlegend: first.fresh(line.name), x: groups.map(rowName), y,
      marker: line.theory
        ? { color: "rgba(0,0,0,0)", line: { color: colours[i], width: 1.5 },
          pattern: { shape: "/", fgcolor: colours[i], size: 6, solidity: 0.25 } }
        : { color: colours[i] },
      meta: { role: line.theory ? "theory" : "bars", points: line.y.length },
      hovertemplate: `%{x}: %{y:.5~g}<extra>${short(line.name)}</extra>`,
    };
    if (line.low?.length) {
      const away = (ends, sign) => y.map((value, k) => known(value) && known(ends[k]) ? Math.max(0, sign * (ends[k] - value)) : 0);
      trace.error_y = { type: "data", symmetric: false, array: away(line.high, 1), arrayminus: away(line.low, -1),
        thickness: 1.25, width: 3, color: styled("text") };
    }
    return trace;
  });
}

/** A row's label; of long ones the end tells them apart. Labels must stay distinct, or plotly would merge the rows. */
function rowName(row, i, rows) {
  const most = narrow() ? 22 : 28;
  const cutRow = (text) => (text.length > most ? "…" + text.slice(text.length + 1 - most) : text);
  const clash = rows.some((other, k) => k !== i && cutRow(other) === cutRow(row));
  return plain(clash ? row : cutRow(row));
}

function heatTraces(chart, panel, axis, first) {
  const x = drawn(chart.xs[panel.x], panel.draw);
  return [{
    type: "heatmap", xaxis: "x" + axis, yaxis: "y" + axis, x,
    y: panel.rows.map(rowName), z: panel.cells.map((row) => drawn(row, panel.draw)),
    coloraxis: "coloraxis", hoverongaps: false, meta: { role: "heat", points: panel.rows.length * chart.xs[panel.x].length },
    hovertemplate: `%{y}, %{x}: %{z:.5~g}<extra></extra>`, showscale: first.fresh("scale"),
  }];
}

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

function flowTraces(chart, panel, axis, first) {
  const x = drawn(chart.xs[panel.x], panel.draw);
  const bands = panel.bands.map((band) => ({ ...band, y: drawn(band.y, panel.draw) }));
  const edges = nest(bands, x.length);
  const traces = [];
  for (const [i, band] of bands.entries()) {
    // What is zero high has no place, or its line would be drawn along its parent's slices.
    const there = x.map((_, k) => edges[i].high[k] > edges[i].low[k] || edges[i].high[k - 1] > edges[i].low[k - 1]
      || edges[i].high[k + 1] > edges[i].low[k + 1]);
    if (!there.includes(true)) continue;
    const from = there.indexOf(true);
    const to = there.lastIndexOf(true) + 1;
    const [xs, low, high] = [x, edges[i].low, edges[i].high].map((list) => list.slice(from, to));
    const common = { type: "scatter", xaxis: "x" + axis, yaxis: "y" + axis, legendgroup: band.name };
    traces.push({
      ...common, x: [...xs, ...xs.toReversed()], y: [...high, ...low.toReversed()], mode: "lines", fill: "toself",
      fillcolor: faint(colour(i), 0.92), line: { color: styled("ground"), width: 0.6 }, hoverinfo: "skip",
      name: short(band.name), showlegend: first.fresh(band.name), meta: { role: "flow", points: band.y.length },
    });
    // The points that answer the pointer stand in the middle of the band.
    traces.push({
      ...common, x: xs, y: xs.map((_, k) => (low[k] + high[k]) / 2), mode: "markers", marker: { size: 6, color: colour(i), opacity: 0 },
      customdata: band.y.slice(from, to).map(human), showlegend: false, meta: { role: "pointer" },
      hovertemplate: `%{x}: %{customdata}<extra>${short(band.name)}</extra>`,
    });
  }
  return traces;
}

const TRACES = { lines: lineTraces, bars: barTraces, heat: heatTraces, flow: flowTraces };

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

/** Upright bars, or lying ones where their names would not fit below them. */
function barTraces(chart, panel, axis, first, plan) {
  const { lying } = plan;
  const colours = lineColours(panel.lines);
  const groups = panel.categories.slice(0, MOST_GROUPS).map(lying ? barName : rowName);
  const marked = marksTheory(panel);
  const order = [...panel.lines.keys()].sort((a, b) => Number(panel.lines[a].theory) - Number(panel.lines[b].theory));
  return order.map((i) => {
    const line = panel.lines[i];
    const y = line.y.slice(0, MOST_GROUPS);
    const trace = {
      xaxis: "x" + axis, yaxis: "y" + axis, legendgroup: line.name, name: short(line.name), legendrank: 1000 + i,
      showlegend: first.fresh(line.name), x: lying ? y : groups, y: lying ? groups : y,
      meta: { role: line.theory ? "theory" : "bars", points: line.y.length },
      hovertemplate: `%{${lying ? "x" : "y"}:.5~g}<extra>${short(line.name)}</extra>`,
    };
    if (line.theory && marked) {
      return { ...trace, type: "scatter", mode: "markers", cliponaxis: false,
        marker: { symbol: lying ? "line-ns" : "line-ew", size: plan.stroke, color: colours[i], line: { width: 2.5, color: colours[i] } } };
    }
    Object.assign(trace, { type: "bar", orientation: lying ? "h" : "v" });
    trace.marker = line.theory
      ? { color: "rgba(0,0,0,0)", line: { color: colours[i], width: 1.5 },
        pattern: { shape: "/", fgcolor: colours[i], size: 6, solidity: 0.25 } }
      : { color: colours[i] };
    if (line.low?.length) {
      const away = (ends, sign) => y.map((value, k) => known(value) && known(ends[k]) ? Math.max(0, sign * (ends[k] - value)) : 0);
      trace[lying ? "error_x" : "error_y"] = { type: "data", symmetric: false, array: away(line.high, 1),
        arrayminus: away(line.low, -1), thickness: 1.25, width: 2.5, color: styled("text") };
    }
    return trace;
  });
}

/** A line of a lying bar's name has so many letters at most. */
const BAR_NAME = 26;

/** A name on two lines at most. Names must stay distinct, or plotly would merge the bars. */
function barName(name, i, names) {
  const wrapped = (text) => {
    if (text.length <= BAR_NAME) return text;
    const space = text.lastIndexOf(" ", BAR_NAME);
    const at = space > 8 ? space : BAR_NAME;
    const rest = text.slice(at).trim();
    return `${text.slice(0, at)}\n${rest.length > BAR_NAME ? rest.slice(0, BAR_NAME - 1) + "…" : rest}`;
  };
  const clash = names.some((other, k) => k !== i && wrapped(other) === wrapped(name));
  return plain(clash ? name : wrapped(name)).replace("\n", "<br>");
}

/** A single closed form is a mark on the bars that it is about; of several each is a bar beside its own. */
function marksTheory(panel) {
  return panel.lines.filter((line) => line.theory).length === 1;
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

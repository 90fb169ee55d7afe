// How a chart's panels stand, and their axes.

/** A letter of an axis is about so wide, in pixels. */
const LETTER = 6.8;

/** Whether the page is being printed. */
let paper = false;
const PAPER_WIDTH = 680;

/** Columns, rows, and the size of a panel. */
function planned(panels, width) {
  const bars = panels.every((panel) => panel.kind === "bars");
  // Names of rows stand once, left of the first column.
  const longest = Math.max(0, ...panels.flatMap((panel) => (panel.rows ?? panel.categories ?? []).map((name) => name.length)));
  const fit = Math.max(1, Math.floor((width - 80 - Math.min(longest, 28) * LETTER) / 150));
  const columns = narrow() || !sameRows(panels) ? 1 : Math.min(fit, panels.length, panels.length === 4 ? 2 : 3);
  const rows = Math.ceil(panels.length / columns);
  const space = (width - 80) / columns;
  const groups = Math.max(...panels.map((panel) => Math.min(panel.categories?.length ?? 0, MOST_GROUPS)));
  const needed = (panel) => Math.max(0, ...panel.categories.map((name) => Math.min(name.length, 28) * LETTER + 10)) * panel.categories.length;
  const lying = bars && panels.some((panel) => needed(panel) > space);
  let height = panels.length > 1 ? 240 : 320;
  if (lying) {
    const thick = Math.max(...panels.map((panel) => panel.lines.filter((line) => !line.theory || !marksTheory(panel)).length));
    const lines = panels.some((panel) => panel.categories.some((name) => name.length > BAR_NAME)) ? 30 : 20;
    height = Math.max(110, groups * Math.max(lines, thick > 1 ? 8 + 9 * thick : 0));
  } else if (panels.every((panel) => panel.kind === "heat")) {
    const tallest = Math.max(...panels.map((panel) => panel.rows.length));
    // On paper a picture cannot be taller than a sheet.
    height = Math.max(120, Math.min(paper ? 760 / rows : 1400, tallest * (tallest > 30 ? 14 : 18)));
  }
  // How long the stroke is that marks theory on a bar.
  const stroke = Math.max(8, Math.min(48, (0.62 * (lying ? height : space)) / Math.max(1, groups)));
  return { columns, rows, space, lying, height, stroke };
}

/** What a plot looks like, whatever is in it. */
function plainLayout() {
  return {
    paper_bgcolor: styled("ground"),
    plot_bgcolor: styled("ground"),
    font: { color: styled("text"), size: narrow() ? 11 : 12, family: getComputedStyle(document.body).fontFamily },
    hoverlabel: { bgcolor: styled("raised"), bordercolor: styled("line"), font: { color: styled("text") }, namelength: 40 },
    dragmode: touch() ? false : "zoom",
    modebar: { orientation: "h", bgcolor: "rgba(0,0,0,0)", color: styled("quiet"), activecolor: styled("link") },
  };
}

/** Room above a plot: more where plotly's buttons are there all the time and not only under a pointer. */
function topRoom() {
  return matchMedia("(hover: hover)").matches ? 12 : 36;
}

/** What an axis looks like. */
function plainAxis() {
  return { gridcolor: styled("grid"), zerolinecolor: styled("line"), linecolor: styled("quiet"), automargin: true };
}

function chartLayout(chart, panels, plan, traces, view) {
  const { columns, rows, lying } = plan;
  const shown = traces.filter((trace) => trace.showlegend && trace.type !== "heatmap");
  const heat = panels.some((panel) => panel.kind === "heat");
  const titled = panels.length > 1 || panels[0].title;
  const named = panels.map((panel) => panel.title ?? (panels.length > 1 ? pointName(panel.point) : null));
  const legendRows = shown.length > 1 ? legendHeight(shown, plan.space * columns + 80) : 0;
  const margin = { l: 58, r: 16, t: topRoom() + (titled ? 22 : 8), b: 50 + legendRows };
  const between = 76;
  const inner = rows * plan.height + (rows - 1) * between;
  const layout = {
    ...plainLayout(),
    height: inner + margin.t + margin.b,
    margin,
    barmode: "group",
    bargap: lying ? 0.3 : 0.25,
    hovermode: lying ? "y unified" : panels.every((panel) => panel.kind === "lines" || panel.kind === "bars") ? "x unified" : "closest",
    showlegend: shown.length > 1,
    legend: { orientation: "h", x: 0, xanchor: "left", yref: "container", y: 0, yanchor: "bottom", font: { size: 12 },
      itemwidth: 30, bgcolor: "rgba(0,0,0,0)", tracegroupgap: 0 },
    annotations: [],
    uirevision: view,
  };
  const span = heat ? null : sharedRange(panels, chart);
  const range = panels.length > 1 ? span : null;
  // What is shared is written once: the values' axis left of the first column, names of rows as well.
  const once = columns > 1 && (heat || lying || range !== null);
  const gap = { x: columns > 1 ? (once ? 0.03 : 0.075) : 0, y: rows > 1 ? between / inner : 0 };
  const size = { x: (1 - gap.x * (columns - 1)) / columns, y: (1 - gap.y * (rows - 1)) / rows };
  for (const [i, panel] of panels.entries()) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const left = column * (size.x + gap.x);
    const bottom = 1 - (row + 1) * size.y - row * gap.y;
    const suffix = i ? String(i + 1) : "";
    const { x, y } = panelAxes(chart, panel, i, suffix, { range, span, lying, height: plan.height, first: panels[0] });
    // Only the outermost panels name their axes, where all share them; of names that would run into each other, one.
    const last = i + columns >= panels.length;
    const fits = x.title.text.length * LETTER < plan.space * size.x * columns;
    if (!last || !(fits || column === Math.floor((columns - 1) / 2))) x.title = undefined;
    if (column > 0) Object.assign(y, { title: undefined, showticklabels: !once });
    layout["xaxis" + suffix] = { ...x, domain: [left, left + size.x] };
    layout["yaxis" + suffix] = { ...y, domain: [bottom, bottom + size.y] };
    const note = { showarrow: false, xref: `x${suffix} domain`, yref: `y${suffix} domain` };
    if (named[i]) {
      layout.annotations.push({ ...note, text: `<b>${endOf(named[i], Math.floor((plan.space * size.x * columns) / (LETTER + 1)))}</b>`, x: 0, xanchor: "left", y: 1, yanchor: "bottom", yshift: 3 });
    }
    if (isEmpty(panel)) layout.annotations.push({ ...note, text: "no data", x: 0.5, y: 0.5, font: { color: styled("quiet") } });
  }
  if (heat) layout.coloraxis = heatScale(panels);
  return layout;
}

/** The title of an axis. A unit that the label names is not repeated. */
function axisTitle(axis) {
  const said = axis.unit && axis.label.toLowerCase().includes(axis.unit.toLowerCase());
  return { text: short(said ? axis.label : withUnit(axis), 60), standoff: 8 };
}

function panelAxes(chart, panel, i, suffix, { range, span, lying, height, first }) {
  const x = { ...plainAxis(), anchor: "y" + suffix, title: axisTitle(chart.x), type: chart.x.log ? "log" : "linear" };
  const y = { ...plainAxis(), anchor: "x" + suffix, title: axisTitle(chart.y), type: chart.y.log ? "log" : "linear",
    exponentformat: "SI", separatethousands: true };
  if (lying) [x.title, y.title] = [y.title, x.title];
  const values = lying ? x : y;
  const names = lying ? y : x;
  if (lying) Object.assign(values, { type: chart.y.log ? "log" : "linear", exponentformat: "SI", separatethousands: true });
  if (values.type === "log") values.dtick = decadeTicks(span);
  if (names.type === "log") {
    const xs = chart.xs.flat().filter((at) => at > 0).map(Math.log10);
    names.dtick = decadeTicks(xs.length ? [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))] : null);
  }
  if (i && panel.kind === first.kind) names.matches = lying ? "y" : "x";
  if (panel.kind === "bars") {
    Object.assign(names, { type: "category", showgrid: false, ...(lying ? { autorange: "reversed" } : {}) });
    if (!chart.y.log) values.rangemode = "tozero";
  }
  if (panel.kind === "heat") {
    Object.assign(y, { type: "category", autorange: "reversed", showgrid: false, tickfont: { size: 11 },
      dtick: height / panel.rows.length >= 11 ? 1 : undefined });
    x.showgrid = false;
  }
  if (panel.kind === "flow") {
    const xs = chart.xs[panel.x];
    Object.assign(y, { showgrid: false, rangemode: "tozero", range: span ?? undefined });
    Object.assign(x, { showgrid: false, range: xs.length > 1 && x.type === "linear" ? [xs[0], xs[xs.length - 1]] : undefined });
  }
  if (range && panel.kind !== "heat") {
    values.range = range;
    if (i) values.matches = lying ? "x" : "y";
  }
  return { x, y };
}

/** A decade has room for a few numbers (1, 2, 5), and many decades for one each. */
function decadeTicks(span) {
  return span && span[1] - span[0] <= 2.5 ? "D2" : 1;
}

/** Whether a panel has nothing to draw. */
function isEmpty(panel) {
  if (panel.kind === "heat") return !panel.cells.some((row) => row.some(known));
  if (panel.kind === "flow") return !panel.bands.some((band) => band.y.some((y) => y > 0));
  return !panel.lines.some((line) => line.y.some(known));
}

/** Whether the panels' rows have the same names, so that panels side by side need them once. */
function sameRows(panels) {
  const names = (panel) => JSON.stringify(panel.rows ?? panel.categories ?? []);
  return panels.every((panel) => names(panel) === names(panels[0]));
}

/** About how high the legend becomes: plotly makes all its columns as wide as the longest name. */
function legendHeight(shown, width) {
  const longest = Math.max(...shown.map((trace) => trace.name.length));
  const columns = Math.max(1, Math.floor((width - 74) / (50 + 6 * longest)));
  return 20 * Math.ceil(shown.length / columns) + 14;
}

/** One range for all panels' y axes, so that they can be compared. */
function sharedRange(panels, chart) {
  if (panels.every((panel) => panel.kind === "flow")) return chart.y.log ? null : [0, flowTop(chart, panels).top || 1];
  let [low, high] = [Infinity, -Infinity];
  const log = chart.y.log;
  const see = (value) => {
    if (!known(value) || (log && value <= 0)) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const panel of panels) {
    if (panel.kind === "bars" && !log) see(0);
    for (const line of panel.lines ?? []) {
      for (const list of [line.y, line.low ?? [], line.high ?? []]) list.forEach(see);
    }
  }
  if (low > high) return null;
  if (log) [low, high] = [Math.log10(low), Math.log10(high)];
  const room = (high - low) * 0.05 || Math.abs(high) * 0.1 || 1;
  return [low === 0 && !log ? 0 : low - room, high + room];
}

function heatScale(panels) {
  const value = panels.find((panel) => panel.kind === "heat").value;
  return { colorscale: "Viridis", colorbar: { title: { text: axisTitle(value).text, side: "right" }, thickness: 12, outlinewidth: 0,
    lenmode: "pixels", len: 200, y: 1, yanchor: "top", xpad: 6 } };
}

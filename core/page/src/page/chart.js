// A chart: its controls, its layout, and when it is drawn.

/** Remembers which names have stood in the legend. */
class Legend {
  #seen = new Set();
  fresh(name) {
    const fresh = !this.#seen.has(name);
    this.#seen.add(name);
    return fresh;
  }
}

const DOWNLOAD_SVG = {
  name: "svg",
  title: "Download as SVG",
  icon: {
    width: 24, height: 24,
    path: "M5 20h14v-2H5v2zM19 9h-4V3H9v6H5l7 7 7-7z",
  },
  click: (plot) => Plotly.downloadImage(plot, { ...plot.imageOptions, format: "svg" }),
};

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.plot = figure.querySelector(".plot");
    this.data = embedded(`${figure.id}-data`);
    // Many panels would be a page of their own; then the first is shown, and the choice is the reader's.
    this.view = this.data.panels.length > 1 && this.data.panels.length <= (narrow() ? 4 : 12) ? "all" : "0";
    this.controls();
  }

  controls() {
    const tools = this.figure.querySelector(".tools");
    const { panels } = this.data;
    if (panels.length > 1) {
      const option = (value, text) => element("option", { value }, text);
      const select = element("select", { onchange: () => { this.view = select.value; this.draw(); } },
        option("all", "all, side by side"),
        element("optgroup", { label: "One of them" }, ...panels.map((panel, i) => option(String(i), pointName(panel.point)))));
      const names = this.commonLines();
      if (names.length) {
        select.append(element("optgroup", { label: "Over all points" },
          ...names.map((name) => option("over:" + name, name))));
      }
      select.value = this.view;
      tools.append(element("label", {}, "Points:", select));
    }
    tools.append(csvButton(this.data.key, () => [...chartRows(this.data)]));
  }

  /** The lines that stand in several panels, so that they can be drawn into one. */
  commonLines() {
    const counts = new Map();
    for (const panel of this.data.panels) {
      if (panel.kind !== "lines") return [];
      for (const line of panel.lines) if (!line.theory) counts.set(line.name, (counts.get(line.name) ?? 0) + 1);
    }
    return [...counts].filter(([, count]) => count > 1).map(([name]) => name).slice(0, 100);
  }

  /** The panels of the chosen view. */
  panels() {
    const { panels } = this.data;
    if (this.view === "all") return panels;
    if (!this.view.startsWith("over:")) return [panels[Number(this.view)]];
    const name = this.view.slice(5);
    const lines = [];
    for (const panel of panels) {
      for (const line of panel.lines) if (line.name === name) lines.push({ ...line, name: pointName(panel.point) });
    }
    return [{ ...panels[0], lines, title: name }];
  }

  draw() {
    const panels = this.panels();
    const columns = narrow() || !sameRows(panels) ? 1 : Math.min(panels.length, panels.length === 4 ? 2 : 3);
    const rows = Math.ceil(panels.length / columns);
    const legend = new Legend();
    const traces = panels.flatMap((panel, i) => TRACES[panel.kind](this.data, panel, i ? String(i + 1) : "", legend));
    const layout = this.layout(panels, columns, rows, traces);
    this.plot.imageOptions = { filename: this.data.key, width: 1000, height: Math.max(500, layout.height), scale: 2 };
    Plotly.react(this.plot, traces, layout, {
      displaylogo: false,
      displayModeBar: true,
      responsive: true,
      toImageButtonOptions: { format: "png", ...this.plot.imageOptions },
      modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
      modeBarButtonsToAdd: [DOWNLOAD_SVG],
    });
    this.below(panels);
    this.drawn = true;
  }

  layout(panels, columns, rows, traces) {
    const shown = traces.filter((trace) => trace.showlegend && trace.type !== "heatmap");
    const rotated = panels.some((panel) => panel.kind === "bars" && panel.categories.length > 4);
    const flat = panels.every((panel) => panel.kind === "heat");
    const tallest = Math.max(...panels.map((panel) => panel.rows?.length ?? 0));
    const panelHeight = flat ? Math.min(640, 190 + 20 * tallest) : (panels.length > 1 ? 290 : 380) + (rotated ? 60 : 0);
    const width = this.plot.clientWidth || 800;
    const legendRows = shown.length > 1 ? legendHeight(shown, width) : 0;
    const top = 34 + (panels.length > 1 || panels[0].title ? 22 : 0);
    const height = rows * panelHeight + top + legendRows;
    const layout = {
      height,
      margin: { l: 64, r: flat ? 20 : 16, t: top, b: 56 + legendRows },
      paper_bgcolor: styled("ground"),
      plot_bgcolor: styled("ground"),
      font: { color: styled("text"), size: narrow() ? 11 : 12, family: getComputedStyle(document.body).fontFamily },
      colorway: PALETTES[theme()],
      barmode: "group",
      bargap: 0.25,
      hovermode: panels.every((panel) => panel.kind === "lines" || panel.kind === "bars") ? "x unified" : "closest",
      hoverlabel: { bgcolor: styled("raised"), bordercolor: styled("line"), font: { color: styled("text") }, namelength: 40 },
      // A finger that drags wants to scroll the page; zooming has its buttons.
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      showlegend: shown.length > 1,
      legend: { orientation: "h", x: 0, xanchor: "left", yref: "container", y: 0, yanchor: "bottom", font: { size: 12 }, itemwidth: 30 },
      modebar: { orientation: "h", bgcolor: "rgba(0,0,0,0)", color: styled("quiet"), activecolor: styled("link") },
      annotations: [],
      uirevision: this.view,
    };
    const gap = { x: columns > 1 ? 0.075 : 0, y: rows > 1 ? 78 / (height - top - 56 - legendRows) : 0 };
    const size = { x: (1 - gap.x * (columns - 1)) / columns, y: (1 - gap.y * (rows - 1)) / rows };
    const range = panels.length > 1 ? sharedRange(panels, this.data) : null;
    for (const [i, panel] of panels.entries()) {
      const [column, row] = [i % columns, Math.floor(i / columns)];
      const left = column * (size.x + gap.x);
      const bottom = 1 - (row + 1) * size.y - row * gap.y;
      const suffix = i ? String(i + 1) : "";
      const axes = this.axes(panel, panels, i, suffix, range);
      // Only the outermost panels name their axes, where all share them.
      const last = i + columns >= panels.length;
      layout["xaxis" + suffix] = { ...axes.x, domain: [left, left + size.x], ...(last ? {} : { title: undefined }) };
      layout["yaxis" + suffix] = { ...axes.y, domain: [bottom, bottom + size.y], ...(column === 0 ? {} : { title: undefined, showticklabels: panel.kind !== "heat" }) };
      const title = panel.title ?? (panels.length > 1 ? pointName(panel.point) : null);
      if (title) {
        layout.annotations.push({ text: `<b>${short(title, 48)}</b>`, showarrow: false, xref: `x${suffix} domain`,
          yref: `y${suffix} domain`, x: 0, xanchor: "left", y: 1, yanchor: "bottom", yshift: 3 });
      }
    }
    if (panels.some((panel) => panel.kind === "heat")) layout.coloraxis = heatScale(panels);
    return layout;
  }

  axes(panel, panels, i, suffix, range) {
    const common = { gridcolor: styled("line"), zerolinecolor: styled("line"), linecolor: styled("quiet"), automargin: true };
    const title = (axis) => ({ title: { text: short(withUnit(axis), 60), standoff: 8 } });
    const x = { ...common, anchor: "y" + suffix, ...title(this.data.x), type: this.data.x.log ? "log" : "linear" };
    const y = { ...common, anchor: "x" + suffix, ...title(this.data.y), type: this.data.y.log ? "log" : "linear",
      exponentformat: "SI", separatethousands: true };
    if (i && panel.kind === panels[0].kind) x.matches = "x";
    if (panel.kind === "bars") x.type = "category";
    if (panel.kind === "heat") {
      Object.assign(y, { type: "category", autorange: "reversed", showgrid: false });
      x.showgrid = false;
    }
    if (panel.kind === "flow") {
      const xs = this.data.xs[panel.x];
      Object.assign(y, { showgrid: false, rangemode: "tozero" });
      Object.assign(x, { showgrid: false, range: xs.length > 1 && !x.type.includes("log") ? [xs[0], xs[xs.length - 1]] : undefined });
    }
    if (panel.kind === "bars" && !this.data.y.log) y.rangemode = "tozero";
    if (range && panel.kind !== "heat") {
      y.range = range;
      if (i) y.matches = "y";
    }
    return { x, y };
  }

  /** What is said below the chart. */
  below(panels) {
    const said = [];
    const points = (pick) => panels.flatMap((panel) => panel.lines ?? [panel]).map(pick).reduce((a, b) => a + b, 0);
    const length = (list) => list.y?.length ?? this.data.xs[list.x]?.length ?? 0;
    const [all, some] = [points(length), points((list) => list.draw?.length ?? length(list))];
    if (some < all) said.push(`Drawn are ${human(some)} of ${counted(all, "point")}.`);
    if (this.data.lean) said.push("This page has only the points that are drawn; the report’s JSON file has all.");
    const groups = Math.max(...panels.map((panel) => panel.categories?.length ?? 0));
    if (groups > MOST_GROUPS) said.push(`Drawn are the first ${MOST_GROUPS} of ${groups} groups; the CSV file has all.`);
    const runs = [...new Set(panels.map((panel) => panel.runs))];
    const banded = panels.some((panel) => panel.lines?.some((line) => line.low?.length));
    if (panels.some((panel) => panel.kind === "flow")) said.push("The first run.");
    else if (runs.length === 1) {
      const what = panels[0].kind === "heat" ? "Mean over" : "Median over";
      said.push(runs[0] === 1 ? "One run." : `${what} ${counted(runs[0], "run")}${banded ? ", with the 95 % bootstrap interval" : ""}.`);
    }
    if (panels.some((panel) => panel.lines?.some((line) => line.theory))) {
      said.push(panels[0].kind === "bars" ? "Hatched: what theory expects." : "Dashed: what theory expects.");
    }
    this.figure.querySelector(".below").textContent = said.join(" ");
  }
}

/** Whether the panels' rows have the same names, so that panels side by side need them once. */
function sameRows(panels) {
  const names = (panel) => JSON.stringify(panel.rows ?? []);
  return panels.every((panel) => names(panel) === names(panels[0]));
}

/** About how high the legend becomes: plotly makes all its columns as wide as the longest name. */
function legendHeight(shown, width) {
  const longest = Math.max(...shown.map((trace) => trace.name.length));
  const columns = Math.max(1, Math.floor((width - 80) / (56 + 6.6 * longest)));
  return 20 * Math.ceil(shown.length / columns) + 14;
}

/** One range for all panels' y axes, so that they can be compared. */
function sharedRange(panels, chart) {
  let [low, high] = [Infinity, -Infinity];
  const log = chart.y.log;
  const see = (value) => {
    if (!known(value) || (log && value <= 0)) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const panel of panels) {
    if (panel.kind === "flow") {
      see(0);
      for (let i = 0; i < chart.xs[panel.x].length; i++) see(panel.bands.reduce((sum, band) => sum + band.y[i], 0));
    }
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
  return { colorscale: "Viridis", colorbar: { title: { text: short(withUnit(value), 30), side: "right" }, thickness: 14, outlinewidth: 0, lenmode: "pixels", len: 240, y: 1, yanchor: "top" } };
}

// A chart: its controls, and when it is drawn.

/** Remembers which names have stood in the legend. */
class Legend {
  #seen = new Set();
  fresh(name) {
    const fresh = !this.#seen.has(name);
    this.#seen.add(name);
    return fresh;
  }
}

/** A finger that drags wants to scroll the page, and finds no buttons that show only under a pointer. */
function touch() {
  return matchMedia("(pointer: coarse)").matches;
}

/** What all charts ask of plotly. Saving has buttons of the page, which work for all charts alike. */
function plotlyConfig() {
  return { displaylogo: false, displayModeBar: touch() ? true : "hover", responsive: true,
    modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d", "autoScale2d"] };
}

/** Buttons that save a plot as a picture, under the title that stands above it on the page. */
function pictureButtons(plot, name, title) {
  const button = (format) => element("button", { type: "button", class: format, title: `Save ${name}.${format}`, onclick: () => {
    const { layout } = plot;
    const margin = { ...layout.margin, t: layout.margin.t + 34 };
    const titled = { ...layout, margin, width: undefined, autosize: false,
      title: { text: `<b>${short(title, 110)}</b>`, x: 0.02, xanchor: "left", y: 1, yanchor: "top", pad: { t: 14 }, font: { size: 15 } } };
    return Plotly.downloadImage({ data: plot.data, layout: titled, config: plotlyConfig() },
      { format, filename: name, width: Math.max(900, plot.clientWidth), height: layout.height + 34, scale: format === "png" ? 2 : 1 });
  } }, format.toUpperCase());
  return [button("svg"), button("png")];
}

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.plot = figure.querySelector(".plot");
    this.data = embedded(`${figure.id}-data`);
    // Many panels would be a page of their own; then the first is shown, and the choice is the reader's.
    const { panels } = this.data;
    const tall = panels.some((panel) => panel.kind !== "lines");
    const most = narrow() ? 2 : tall ? 4 : 12;
    this.view = panels.length > 1 && panels.length <= most ? "all" : "0";
    this.controls();
  }

  controls() {
    const tools = this.figure.querySelector(".tools");
    const { panels, key, title } = this.data;
    if (panels.length > 1) {
      const option = (value, text) => element("option", { value }, text);
      const select = element("select", { onchange: () => { this.view = select.value; this.draw(); } },
        option("all", `all ${panels.length} points`),
        element("optgroup", { label: "One of them" }, ...panels.map((panel, i) => option(String(i), pointName(panel.point)))));
      const names = this.commonLines();
      if (names.length) {
        select.append(element("optgroup", { label: "One line, over all points" },
          ...names.map((name) => option("over:" + name, name))));
      }
      select.value = this.view;
      tools.append(element("label", {}, "Show", select));
    }
    const synthetic = panels.some((panel) => panel.synthetic) ? " (synthetic scores)" : "";
    tools.append(element("span", { class: "saves" }, csvButton(key, () => [...chartRows(this.data)]),
      ...pictureButtons(this.plot, key, title + synthetic)));
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
    const plan = planned(panels, paper ? PAPER_WIDTH : this.plot.clientWidth || 800);
    const legend = new Legend();
    const traces = panels.flatMap((panel, i) =>
      TRACES[panel.kind](this.data, panel, i ? String(i + 1) : "", legend, plan));
    Plotly.react(this.plot, traces, chartLayout(this.data, panels, plan, traces, this.view), plotlyConfig());
    this.below(panels);
    this.drawn = true;
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
    if (panels.some((panel) => panel.kind === "flow")) {
      const joined = panels.some((panel) => smoothed(drawn(this.data.xs[panel.x], panel.draw), []).steps > 1);
      said.push("The first run.", joined ? "Between windows, edges are interpolated." : "",
        flowTop(this.data, panels).cut ? "The axis ends below the top of the last band; zoom out to see all of it." : "");
    }
    else if (runs.length === 1) {
      const what = panels[0].kind === "heat" ? "Mean over" : "Median over";
      said.push(runs[0] === 1 ? "One run." : `${what} ${counted(runs[0], "run")}${banded ? ", with the 95 % bootstrap interval" : ""}.`);
    }
    if (panels.some((panel) => panel.lines?.some((line) => line.theory))) {
      const how = panels[0].kind !== "bars" ? "Dashed" : marksTheory(panels[0]) ? "Short strokes" : "Hatched";
      said.push(`${how}: what theory expects.`);
    }
    this.figure.querySelector(".below").textContent = said.filter(Boolean).join(" ");
  }
}


// The lineage explorer.

const MOST_LISTED = 40;
const MOST_DOTS = 3000;

class Explorer {
  constructor(place) {
    this.place = place;
    this.lineage = new Lineage(embedded("explorer-data"));
    const { lineage } = this;
    this.input = element("input", { type: "number", min: 0, step: 1, id: "candidate", inputmode: "numeric" });
    this.message = element("p", { class: "message", role: "alert", hidden: true });
    this.plot = element("div", { class: "plot", role: "img",
      "aria-label": "Scores of the candidates over time; the picked one and its ancestors are joined by a line." });
    this.under = element("p", { class: "detail below" });
    this.details = element("div", { class: "candidate" });
    const form = element("form", {
      class: "tools",
      onsubmit: (event) => { event.preventDefault(); this.pick(this.input.value === "" ? NaN : Number(this.input.value)); },
    }, element("label", {}, "Candidate", this.input), element("button", { type: "submit" }, "Show"));
    if (known(lineage.best)) {
      form.append(element("button", { type: "button", class: "best", onclick: () => this.pick(lineage.best) }, `Best (${lineage.best})`));
    }
    if (lineage.leaders.length) {
      const option = (id) => element("option", { value: id }, `${id}: ${this.score(id)}`);
      const select = element("select", { class: "leaders", onchange: () => { if (select.value) this.pick(Number(select.value)); } },
        element("option", { value: "" }, "pick one"), ...lineage.leaders.map(option));
      form.append(element("label", {}, "Leading donors", select));
    }
    form.append(element("span", { class: "saves" }, csvButton("candidates", () => this.rows()),
      ...pictureButtons(this.plot, "candidates", `Candidates of ${lineage.run}`)));
    place.append(element("p", { class: "detail" }, lineage.run), form, this.message, element("div", { class: "scatter" }, this.plot, this.under), this.details);
  }

  draw() {
    this.drawn = true;
    const { lineage } = this;
    const wanted = Number(/^#candidate=(\d+)$/.exec(location.hash)?.[1] ?? NaN);
    const first = [wanted, this.current, lineage.best, lineage.columns.id[0]].find((id) => known(id) && lineage.has(id));
    if (known(first)) this.pick(first, false);
    else this.details.append(element("p", {}, "No candidate is in this page."));
  }

  pick(id, remember = true) {
    const { lineage } = this;
    const there = known(id) && lineage.has(id);
    this.message.hidden = there;
    if (!there) {
      this.message.textContent = known(id) && lineage.columns.id.length
        ? `Candidate ${id} is not in this page. Ids go up to ${lineage.columns.id.at(-1)}; ${lineage.columns.id.length} of ${lineage.total} candidates are here.`
        : "Type the number of a candidate.";
      return;
    }
    this.current = id;
    this.input.value = id;
    if (remember) history.replaceState(null, "", `#candidate=${id}`);
    const chain = lineage.ancestors(id);
    this.dots(chain);
    this.details.replaceChildren(
      element("h3", {}, `Candidate ${id}`),
      element("div", { class: "columns" },
        element("div", {}, this.facts(id, chain), this.choices(id), this.family(id)),
        element("div", {}, ...this.architecture(id))),
      ...this.ancestry(chain));
    announce(`Candidate ${id}, score ${this.score(id)}.`);
  }

  score(id) {
    const { lineage } = this;
    const value = lineage.get("value", id);
    if (known(value)) return human(value) + (lineage.unit ? ` ${lineage.unit}` : "");
    return lineage.statuses[lineage.get("status", id)] ?? "–";
  }

  /** An id that can be picked, where the page has the candidate. */
  link(id) {
    if (!known(id)) return "–";
    if (!this.lineage.has(id)) return element("span", { title: "not in this page" }, `${id} (not here)`);
    return element("button", { type: "button", class: "link", "data-id": id, onclick: () => {
      this.pick(id);
      this.details.querySelector("h3").scrollIntoView({ block: "nearest" });
    } }, String(id));
  }

  facts(id, chain) {
    const { lineage } = this;
    const get = (column) => lineage.get(column, id);
    const list = element("dl");
    const fact = (name, ...values) => list.append(element("dt", {}, name), element("dd", {}, ...values));
    fact(lineage.score || "score", this.score(id));
    if (lineage.statuses[get("status")] !== "ok") fact("status", lineage.statuses[get("status")] ?? "–");
    fact("parent", this.link(get("parent")));
    if (known(get("parent_b"))) fact("second parent", this.link(get("parent_b")));
    fact("changed", lineage.change(id));
    fact("donor", this.link(get("donor")));
    if (known(get("prefix_layers"))) {
      const all = known(get("layers")) ? ` of ${get("layers")}` : "";
      fact("taken over", `${human(get("prefix_layers"))}${all} layers, ${bytes(get("prefix_bytes"))}`);
    }
    if (known(get("bytes"))) fact("size", bytes(get("bytes")));
    if (known(get("finished"))) fact("finished", duration(get("finished")));
    fact("generations", `${human(chain.length - 1)} back to candidate ${chain.at(-1)}${known(lineage.get("parent", chain.at(-1))) ? ", whose parent is not here" : ""}`);
    fact("descendants", known(get("descendants")) ? human(get("descendants")) : "endless: its lineage is a cycle");
    return list;
  }

  choices(id) {
    const { lineage } = this;
    const choices = lineage.get("choices", id) ?? [];
    if (choices.length === 0) return "";
    const changed = lineage.get("decision", id);
    return element("div", {}, element("h4", {}, "Choices"), element("ul", { class: "choices" }, ...choices.map((choice, i) =>
      element("li", { class: i === changed ? "changed" : null, title: i === changed ? "changed from the parent" : null },
        `${lineage.decisions[i]?.name ?? `decision ${i}`}: ${lineage.option(i, choice)}`))));
  }

  family(id) {
    const list = (title, ids, total) => {
      const by = (a, b) => (this.lineage.get("value", b) ?? -Infinity) - (this.lineage.get("value", a) ?? -Infinity) || a - b;
      const sorted = [...ids].sort(by);
      const left = Math.max(0, total - Math.min(sorted.length, MOST_LISTED));
      return [element("h4", {}, `${title}: ${human(total)}`), sorted.length === 0 ? "" : element("ul", { class: "ids" },
        ...sorted.slice(0, MOST_LISTED).map((child) => element("li", {}, this.link(child), ` ${this.score(child)}`)),
        left ? element("li", { class: "detail" }, `and ${human(left)} more`) : "")];
    };
    const children = this.lineage.offspring.get(id) ?? [];
    const recipients = this.lineage.recipients.get(id) ?? [];
    return element("div", {},
      ...list("Children", children, Math.max(this.lineage.get("children", id) ?? 0, children.length)),
      ...list("Lent weights to, as far as this page knows", recipients, recipients.length));
  }

  ancestry(chain) {
    const { lineage } = this;
    const rows = chain.slice(0, 400).map((id, i) => {
      const [own, before] = [lineage.get("value", id), lineage.get("value", chain[i + 1])];
      const gain = known(own) && known(before) ? (own - before > 0 ? "+" : "") + human(own - before) : "–";
      return element("tr", { class: i === 0 ? "current" : null },
        element("th", { scope: "row" }, this.link(id)), element("td", {}, lineage.change(id)),
        element("td", { class: "number" }, this.score(id)), element("td", { class: "number" }, gain),
        element("td", {}, this.link(lineage.get("donor", id))),
        element("td", { class: "number" }, known(lineage.get("prefix_layers", id)) ? human(lineage.get("prefix_layers", id)) : "–"),
        element("td", { class: "number" }, bytes(lineage.get("prefix_bytes", id))));
    });
    const head = [["Candidate"], ["Changed decision"], ["Score", "number"], ["Gain", "number"], ["Donor"], ["Layers taken over", "number"], ["Bytes taken over", "number"]]
      .map(([text, kind]) => element("th", { scope: "col", class: kind }, text));
    return [element("h4", {}, chain.length > 1 ? `Ancestors, back through ${counted(chain.length - 1, "generation")}` : "No ancestors"),
      element("div", { class: "scroll tall", tabindex: 0, role: "region", "aria-label": "Ancestors" },
        element("table", { class: "ancestors" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)))];
  }

  architecture(id) {
    const { lineage } = this;
    const title = element("h4", {}, "Architecture");
    const found = lineage.architecture(id);
    if (!found) return [title, element("p", { class: "detail" }, "This candidate’s architecture is not in this page.")];
    const shared = found.nodes.filter((node) => node.inherited).length;
    const taken = lineage.get("prefix_layers", id);
    let about = "No donor; all layers were trained from the start.";
    if (known(found.donor) && found.donorKnown) {
      about = `${shared} of ${found.nodes.length} layers are the same as those of donor ${found.donor}.`;
      if (known(taken) && taken < shared) about += ` It took over ${taken} of them.`;
    } else if (known(found.donor)) {
      about = `The architecture of donor ${found.donor} is not in this page, so what it lent is not marked.`;
    }
    const name = `Architecture of candidate ${id}: ${found.nodes.length} layers`;
    return [title,
      element("p", { class: "detail" }, about),
      found.donorKnown
        ? element("p", { class: "detail" }, element("span", { class: "key inherited" }), "\u00a0same as the donor’s", element("span", { class: "key" }), "\u00a0its own")
        : "",
      element("div", { class: "graph", tabindex: 0, role: "region", "aria-label": name }, drawGraph(found.nodes, name))];
  }

  /** Scores over time, with the picked candidate's line. */
  dots(chain) {
    const { lineage } = this;
    const ids = lineage.columns.id;
    const time = lineage.columns.finished.length > 0;
    const [timeName, second] = time ? timeUnit(lineage.columns.finished.reduce((most, at) => Math.max(most, at ?? 0), 0)) : [];
    const x = (id) => (time ? lineage.get("finished", id) / second : id);
    const scored = ids.filter((id) => known(lineage.get("value", id)));
    const step = Math.max(1, Math.ceil(scored.length / MOST_DOTS));
    const shown = scored.filter((_, i) => i % step === 0);
    const dots = (list, extra) => ({
      type: "scatter", x: list.map(x), y: list.map((id) => lineage.get("value", id)), customdata: list,
      hovertemplate: "candidate %{customdata}: %{y:.5~g}<extra></extra>", ...extra,
    });
    const range = scoreRange(scored.map((id) => lineage.get("value", id)));
    const lower = range ? scored.filter((id) => lineage.get("value", id) < range[0]).length : 0;
    this.under.textContent = lower ? `${counted(lower, "candidate")} lie${lower === 1 ? "s" : ""} lower; zoom out to see ${lower === 1 ? "it" : "them"}.` : "";
    const line = chain.filter((id) => known(lineage.get("value", id)));
    Plotly.react(this.plot, [
      dots(shown, { mode: "markers", name: "candidates", marker: { size: 4, color: faint(colour(0), 0.45) } }),
      dots(line, { mode: "lines+markers", name: "ancestors", line: { color: colour(1), width: 1.5 }, marker: { size: line.length > 150 ? 3 : 6, color: colour(1) } }),
      dots(line.slice(0, 1), { mode: "markers", name: "picked", marker: { size: 12, color: colour(1), symbol: "diamond", line: { color: styled("text"), width: 1.5 } } }),
    ], {
      ...plainLayout(), height: 320, margin: { l: 60, r: 16, t: topRoom() + 4, b: 48 }, showlegend: false, hovermode: "closest",
      xaxis: { ...plainAxis(), title: { text: time ? `finished [${timeName}]` : "candidate" } },
      yaxis: { ...plainAxis(), ...(range ? { range } : {}), title: { text: short(withUnit({ label: (lineage.score || "score").length > 30 ? "score" : lineage.score || "score", unit: lineage.unit })) } },
      uirevision: "same",
    }, plotlyConfig());
    if (!this.listening) {
      this.listening = true;
      this.plot.on("plotly_click", ({ points }) => this.pick(points[0].customdata));
    }
  }

  rows() {
    const { columns, statuses, decisions } = this.lineage;
    const names = Object.keys(columns).filter((name) => name !== "choices" && columns[name].length);
    const titles = { value: this.lineage.score || "score", finished: "finished_s", decision: "changed_decision", from: "changed_from", to: "changed_to" };
    const head = [...names.map((name) => titles[name] ?? name), ...decisions.map((decision) => decision.name)];
    return [head, ...columns.id.map((_, row) => [
      ...names.map((name) => (name === "status" ? statuses[columns.status[row]] : columns[name][row])),
      ...decisions.map((_, i) => (known(columns.choices[row][i]) ? this.lineage.option(i, columns.choices[row][i]) : null)),
    ])];
  }
}

/** Where a few scores are so low that all others would be one line: a range without the lowest 2 %, or null. */
function scoreRange(scores) {
  const sorted = [...scores].sort((a, b) => a - b);
  const [least, low, high] = [sorted[0], sorted[Math.floor(sorted.length / 50)], sorted[sorted.length - 1]];
  if (sorted.length < 50 || low - least <= high - low) return null;
  return [low - 0.08 * (high - low), high + 0.08 * (high - low)];
}

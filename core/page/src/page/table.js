// Tables: the first rows, sorted as the reader likes.

const FIRST_ROWS = 10;

class DataTable {
  constructor(section) {
    this.section = section;
    this.data = embedded(`${section.id}-data`);
    this.panel = 0;
    this.sort = null;
    this.all = false;
    this.controls();
  }

  controls() {
    const tools = this.section.querySelector(".tools");
    const { panels, name, columns } = this.data;
    if (panels.length > 1) {
      const select = element("select", { onchange: () => { this.panel = Number(select.value); this.draw(); } },
        ...panels.map((panel, i) => element("option", { value: i }, pointName(panel.point))));
      tools.append(element("label", {}, "Show", select));
    }
    this.more = element("button", { type: "button", onclick: () => { this.all = !this.all; this.draw(); } });
    tools.append(element("span", { class: "saves" }, csvButton(name, () => [
      ["point", ...columns],
      ...panels.flatMap((panel) => panel.rows.map((row) => [pointName(panel.point), ...row])),
    ])), this.more);
  }

  draw() {
    const { columns, panels } = this.data;
    const rows = [...(panels[this.panel]?.rows ?? [])];
    if (this.sort) rows.sort((a, b) => this.sort.sign * compare(a[this.sort.column], b[this.sort.column], this.sort.sign));
    const numeric = columns.map((_, i) => rows.some((row) => typeof row[i] === "number")
      && rows.every((row) => typeof row[i] !== "string"));
    const shown = this.all ? rows : rows.slice(0, FIRST_ROWS);
    this.more.hidden = rows.length <= FIRST_ROWS;
    this.more.textContent = this.all ? `First ${FIRST_ROWS} rows` : `All ${human(rows.length)} rows here`;
    const head = columns.map((column, i) => element("th", {
      scope: "col",
      class: numeric[i] ? "number" : null,
      "aria-sort": this.sort?.column === i ? (this.sort.sign > 0 ? "ascending" : "descending") : null,
    }, element("button", { type: "button", title: "Sort", onclick: () => this.sortBy(i) }, column)));
    const cell = (value, i) => element(i === 0 ? "th" : "td",
      { scope: i === 0 ? "row" : null, class: numeric[i] ? "number" : null, title: typeof value === "number" ? value : null },
      typeof value === "number" ? (isName(columns[i], value) ? String(value) : human(value)) : known(value) ? value : "–");
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...shown.map((row) => element("tr", {}, ...row.slice(0, columns.length).map(cell)))));
    const place = this.section.querySelector(".rows");
    place.replaceChildren(rows.length === 0 ? element("p", {}, "No rows.")
      : element("div", { class: "scroll tall", tabindex: 0, role: "region", "aria-label": this.data.title }, table));
    if (this.focus !== undefined) place.querySelectorAll("th button")[this.focus]?.focus();
    this.focus = undefined;
    this.drawn = true;
  }

  sortBy(column) {
    const again = this.sort?.column === column;
    this.sort = { column, sign: again ? -this.sort.sign : 1 };
    this.focus = column;
    this.draw();
    announce(`Sorted by ${this.data.columns[column]}, ${this.sort.sign > 0 ? "ascending" : "descending"}.`);
  }
}

/** Ids are names, not quantities: they have no separators. */
function isName(column, value) {
  return Number.isInteger(value) && /\b(id|candidate|donor|parent|child|ancestor|replicate|seed|descendant of)\b/i.test(column)
    && !/count|number|share|\[/i.test(column);
}

/** Numbers before words; what is missing comes last, whichever way it is sorted. */
function compare(a, b, sign) {
  if (!known(a) || !known(b)) return sign * (Number(!known(a)) - Number(!known(b)));
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a.localeCompare(b, "en", { numeric: true });
}

// Puts the page together.

const page = embedded("page-data");

function pointName(point) {
  return page.points[point] ?? `point ${point + 1}`;
}

/** Everything that is drawn when it comes into view. */
const parts = new Map();

function draw(part) {
  try {
    part.draw();
  } catch (error) {
    // One part that fails leaves the others alone, and the page says which.
    console.error(error);
    const place = part.plot ?? part.details ?? part.section;
    place?.replaceChildren(element("p", { class: "failed" }, `This part of the page cannot be drawn: ${error.message}`));
    part.drawn = true;
  }
}

function drawAll() {
  for (const [place, part] of parts) if (!part.drawn && place.open !== false) draw(part);
}

function redraw() {
  for (const part of parts.values()) if (part.drawn) draw(part);
}

function start() {
  for (const figure of document.querySelectorAll("figure.chart")) parts.set(figure, new Chart(figure));
  for (const table of document.querySelectorAll("details.table")) {
    parts.set(table, new DataTable(table));
    table.addEventListener("toggle", () => { if (table.open && !parts.get(table).drawn) draw(parts.get(table)); });
  }
  const explorer = document.querySelector(".explorer");
  if (explorer) parts.set(explorer, new Explorer(explorer));
  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      if (!parts.get(target).drawn) draw(parts.get(target));
    }
  }, { rootMargin: "600px" });
  // A closed table is drawn when it is opened.
  for (const place of parts.keys()) if (place.open === undefined) watcher.observe(place);
}

/** Marks the contents' entry of what is being read, whose parts are listed below it. */
function follow() {
  const links = [...document.querySelectorAll("nav a")];
  const heads = links.map((link) => document.getElementById(link.hash.slice(1)));
  const mark = () => {
    const line = innerHeight * 0.3;
    // The last one that begins above the line.
    const at = heads.findLastIndex((head) => head && head.getBoundingClientRect().top < line);
    const here = links[Math.max(0, at)];
    for (const link of links) {
      link.toggleAttribute("aria-current", link === here);
      link.parentElement.classList.toggle("open", link.parentElement.contains(here));
    }
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();
}

/** Whoever follows a link to a folded table wants to see it. */
function unfold() {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (target?.matches("details")) target.open = true;
}

function storage(action) {
  // A page that was opened from a file may have no storage.
  try { return action(localStorage); } catch { return null; }
}

function themes() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  let chosen = storage((store) => store.getItem("lamarck-theme"));
  const apply = (which) => {
    document.documentElement.dataset.theme = which;
    button.textContent = which === "dark" ? "Light page" : "Dark page";
  };
  const preferred = () => (chosen === "dark" || chosen === "light" ? chosen : dark.matches ? "dark" : "light");
  apply(preferred());
  button.hidden = false;
  button.onclick = () => {
    chosen = theme() === "dark" ? "light" : "dark";
    storage((store) => store.setItem("lamarck-theme", chosen));
    apply(chosen);
    redraw();
  };
  dark.addEventListener("change", () => { apply(preferred()); redraw(); });
  // Paper is white and as wide as paper; what was not yet looked at is drawn for it.
  let before;
  let folded = [];
  addEventListener("beforeprint", () => {
    before = theme();
    // Findings are printed whole; tables as the reader left them.
    folded = [...document.querySelectorAll("details.more:not([open]), details.runs:not([open]), details.study:not([open])")];
    for (const details of folded) details.open = true;
    apply("light");
    paper = true;
    drawAll();
    redraw();
    for (const plot of document.querySelectorAll(".js-plotly-plot")) Plotly.relayout(plot, { width: PAPER_WIDTH });
  });
  addEventListener("afterprint", () => {
    apply(before);
    paper = false;
    for (const details of folded) details.open = false;
    for (const plot of document.querySelectorAll(".js-plotly-plot")) Plotly.relayout(plot, { width: null, autosize: true });
    redraw();
  });
}

let width = document.documentElement.clientWidth < 640;
addEventListener("resize", () => {
  // Plotly fits charts to their width; only the number of columns is ours.
  if (width !== narrow()) {
    width = narrow();
    redraw();
  }
});

themes();
start();
follow();
unfold();
addEventListener("hashchange", unfold);

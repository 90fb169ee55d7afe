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
  for (const part of parts.values()) if (!part.drawn) draw(part);
}

function redraw() {
  for (const part of parts.values()) if (part.drawn) draw(part);
}

function start() {
  for (const figure of document.querySelectorAll("figure.chart")) parts.set(figure, new Chart(figure));
  for (const section of document.querySelectorAll("section.table")) parts.set(section, new DataTable(section));
  const explorer = document.querySelector(".explorer");
  if (explorer) parts.set(explorer, new Explorer(explorer));
  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      if (!parts.get(target).drawn) draw(parts.get(target));
    }
  }, { rootMargin: "600px" });
  for (const place of parts.keys()) watcher.observe(place);
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
  addEventListener("beforeprint", () => {
    before = theme();
    apply("light");
    drawAll();
    redraw();
    for (const plot of document.querySelectorAll(".js-plotly-plot")) Plotly.relayout(plot, { width: 680 });
  });
  addEventListener("afterprint", () => {
    apply(before);
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

// CSV files, made on the spot from the data in the page (RFC 4180).

function csv(rows) {
  const cell = (value) => {
    if (!known(value)) return "";
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function save(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has its own hold on the data once the download began.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A button that saves rows, which are made when it is pressed. */
function csvButton(name, rows, label = "CSV") {
  const attributes = { type: "button", class: "csv", title: `Save ${name}.csv` };
  return element("button", {
    ...attributes,
    onclick: () => save(`${name}.csv`, csv(rows()), "text/csv;charset=utf-8"),
  }, label);
}

/** All points of a chart, one a row. */
function* chartRows(chart) {
  const [x, y] = [withUnit(chart.x) || "x", withUnit(chart.y) || "y"];
  const kinds = new Set(chart.panels.map((panel) => panel.kind));
  // The panels of a chart are of one kind; should they not be, each kind has its own header.
  for (const kind of kinds) {
    yield { lines: ["point", "series", "theory", x, y, "low", "high"],
      bars: ["point", x || "group", "series", "theory", y, "low", "high"],
      heat: ["point", y || "row", x, withUnit(chart.panels.find((p) => p.kind === "heat")?.value ?? chart.y) || "value"],
      flow: ["point", "band", "descends from", x, y] }[kind];
    for (const panel of chart.panels) {
      if (panel.kind === kind) yield* panelRows(chart, panel);
    }
  }
}

function* panelRows(chart, panel) {
  const point = pointName(panel.point);
  const xs = chart.xs[panel.x];
  if (panel.kind === "lines") {
    for (const line of panel.lines) {
      for (let i = 0; i < line.y.length; i++) {
        yield [point, line.name, line.theory, chart.xs[line.x][i], line.y[i], line.low?.[i], line.high?.[i]];
      }
    }
  } else if (panel.kind === "bars") {
    for (const [i, category] of panel.categories.entries()) {
      for (const line of panel.lines) {
        yield [point, category, line.name, line.theory, line.y[i], line.low?.[i], line.high?.[i]];
      }
    }
  } else if (panel.kind === "heat") {
    for (const [i, row] of panel.rows.entries()) {
      for (const [j, x] of xs.entries()) yield [point, row, x, panel.cells[i][j]];
    }
  } else {
    for (const band of panel.bands) {
      const parent = known(band.parent) ? panel.bands[band.parent].name : null;
      for (const [i, x] of xs.entries()) yield [point, band.name, parent, x, band.y[i]];
    }
  }
}

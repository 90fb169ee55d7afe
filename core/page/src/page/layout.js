// Draws a layer graph: a layered layout (Sugiyama, Tagawa and Toda 1981, doi 10.1109/TSMC.1981.4308636) as SVG.

const BOX = { width: 150, height: 36, gapX: 18, gapY: 26, lane: 14 };

/**
 * Where everything stands. `nodes` have `inputs`, positions of earlier nodes. A node's row is its longest path from an
 * input; an edge that passes rows gets a lane in each of them, so that it does not cross boxes; within a row, order
 * follows the average place of the neighbours, swept down and up.
 */
function layered(nodes) {
  const rank = [];
  for (const [i, node] of nodes.entries()) rank[i] = node.inputs.reduce((most, input) => Math.max(most, rank[input] + 1), 0);
  // Inputs without inputs of their own stand right above their first consumer, not at the very top.
  const consumers = nodes.map(() => []);
  for (const [i, node] of nodes.entries()) for (const input of new Set(node.inputs)) consumers[input].push(i);
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (nodes[i].inputs.length === 0 && consumers[i].length) rank[i] = Math.min(...consumers[i].map((c) => rank[c])) - 1;
  }
  const spots = nodes.map((_, i) => ({ node: i, row: rank[i], width: BOX.width, up: [], down: [] }));
  const edges = [];
  for (const [i, node] of nodes.entries()) {
    for (const input of new Set(node.inputs)) {
      const path = [spots[input]];
      for (let row = rank[input] + 1; row < rank[i]; row++) {
        const lane = { row, width: BOX.lane, up: [], down: [] };
        spots.push(lane);
        path.push(lane);
      }
      path.push(spots[i]);
      for (let k = 1; k < path.length; k++) {
        path[k - 1].down.push(path[k]);
        path[k].up.push(path[k - 1]);
      }
      edges.push(path);
    }
  }
  const rows = [];
  for (const spot of spots) (rows[spot.row] ??= []).push(spot);
  for (const row of rows) place(row);
  for (let sweep = 0; sweep < 6; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : rows.toReversed()) {
      for (const spot of row) {
        const near = down ? spot.up : spot.down;
        spot.wish = near.length ? near.reduce((sum, other) => sum + other.x, 0) / near.length : spot.x;
      }
      row.sort((a, b) => a.wish - b.wish);
      place(row);
      // The row as a whole moves to where its spots want to be.
      const shift = row.reduce((sum, spot) => sum + spot.wish - spot.x, 0) / row.length;
      for (const spot of row) spot.x += shift;
    }
  }
  const left = Math.min(...spots.map((spot) => spot.x - spot.width / 2));
  for (const spot of spots) {
    spot.x += BOX.gapX - left;
    spot.y = BOX.gapY / 2 + spot.row * (BOX.height + BOX.gapY) + BOX.height / 2;
  }
  return {
    spots: spots.slice(0, nodes.length),
    edges,
    width: Math.max(...spots.map((spot) => spot.x + spot.width / 2)) + BOX.gapX,
    height: rows.length * (BOX.height + BOX.gapY),
  };
}

/** Side by side, in their order, around zero. */
function place(row) {
  const width = row.reduce((sum, spot) => sum + spot.width + BOX.gapX, -BOX.gapX);
  let x = -width / 2;
  for (const spot of row) {
    spot.x = x + spot.width / 2;
    x += spot.width + BOX.gapX;
  }
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (known(value)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function cut(text, most) {
  return text.length > most ? text.slice(0, most - 1) + "…" : text;
}

/** A label that fits a box: without the names of its values where there is no room for them. */
function brief(label) {
  const most = 24;
  const values = label.replace(/(^| )[^ =]+=/g, (_, before) => (before ? " · " : ""));
  return label.length <= most ? label : cut(values, most);
}

/** The drawing. `nodes`: class, label, parameters, inputs, inherited. */
function drawGraph(nodes, name) {
  const { spots, edges, width, height } = layered(nodes);
  // It shrinks to the room there is, though not below what can be read; then its box scrolls.
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name,
    style: `width: min(${width}px, max(100%, ${Math.round(width * 0.7)}px)); height: auto;` });
  for (const path of edges) {
    const [first, last] = [path[0], path[path.length - 1]];
    let line = `M${first.x} ${first.y + BOX.height / 2}`;
    let [x, y] = [first.x, first.y + BOX.height / 2];
    for (const spot of path.slice(1)) {
      const top = spot.y - BOX.height / 2 + (spot === last ? 0 : BOX.height / 4);
      const middle = (y + top) / 2;
      line += ` C${x} ${middle} ${spot.x} ${middle} ${spot.x} ${top}`;
      if (spot !== last) line += ` V${top + BOX.height / 2}`;
      [x, y] = [spot.x, top + (spot === last ? 0 : BOX.height / 2)];
    }
    drawing.append(svg("path", { d: line }));
  }
  for (const [i, node] of nodes.entries()) {
    const { x, y } = spots[i];
    const parameters = known(node.parameters) ? `${human(node.parameters)} parameters` : "";
    const about = [node.class, node.label, parameters, node.inherited ? "from the donor" : ""].filter(Boolean).join("\n");
    drawing.append(svg("g", { class: node.inherited ? "inherited" : null },
      svg("title", {}, about),
      svg("rect", { x: x - BOX.width / 2, y: y - BOX.height / 2, width: BOX.width, height: BOX.height, rx: 5 }),
      svg("text", { x, y: y + (node.label ? -2 : 4) }, cut(node.class, 22)),
      svg("text", { x, y: y + 12, class: "small" }, brief(node.label))));
  }
  return drawing;
}

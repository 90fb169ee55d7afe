// The candidates of one run, as the explorer asks for them.

class Lineage {
  constructor(data) {
    Object.assign(this, data);
    this.rows = new Map(data.columns.id.map((id, row) => [id, row]));
    this.offspring = this.index("parent");
    for (const [parent, children] of this.index("parent_b")) {
      this.offspring.set(parent, [...(this.offspring.get(parent) ?? []), ...children]);
    }
    this.recipients = this.index("donor");
    this.starts = this.layerStarts();
  }

  /** A column's value; null where nobody knows. */
  get(column, id) {
    const row = this.rows.get(id);
    return row === undefined ? null : this.columns[column][row] ?? null;
  }

  has(id) {
    return this.rows.has(id);
  }

  index(column) {
    const found = new Map();
    for (const [row, id] of this.columns.id.entries()) {
      const other = this.columns[column][row];
      if (!known(other)) continue;
      if (!found.has(other)) found.set(other, []);
      found.get(other).push(id);
    }
    return found;
  }

  /** From the candidate back to where its line begins, or to where this page does not reach. */
  ancestors(id) {
    const chain = [];
    const seen = new Set();
    for (let next = id; known(next) && this.has(next) && !seen.has(next); next = this.get("parent", next)) {
      chain.push(next);
      seen.add(next);
    }
    return chain;
  }

  /** The changed decision in words. */
  change(id) {
    const decision = this.get("decision", id);
    if (known(decision) && this.decisions[decision]) {
      return `${this.decisions[decision].name}: ${this.option(decision, this.get("from", id))} → ${this.option(decision, this.get("to", id))}`;
    }
    const changed = this.get("changed", id);
    if (known(changed)) return changed === 0 ? "nothing" : counted(changed, "decision");
    return known(this.get("parent", id)) ? "not recorded" : "drawn anew";
  }

  option(decision, choice) {
    if (!known(choice)) return "–";
    return this.decisions[decision]?.options[choice] ?? String(choice);
  }

  /** Where each layer begins in the flat list: its kind, then a number for each input. */
  layerStarts() {
    const starts = [];
    for (let at = 0; at < this.layers.length; at += 1 + this.kinds[this.layers[at]][3]) starts.push(at);
    return starts;
  }

  inputs(layer) {
    const at = this.starts[layer];
    const count = this.kinds[this.layers[at]][3];
    return Array.from({ length: count }, (_, k) => layer - this.layers[at + 1 + k]);
  }

  /** The layers of a candidate, ascending, which is an order in which inputs come first; null where it has none here. */
  layersOf(id) {
    const outputs = this.outputs[this.rows.get(id)];
    if (!outputs) return null;
    const found = new Set();
    const open = [...outputs];
    while (open.length) {
      const layer = open.pop();
      if (found.has(layer)) continue;
      found.add(layer);
      open.push(...this.inputs(layer));
    }
    return [...found].sort((a, b) => a - b);
  }

  /** The graph to draw, and whether what came from the donor is known. */
  architecture(id) {
    const layers = this.layersOf(id);
    if (!layers) return null;
    const donor = this.get("donor", id);
    const donorLayers = known(donor) && this.has(donor) ? this.layersOf(donor) : null;
    const shared = new Set(donorLayers ?? []);
    const place = new Map(layers.map((layer, i) => [layer, i]));
    const nodes = layers.map((layer) => {
      const [name, label, parameters] = this.kinds[this.layers[this.starts[layer]]];
      const inputs = this.inputs(layer).map((input) => place.get(input));
      return { class: name, label, parameters, inputs, inherited: shared.has(layer) };
    });
    return { nodes, donor, donorKnown: donorLayers !== null };
  }
}

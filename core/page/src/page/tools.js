"use strict";
// What all parts use: elements, numbers, colours.

/** An element with attributes and children. Children that are no elements become text, never markup. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick" || name === "onchange" || name === "onsubmit") made[name] = value;
    else if (value === true) made.setAttribute(name, "");
    else if (known(value) && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter(known));
  return made;
}

function known(value) {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

/** The data that stand beside an element in the page. */
function embedded(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** Text for plotly, which takes some markup in labels for markup. */
function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A label of plotly, cut to a length that does not fill the chart. */
function short(text, most = 40) {
  const all = String(text);
  return plain(all.length > most ? all.slice(0, most - 1) + "…" : all);
}

/** A label of plotly, of which the end is kept: it is what tells points of a sweep apart. */
function endOf(text, most) {
  const all = String(text);
  return plain(all.length > most ? "…" + all.slice(all.length + 1 - Math.max(2, most)) : all);
}

/** A number as people read it, four significant digits. The same rule as in number.rs. */
function human(value) {
  if (!known(value) || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const exponent = size === 0 ? 0 : Number(size.toExponential(3).split("e")[1]);
  let text;
  if ((Number.isInteger(size) && size < 1e15) || (exponent >= 3 && exponent < 15)) {
    text = size.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
  } else if (exponent >= -3 && exponent < 3) {
    text = String(Number(size.toFixed(3 - exponent)));
  } else {
    text = String(Number(size.toPrecision(4)).toExponential()).replace("e+", "e");
  }
  return value < 0 ? "−" + text : text;
}

function bytes(value) {
  if (!known(value)) return "–";
  for (const [size, unit] of [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) {
    if (value >= size) return `${human(value / size)} ${unit}`;
  }
  return `${human(value)} B`;
}

/** Virtual time: the unit in which numbers up to `most` seconds are read at ease, and its length in seconds. */
function timeUnit(most) {
  return most > 1e6 ? ["d", 86_400] : most > 2e4 ? ["h", 3600] : ["s", 1];
}

function duration(seconds) {
  const [unit, length] = timeUnit(seconds);
  return `${human(seconds / length)} ${unit}`;
}

function counted(number, what) {
  return `${human(number)} ${what}${number === 1 ? "" : "s"}`;
}

function withUnit(axis) {
  return axis.unit ? `${axis.label} [${axis.unit}]` : axis.label;
}

function narrow() {
  return document.documentElement.clientWidth < 640;
}

/** Reads a message out to whoever cannot see the page change. */
function announce(text) {
  document.getElementById("status").textContent = text;
}

// After Okabe and Ito (jfly.uni-koeln.de/color), darkened on white and lightened on black until each has a contrast of
// 3 to 1 to its ground.
const PALETTES = {
  light: ["#0072b2", "#c44e00", "#00815e", "#b0528b", "#a87000", "#1f8fc4", "#6b4fb5", "#8a5a44", "#5c7c1f", "#666e78"],
  dark: ["#56a8e8", "#f08a4b", "#35c79b", "#e08fc0", "#e6b23c", "#8fd3f5", "#a994f0", "#cf9f8a", "#a9cc5c", "#a4adb8"],
};

function theme() {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

/** The i-th colour. Where the palette is used up it begins again, each time half as near to the ground. */
function colour(i) {
  const palette = PALETTES[theme()];
  const round = Math.floor(i / palette.length) % 3;
  return round === 0 ? palette[i % palette.length] : mixed(palette[i % palette.length], styled("ground"), 1 - 0.5 ** round);
}

function mixed(a, b, share) {
  const part = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
  const blend = (at) => Math.round(part(a, at) * (1 - share) + part(b, at) * share);
  return "#" + [1, 3, 5].map((at) => blend(at).toString(16).padStart(2, "0")).join("");
}

/** A colour of the palette, let through as a band. */
function faint(hex, alpha) {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${parts.join(",")},${alpha})`;
}

/** A colour by its name in the style sheet. */
function styled(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

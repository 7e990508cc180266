// @ts-check
/** All 34 province-level units as tiles; a real map only where the reader's own came with its approval number. */
import { el } from "./dom.js";
import { fixed } from "./format.js";
import { COLOURS, draw, drawing, label, onTint, tint, tintLegend } from "./svg.js";
import { nodeChoice, periodChoice } from "./view-ranking.js";

/** @typedef {import("./store.js").Store} Store */

const SIDE = 66;

/** @param {Store} store @param {HTMLElement} root */
export function mapView(store, root) {
  const node = store.state.node;
  const title = `${store.t("map")} · ${store.name(node)}${store.p.periods.length > 1 ? ` · ${store.state.period}` : ""}`;
  root.append(el("p", {}, store.t("mapTold")), el("div", { class: "bar" }, nodeChoice(store), periodChoice(store)), el("div", { class: "grid2" }, store.figure(title, tiles(store, node, title)), el("div", { id: "map-table" })));
  if (store.p.map) root.append(store.figure(`${title} · GeoJSON`, outlines(store, node, title)), el("p", {}, store.t("approval", { no: store.p.map.approval_no || "–" })));
  const all = store.p.tiles;
  const row = (/** @type {number} */ at) => store.rowOf(all[at].key);
  /** @type {HTMLElement} */ (root.querySelector("#map-table")).append(
    store.table(
      title,
      [
        { title: store.t("unit"), head: true, cell: (at) => store.say(all[at].name) },
        { title: store.t("score"), numeric: true, cell: (at) => valueOf(store, node, row(at)), raw: (at) => (row(at) === undefined ? null : store.now.values[node][/** @type {number} */ (row(at))]) },
        { title: store.t("rank"), numeric: true, cell: (at) => (row(at) === undefined ? "–" : store.now.ranks[node][/** @type {number} */ (row(at))] || "–") },
      ],
      all.map((/** @type {any} */ _, /** @type {number} */ at) => at).sort((/** @type {number} */ a, /** @type {number} */ b) => all[a].code.localeCompare(all[b].code)),
    ),
  );
}

/** @param {Store} store @param {string} node @param {number | undefined} row */
function valueOf(store, node, row) {
  const value = row === undefined ? NaN : store.now.values[node][row];
  return Number.isNaN(value) ? store.t("noData") : fixed(value, Math.min(2, store.items.get(node).decimals));
}

/** Place of a value among the known ones, from 0 to below 1. @param {Store} store @param {string} node */
function placing(store, node) {
  const known = store.rows.map((/** @type {number} */ row) => store.now.values[node][row]).filter((/** @type {number} */ value) => !Number.isNaN(value)).sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
  return (/** @type {number} */ value) => known.filter((/** @type {number} */ one) => one < value).length / Math.max(1, known.length);
}

/** @param {string} id */
function hatching(id) {
  return draw(
    "defs", {},
    draw("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, draw("rect", { width: 8, height: 8, fill: "#eceff2" }), draw("line", { x1: 0, y1: 0, x2: 0, y2: 8, stroke: "#9aa4af", "stroke-width": 3 })),
  );
}

/** @param {Store} store @param {string} node @param {string} title */
function tiles(store, node, title) {
  const place = placing(store, node);
  const columns = Math.max(...store.p.tiles.map((/** @type {any} */ tile) => tile.x)) + 1;
  const rows = Math.max(...store.p.tiles.map((/** @type {any} */ tile) => tile.y)) + 1;
  const marks = [hatching("nodata")];
  for (const tile of store.p.tiles) {
    const row = store.rowOf(tile.key);
    const value = row === undefined ? NaN : store.now.values[node][row];
    const none = Number.isNaN(value);
    const share = none ? 0 : place(value);
    const [x, y] = [tile.x * SIDE, tile.y * SIDE];
    const ink = none ? COLOURS.ink : onTint(share);
    const name = store.state.language === "zh" ? tile.name.zh : tile.name.en;
    marks.push(
      draw(
        "g", { "data-tile": tile.code },
        draw("title", {}, `${name} ${none ? store.t("noData") : fixed(value, 2)}`),
        draw("rect", { x: x + 1.5, y: y + 1.5, width: SIDE - 3, height: SIDE - 3, rx: 4, fill: none ? "url(#nodata)" : tint(share), stroke: COLOURS.grid }),
        ...named(name, x + SIDE / 2, y, ink, none),
        label(x + SIDE / 2, y + SIDE - 16, none ? store.t("noData") : fixed(value, Math.min(1, store.items.get(node).decimals)), { "text-anchor": "middle", fill: ink, "font-size": 12 }),
      ),
    );
  }
  const y = rows * SIDE + 14;
  const legend = tintLegend();
  marks.push(label(4, y + 8, store.t("lower"), { fill: COLOURS.muted }));
  legend.forEach((colour, at) => marks.push(draw("rect", { x: 52 + at * 30, y, width: 28, height: 16, fill: colour, stroke: COLOURS.grid })));
  marks.push(
    label(60 + legend.length * 30, y + 8, store.t("higher"), { fill: COLOURS.muted }),
    draw("rect", { x: 130 + legend.length * 30, y, width: 28, height: 16, fill: "url(#nodata)", stroke: COLOURS.grid }),
    label(164 + legend.length * 30, y + 8, store.t("noData"), { fill: COLOURS.muted }),
  );
  return drawing(columns * SIDE, y + 26, title, ...marks);
}

/** A name on one line or two. @param {string} name @param {number} x @param {number} y @param {string} ink @param {boolean} none */
function named(name, x, y, ink, none) {
  const words = name.split(" ");
  const size = /^[\x20-\x7e]+$/.test(name) ? (Math.max(...words.map((word) => word.length)) > 10 ? 9.5 : 10.5) : 15;
  const look = { "text-anchor": "middle", fill: ink, "font-size": size, "font-weight": none ? 400 : 600 };
  return words.length > 1 ? words.slice(0, 2).map((word, at) => label(x, y + 16 + at * 13, word, look)) : [label(x, y + 24, name, look)];
}

/** @param {Store} store @param {string} node @param {string} title */
function outlines(store, node, title) {
  const place = placing(store, node);
  /** @type {{name: string, code: string, rings: number[][][]}[]} */
  const shapes = store.p.map.areas;
  const points = shapes.flatMap((shape) => shape.rings.flat());
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => mercator(point[1]));
  const extent = (/** @type {number[]} */ list) => list.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, -Infinity]);
  const [[left, right], [bottom, top]] = [extent(xs), extent(ys)];
  const width = 760;
  const scale = width / (right - left);
  const path = (/** @type {number[][]} */ ring) => `M${ring.map(([x, y]) => `${((x - left) * scale).toFixed(1)},${((top - mercator(y)) * scale).toFixed(1)}`).join("L")}Z`;
  const marks = [hatching("nodata-map")];
  for (const shape of shapes) {
    const tile = store.p.tiles?.find((/** @type {any} */ one) => one.code === shape.code || (shape.name && shape.name.startsWith(one.name.zh)));
    const row = tile ? store.rowOf(tile.key) : undefined;
    const value = row === undefined ? NaN : store.now.values[node][row];
    marks.push(draw("path", { d: shape.rings.map(path).join(""), fill: Number.isNaN(value) ? "url(#nodata-map)" : tint(place(value)), stroke: COLOURS.line, "stroke-width": 0.6, "fill-rule": "evenodd" }, draw("title", {}, `${shape.name} ${valueOf(store, node, row)}`)));
  }
  return drawing(width, Math.ceil((top - bottom) * scale), title, ...marks);
}

/** @param {number} latitude */
function mercator(latitude) {
  return (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
}

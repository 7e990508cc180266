// @ts-check
/** One unit: its dimensions among its peers, what it is strong and weak in, and every figure below its score. */
import { choice, el } from "./dom.js";
import { column } from "./decode.js";
import { fixed, medianOf, plainNumber } from "./format.js";
import { COLOURS, cut, draw, drawing, label, textWidth } from "./svg.js";
import { radarChart } from "./charts.js";
import { difference, periodChoice, tierName } from "./view-ranking.js";

/** @typedef {import("./store.js").Store} Store */

const GAPS = 5;

/** @param {Store} store @param {HTMLElement} root */
export function profileView(store, root) {
  const first = store.inOrder(store.p.index.root)[0];
  const row = store.rowOf(store.state.units[0]) ?? first;
  if (row === undefined) return;
  const rootNode = store.p.index.root;
  root.append(el("div", { class: "bar" }, unitChoice(store, row), periodChoice(store), peersChoice(store)), el("h2", {}, store.unit(row)), facts(store, row));
  const peers = store.peers(row);
  const axes = axesOf(store, rootNode);
  const parts = el("div", { class: "grid2" });
  root.append(parts);
  if (axes.length > 2) {
    const title = `${store.unit(row)} · ${store.t("radar")}`;
    parts.append(
      radarChart(store, title, axes, [
        { name: store.unit(row), values: axes.map((item) => store.now.values[item][row]) },
        { name: store.t("peerMedian"), values: axes.map((item) => medianOf(peers.map((one) => store.now.values[item][one]))) },
        { name: store.t("best"), values: axes.map((item) => best(peers.map((one) => store.now.values[item][one]))) },
      ]),
    );
  }
  const points = pointsOf(store, row);
  if (points.length > 1) {
    const title = `${store.unit(row)} · ${store.t("contributions")}`;
    parts.append(el("div", {}, el("p", { class: "muted small" }, store.t("contributionsTold", { name: store.name(rootNode) })), store.figure(title, waterfall(store, points, title))));
  }
  const gaps = gapsOf(store, row, peers);
  root.append(
    el("div", { class: "grid2" }, gapList(store, "strengths", gaps.filter((one) => one.gap > 0).slice(0, GAPS)), gapList(store, "weaknesses", gaps.filter((one) => one.gap < 0).reverse().slice(0, GAPS))),
    indicatorTable(store, row, peers),
  );
}

/** @param {Store} store @param {number} row */
export function unitChoice(store, row) {
  const options = store.rows.map((/** @type {number} */ one) => [store.p.units.keys[one], store.unit(one)]);
  return choice(store.t("unit"), options, store.p.units.keys[row], (value) => store.set({ units: [value, ...store.state.units.slice(1).filter((one) => one !== value)] }), "unit");
}

/** @param {Store} store */
function peersChoice(store) {
  const groups = Object.keys(store.p.units.groups);
  const options = /** @type {[string, string][]} */ ([["", store.t("all")], ...groups.map((name) => [name, store.groupName(name)])]);
  return groups.length ? choice(store.t("peers"), options, store.state.peers, (value) => store.set({ peers: value }), "peers") : null;
}

/** Dimensions of a node: its parts, or theirs where it has fewer than three. @param {Store} store @param {string} node @returns {string[]} */
export function axesOf(store, node) {
  const own = store.kids(node);
  if (own.length === 1) return axesOf(store, own[0]);
  return own;
}

/** @param {number[]} values */
function best(values) {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length ? Math.max(...known) : NaN;
}

/** @param {Store} store @param {number} row */
function facts(store, row) {
  const root = store.p.index.root;
  const rank = store.now.ranks[root][row];
  /** @type {[string, string][]} */
  const said = [
    [store.t("score"), fixed(store.now.values[root][row], store.items.get(root).decimals)],
    [store.t(store.moved ? "trial" : "rank"), rank ? `${rank} / ${store.rows.filter((/** @type {number} */ one) => store.p.ranks[root][one]).length}` : store.t("notRanked")],
  ];
  if (store.moved) said.push([store.t("published"), String(store.p.ranks[root][row] || "–")]);
  const tiers = store.p.tiers.find((/** @type {any} */ one) => one.node === root);
  if (tiers) said.push([store.t("tier"), tierName(store, tiers, row)]);
  for (const scheme of store.p.classes) {
    const rule = scheme.rules.find((/** @type {any} */ one) => one.id === scheme.of[row]);
    said.push([store.t("class"), rule ? store.say(rule.label) : store.t("unknown")]);
  }
  for (const group of Object.keys(store.p.units.groups)) said.push([store.groupName(group), store.say(store.p.units.groups[group][row]) || "–"]);
  return el("dl", { class: "facts" }, said.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))));
}

/** @param {Store} store @param {number} row */
function pointsOf(store, row) {
  const told = store.p.contributions;
  if (!told || store.moved) return [];
  return axesOf(store, told.node).flatMap((item) => {
    const points = told.points[item] ? column(told.points[item])[row] : NaN;
    return Number.isNaN(points) ? [] : [{ item, points }];
  });
}

/** @param {Store} store @param {{item: string, points: number}[]} points @param {string} title */
function waterfall(store, points, title) {
  const width = window.innerWidth < 620 ? 360 : 560;
  const names = points.map((one) => cut(store.name(one.item), 200));
  const left = Math.max(60, ...names.map((name) => textWidth(name))) + 12;
  const total = points.reduce((sum, one) => sum + one.points, 0);
  const ends = points.reduce((list, one) => [...list, list[list.length - 1] + one.points], [0]);
  const low = Math.min(0, ...ends);
  const high = Math.max(...ends, low + 1e-9);
  const x = (/** @type {number} */ value) => left + ((value - low) / (high - low)) * (width - left - 60);
  const step = 28;
  const marks = points.flatMap((one, at) => {
    const y = 8 + at * step;
    const [from, to] = [x(Math.min(ends[at], ends[at + 1])), x(Math.max(ends[at], ends[at + 1]))];
    return [
      label(left - 8, y + 10, names[at], { "text-anchor": "end" }),
      draw("rect", { x: from, y, width: Math.max(1, to - from), height: 20, fill: one.points < 0 ? COLOURS.accent : COLOURS.fill }),
      draw("line", { x1: x(ends[at + 1]), x2: x(ends[at + 1]), y1: y, y2: y + step + 20, stroke: COLOURS.line, "stroke-dasharray": "2 3" }),
      label(to + 6, y + 10, fixed(one.points, 2), { "font-size": 12 }),
    ];
  });
  const y = 8 + points.length * step;
  marks.push(
    label(left - 8, y + 10, store.t("score"), { "text-anchor": "end", "font-weight": 600 }),
    draw("rect", { x: Math.min(x(0), x(total)), y, width: Math.max(1, Math.abs(x(total) - x(0))), height: 20, fill: COLOURS.strong }),
    label(Math.max(x(0), x(total)) + 6, y + 10, fixed(total, 2), { "font-size": 12, "font-weight": 600 }),
  );
  return drawing(width, y + 32, title, ...marks);
}

/**
 * Differences of the lowest scored items to the median of peers, in points of a scale of 100, largest first.
 * @param {Store} store @param {number} row @param {number[]} peers @returns {{item: string, gap: number}[]}
 */
function gapsOf(store, row, peers) {
  const known = (/** @type {string} */ id) => !Number.isNaN((store.now.values[id] ?? store.score(id))[row]);
  // Of a branch, what is lowest and scored: of a published table the scores of dimensions may be all there is.
  const lowest = (/** @type {string} */ id) => known(id) && !store.tree.some((other) => other !== id && known(other) && store.isBelow(other, id));
  return store.p.items
    .filter((/** @type {any} */ item) => item.id !== store.p.index.root && lowest(item.id))
    .map((/** @type {any} */ item) => {
      const values = store.now.values[item.id] ?? store.score(item.id);
      const width = item.scale ? Math.abs(item.scale[1] - item.scale[0]) : store.p.model ? store.p.model.widths[item.id] : 100;
      const median = medianOf(peers.map((one) => values[one]));
      return { item: item.id, gap: (100 * (values[row] - median)) / width };
    })
    .filter((/** @type {any} */ one) => !Number.isNaN(one.gap) && Math.abs(one.gap) >= 0.005)
    .sort((/** @type {any} */ a, /** @type {any} */ b) => b.gap - a.gap);
}

/** @param {Store} store @param {"strengths" | "weaknesses"} which @param {{item: string, gap: number}[]} gaps */
function gapList(store, which, gaps) {
  const lines = gaps.map((one) => el("li", {}, store.name(one.item), " ", difference(one.gap, 1)));
  return el("section", { "data-gaps": which }, el("h3", {}, store.t(which)), gaps.length ? el("ol", { class: "plain" }, lines) : el("p", { class: "muted" }, store.t("nothing")));
}

/** @param {Store} store @param {number} row @param {number[]} peers */
function indicatorTable(store, row, peers) {
  const items = store.tree.filter((id) => id !== store.p.index.root).map((id) => store.items.get(id));
  const sources = new Set(items.map((item) => sourceName(store, item)));
  const title = `${store.unit(row)} · ${store.t("indicators")}`;
  const at = (/** @type {number} */ position) => items[position];
  const values = (/** @type {any} */ item) => store.now.values[item.id] ?? store.score(item.id);
  const raw = (/** @type {any} */ item) => (store.p.measured[item.id] ? column(store.p.measured[item.id])[row] : NaN);
  const among = (/** @type {any} */ item) => store.now.ranks[item.id][row];
  const table = store.table(
    title,
    [
      { title: store.t("indicator"), head: true, cell: (one) => el("span", { style: `padding-left:${depth(store, at(one)) * 0.9}rem` }, store.name(at(one).id)), raw: (one) => store.name(at(one).id) },
      { title: store.t("value"), numeric: true, cell: (one) => plainNumber(raw(at(one))), raw: (one) => raw(at(one)) },
      { title: store.t("measure"), wide: true, cell: (one) => store.say(at(one).unit) },
      { title: store.t("score"), numeric: true, cell: (one) => fixed(values(at(one))[row], Math.min(2, at(one).decimals)), raw: (one) => values(at(one))[row] },
      { title: store.t("rank"), numeric: true, cell: (one) => among(at(one)) || "–", raw: (one) => among(at(one)) || null },
      { title: store.t("peerMedian"), numeric: true, wide: true, cell: (one) => fixed(medianOf(peers.map((peer) => values(at(one))[peer])), 2), raw: (one) => medianOf(peers.map((peer) => values(at(one))[peer])) },
      { title: store.t("status"), wide: true, cell: (one) => store.statusOf(at(one).id, row) },
      ...(sources.size > 1 ? [{ title: store.t("source"), wide: true, cell: (/** @type {number} */ one) => sourceName(store, at(one)) }] : []),
    ],
    items.map((_, position) => position),
  );
  const [only] = sources;
  return el("div", {}, table, sources.size === 1 && only ? el("p", { class: "muted small" }, `${store.t("source")}: ${only}`) : "");
}

/** @param {Store} store @param {any} item */
export function sourceName(store, item) {
  const source = store.p.sources.find((/** @type {any} */ one) => one.id === item.source);
  return source ? [store.say(source.title), source.year, source.pages].filter(Boolean).join(", ") : "";
}

/** @param {Store} store @param {any} item @returns {number} */
function depth(store, item) {
  return item.parent === null || item.parent === store.p.index.root ? 0 : 1 + depth(store, store.items.get(item.parent));
}

// @ts-check
/** Who stands where, how sure that is, and where the reader's weights would put them. */
import { choice, el } from "./dom.js";
import { fixed, signed } from "./format.js";
import { COLOURS, cut, draw, drawing, label, textWidth, ticksOf } from "./svg.js";

/** @typedef {import("./store.js").Store} Store */

const PAGE = 100;
const DRAWN = 40;

/** @param {Store} store @param {HTMLElement} root */
export function rankingView(store, root) {
  const node = store.state.node;
  root.append(controls(store), el("div", { id: "ranking" }));
  fillRanking(store, /** @type {HTMLElement} */ (root.querySelector("#ranking")), node);
}

/** @param {Store} store */
export function nodeChoice(store) {
  const options = /** @type {[string, string][]} */ (store.nodes.map((/** @type {any} */ item) => [item.id, store.name(item.id)]));
  return options.length > 1 ? choice(store.t("of"), options, store.state.node, (value) => store.set({ node: value, page: 1 }), "node") : null;
}

/** @param {Store} store */
export function periodChoice(store) {
  const periods = store.p.periods;
  if (periods.length < 2) return null;
  return choice(store.t("period"), periods.map((/** @type {string} */ one) => [one, one]), store.state.period, (value) => store.set({ period: value, page: 1 }), "period");
}

/** @param {Store} store */
function controls(store) {
  return el("div", { class: "bar" }, nodeChoice(store), periodChoice(store), groupChoice(store));
}

/** @param {Store} store */
export function groupChoice(store) {
  const options = /** @type {[string, string][]} */ ([["", store.t("all")]]);
  for (const [name, column] of Object.entries(store.p.units.groups)) {
    const seen = new Map(/** @type {any[]} */ (column).map((one) => [one.zh, store.say(one)]));
    for (const [key, text] of seen) if (key) options.push([`${name}=${key}`, text]);
  }
  return options.length > 2 ? choice(store.t("group"), options, store.state.group, (value) => store.set({ group: value, page: 1 }), "group") : null;
}

/** Rows that the reader's choices leave. @param {Store} store */
export function chosenRows(store) {
  const { group, find } = store.state;
  const [name, key] = group.split("=");
  const wanted = find.trim().toLowerCase();
  return store.rows.filter((/** @type {number} */ row) => {
    if (name && store.p.units.groups[name] && store.p.units.groups[name][row].zh !== key) return false;
    return !wanted || `${store.unit(row)} ${store.p.units.keys[row]}`.toLowerCase().includes(wanted);
  });
}

/** @param {Store} store @param {HTMLElement} root @param {string} node */
export function fillRanking(store, root, node) {
  const now = store.now;
  const item = store.items.get(node);
  const rows = sorted(store, chosenRows(store), node);
  const page = Math.min(store.state.page, Math.max(1, Math.ceil(rows.length / PAGE)));
  const shown = rows.slice((page - 1) * PAGE, page * PAGE);
  const title = `${store.t("ranking")} · ${store.name(node)}`;
  const values = now.values[node];
  const ranks = now.ranks[node];
  const then = store.p.ranks[node];
  const spread = intervalOf(store, node);
  const tiers = store.p.tiers.find((/** @type {any} */ one) => one.node === node);
  /** @type {import("./store.js").Column[]} */
  const columns = [
    {
      title: store.t(store.moved ? "trial" : "rank"), numeric: true, sort: "rank",
      cell: (row) => el("span", { "data-rank": store.p.units.keys[row] }, ranks[row] || "–"), raw: (row) => ranks[row] || null,
    },
  ];
  if (store.moved) {
    columns.push(
      { title: store.t("published"), numeric: true, cell: (row) => el("span", { "data-published": store.p.units.keys[row] }, then[row] || "–"), raw: (row) => then[row] || null },
      { title: store.t("change"), numeric: true, cell: (row) => arrow(then[row], ranks[row]), raw: (row) => (then[row] && ranks[row] ? then[row] - ranks[row] : null) },
    );
  }
  columns.push(
    { title: store.t("unit"), head: true, sort: "unit", cell: (row) => store.link(row), raw: (row) => store.unit(row) },
    { title: store.t("score"), numeric: true, sort: "score", cell: (row) => fixed(values[row], item.decimals), raw: (row) => values[row] },
  );
  if (spread) columns.push({ title: store.t("interval", { c: spread.confidence }), numeric: true, cell: (row) => spread.text(row), raw: (row) => spread.text(row) });
  if (tiers && !store.moved) columns.push({ title: store.t("tier"), wide: Boolean(spread), cell: (row) => tierTag(store, tiers, row), raw: (row) => tierName(store, tiers, row) });
  for (const child of store.kids(node).filter((id) => store.items.get(id).kind === "node" || !store.kids(node).some((one) => store.items.get(one).kind === "node")).slice(0, store.state.view === "weights" ? 0 : 6)) {
    columns.push({
      title: store.name(child), numeric: true, wide: true, sort: child,
      cell: (row) => fixed(now.values[child][row], Math.min(store.items.get(child).decimals, 2)), raw: (row) => now.values[child][row],
    });
  }
  root.replaceChildren(
    store.figure(title, rankingFigure(store, shown.slice(0, DRAWN), node, title, spread)),
    store.table(title, columns, shown, { all: rows }),
    rows.length > PAGE ? pager(store, page, rows.length) : "",
    store.p.part.all > 1 ? otherParts(store) : "",
  );
}

/** @param {Store} store @param {number[]} rows @param {string} node */
function sorted(store, rows, node) {
  const [by, way] = store.state.sort.split(".");
  if (by === "unit") {
    const order = store.state.language === "zh" ? rows : [...rows].sort((a, b) => store.unit(a).localeCompare(store.unit(b), "en"));
    return way === "up" ? [...order].reverse() : order;
  }
  const key = by === "score" || by === "rank" ? node : by;
  const found = store.now.values[key] ? store.inOrder(key, rows) : store.inOrder(node, rows);
  return way === "up" ? found.reverse() : found;
}

/** @param {Store} store @param {number} page @param {number} all */
function pager(store, page, all) {
  return el(
    "div", { class: "bar" },
    el("button", { type: "button", disabled: page === 1, onclick: () => store.set({ page: page - 1 }) }, store.t("previous")),
    el("span", {}, store.t("page", { from: (page - 1) * PAGE + 1, to: Math.min(page * PAGE, all), all })),
    el("button", { type: "button", disabled: page * PAGE >= all, onclick: () => store.set({ page: page + 1 }) }, store.t("next")),
  );
}

/** Where the units are that this page does not hold. @param {Store} store */
function otherParts(store) {
  const { at, all, address } = store.p.part;
  const told = store.t("part", { at, all, n: store.p.left_out });
  if (!address) return el("p", { class: "muted" }, `${told} ${store.t("partElsewhere")}`);
  const link = (/** @type {number} */ to, /** @type {string} */ text) => (to >= 1 && to <= all ? el("a", { href: address.replace("{part}", String(to)) + location.hash, "data-part": to }, text) : null);
  return el("p", { class: "bar muted" }, told, link(at - 1, store.t("previous")), link(at + 1, store.t("next")));
}

/** @param {number} then @param {number} now */
export function arrow(then, now) {
  if (!then || !now || then === now) return "–";
  return el("span", { class: then > now ? "up" : "down" }, then > now ? `▲ ${then - now}` : `▼ ${now - then}`);
}

/** @param {Store} store @param {any} tiers @param {number} row */
export function tierName(store, tiers, row) {
  const level = tiers.levels.find((/** @type {any} */ one) => one.id === tiers.of[row]);
  return level ? store.say(level.label) : "–";
}

/** @param {Store} store @param {any} tiers @param {number} row */
function tierTag(store, tiers, row) {
  return el("span", { class: "tag" }, tierName(store, tiers, row));
}

/**
 * Rank intervals of a node, where they were simulated for it and the period.
 * @param {Store} store
 * @param {string} node
 */
export function intervalOf(store, node) {
  const found = store.p.simulation;
  if (!found || found.node !== node || (found.period !== null && found.period !== store.state.period)) return null;
  const at = new Map(found.units.map((/** @type {string} */ unit, /** @type {number} */ index) => [unit, index]));
  const { low, high } = found.intervals;
  const place = (/** @type {number} */ row) => at.get(store.p.units.keys[row]);
  return {
    confidence: Math.round(found.confidence * 100),
    ends: (/** @type {number} */ row) => {
      const index = place(row);
      return index === undefined || low[index] === null ? null : [low[index], high[index]];
    },
    text: (/** @type {number} */ row) => {
      const index = place(row);
      if (index === undefined || low[index] === null) return "–";
      return low[index] === high[index] ? String(low[index]) : `${low[index]}–${high[index]}`;
    },
  };
}

/**
 * Bars of scores; beside them where each rank may well be.
 * @param {Store} store
 * @param {number[]} rows
 * @param {string} node
 * @param {string} title
 * @param {ReturnType<typeof intervalOf>} spread
 */
function rankingFigure(store, rows, node, title, spread) {
  const narrow = window.innerWidth < 620;
  const width = narrow ? 360 : 760;
  const step = 24;
  const names = rows.map((row) => cut(store.unit(row), narrow ? 96 : 190));
  const left = Math.max(40, ...names.map((name) => textWidth(name))) + 44;
  const values = store.now.values[node];
  const known = rows.map((row) => values[row]).filter((value) => !Number.isNaN(value));
  const low = Math.min(0, ...known);
  const high = Math.max(...known, low + 1e-9);
  const split = spread && !narrow ? width - 240 : width - 62;
  const x = (/** @type {number} */ value) => left + ((value - low) / (high - low)) * (split - left - 52);
  const all = store.p.index.ranked / Math.max(1, store.p.periods.length);
  const worst = Math.max(2, all, ...rows.map((row) => (spread ? (spread.ends(row)?.[1] ?? 0) : 0)));
  const r = (/** @type {number} */ rank) => split + 24 + ((rank - 1) / (worst - 1)) * (width - split - 44);
  const top = spread && !narrow ? 28 : 8;
  const height = top + rows.length * step + (top > 8 ? 24 : 8);
  const marks = [];
  if (spread && !narrow) {
    marks.push(label(split + 24, 12, store.t("interval", { c: spread.confidence }), { fill: COLOURS.muted, "font-size": 12 }));
    for (const tick of ticksOf(1, worst, 4).filter((one) => one >= 1)) {
      marks.push(draw("line", { x1: r(tick), x2: r(tick), y1: top, y2: height - 22, stroke: COLOURS.grid }), label(r(tick), height - 10, String(tick), { "text-anchor": "middle", fill: COLOURS.muted, "font-size": 12 }));
    }
  }
  rows.forEach((row, at) => {
    const y = top + at * step + step / 2;
    const rank = store.now.ranks[node][row];
    marks.push(label(26, y, rank ? String(rank) : "–", { "text-anchor": "end", fill: COLOURS.muted }), label(36, y, names[at]));
    if (Number.isNaN(values[row])) return;
    const [from, to] = [Math.min(x(0 < low ? low : 0), x(values[row])), Math.max(x(0 < low ? low : 0), x(values[row]))];
    marks.push(
      draw("rect", { x: from, y: y - 7, width: Math.max(1, to - from), height: 14, fill: COLOURS.fill }),
      label(to + 6, y, fixed(values[row], Math.min(store.items.get(node).decimals, 2)), { "font-size": 12 }),
    );
    const ends = spread && !narrow ? spread.ends(row) : null;
    if (ends) {
      marks.push(
        draw("line", { x1: r(ends[0]), x2: r(ends[1]), y1: y, y2: y, stroke: COLOURS.line, "stroke-width": 3, "stroke-linecap": "round" }),
        draw("circle", { cx: r(store.p.ranks[node][row] || 1), cy: y, r: 4.5, fill: COLOURS.strong }),
      );
    }
  });
  return drawing(width, height, title, ...marks);
}

/** @param {number} value @param {number} decimals */
export function difference(value, decimals) {
  return el("span", { class: value > 0 ? "up" : value < 0 ? "down" : "" }, signed(value, decimals));
}

// @ts-check
/** How far ranks moved when what is uncertain was drawn anew. */
import { el } from "./dom.js";
import { fixed, percent } from "./format.js";
import { COLOURS, cut, draw, drawing, label, textWidth, tint } from "./svg.js";

/** @typedef {import("./store.js").Store} Store */

const CHARTED = 60;

/** @param {Store} store @param {HTMLElement} root */
export function uncertaintyView(store, root) {
  const found = store.p.simulation;
  const c = Math.round(found.confidence * 100);
  root.append(
    el("p", {}, store.t("simulationTold", { runs: found.runs, seed: found.seed }), found.default_factors ? ` ${store.t("defaultFactors")}` : "", found.factors.length ? ` ${store.t("factorsWere")}${found.factors.map((/** @type {any} */ one) => store.say(one.label)).join(", ")}.` : ""),
  );
  const rank = found.intervals.rank ?? [];
  const order = found.units.map((/** @type {string} */ _, /** @type {number} */ at) => at).sort((/** @type {number} */ a, /** @type {number} */ b) => (rank[a] ?? Infinity) - (rank[b] ?? Infinity));
  const names = found.units.map((/** @type {string} */ unit) => {
    const row = store.p.units.keys.indexOf(unit);
    return row < 0 ? unit : store.unit(row);
  });
  const title = `${store.t("interval", { c })} · ${store.name(found.node)}`;
  const bounds = boundsOf(store, found);
  if (bounds) root.append(el("p", {}, store.t("boundsTold")));
  root.append(store.figure(title, whiskers(names, rank, found.intervals, order.slice(0, CHARTED), title, bounds)));
  const fields = Object.keys(found.intervals).filter((name) => found.intervals[name].some((/** @type {unknown} */ value) => typeof value === "number"));
  const words = /** @type {Record<string, string>} */ ({ rank: "rank", low: "low", high: "high", median: "median", mean: "mean", sd: "sd", least: "least", most: "most" });
  root.append(
    store.table(title, [
      { title: store.t("unit"), head: true, cell: (at) => names[at] },
      ...fields.map((name) => ({ title: words[name] ? store.t(words[name]) : name, numeric: true, wide: !["rank", "low", "high"].includes(name), cell: (/** @type {number} */ at) => (name === "mean" || name === "sd" ? fixed(found.intervals[name][at], 2) : (found.intervals[name][at] ?? "–")), raw: (/** @type {number} */ at) => found.intervals[name][at] })),
      ...(bounds ? ["best", "worst"] : []).map((end) => ({ title: store.t(`${end}Attainable`), numeric: true, cell: (/** @type {number} */ at) => bounds[end][at] ?? "–", raw: (/** @type {number} */ at) => bounds[end][at] })),
    ], order),
  );
  if (found.rank_probabilities) {
    const told = store.t("rankProbability");
    root.append(el("h2", {}, told), store.figure(told, heat(names, found.rank_probabilities, order.slice(0, CHARTED), told)));
  }
  if (found.tier_probabilities) {
    const levels = Object.keys(found.tier_probabilities);
    const rule = store.p.tiers.find((/** @type {any} */ one) => one.node === found.node);
    const name = (/** @type {string} */ id) => store.say(rule?.levels.find((/** @type {any} */ one) => one.id === id)?.label) || id;
    root.append(
      el("h2", {}, store.t("tierProbability")),
      store.table(store.t("tierProbability"), [
        { title: store.t("unit"), head: true, cell: (at) => names[at] },
        ...levels.map((level) => ({ title: name(level), numeric: true, cell: (/** @type {number} */ at) => percent(found.tier_probabilities[level][at] ?? NaN), raw: (/** @type {number} */ at) => found.tier_probabilities[level][at] })),
      ], order),
    );
  }
}

/**
 * Best and worst attainable ranks, in the order of the simulation's units; null where they were not computed for it.
 * @param {Store} store @param {any} found
 * @returns {any}
 */
function boundsOf(store, found) {
  const own = store.p.rank_bounds;
  if (!own || own.node !== found.node || own.period !== found.period) return null;
  const at = new Map(own.units.map((/** @type {string} */ unit, /** @type {number} */ index) => [unit, index]));
  const places = found.units.map((/** @type {string} */ unit) => at.get(unit));
  return Object.fromEntries(["best", "worst"].map((end) => [end, places.map((/** @type {number | undefined} */ place) => (place === undefined ? null : own[end][place]))]));
}

/** @param {string[]} names @param {number[]} order */
function margin(names, order) {
  return Math.max(50, ...order.map((at) => textWidth(cut(names[at], 130)))) + 16;
}

/** @param {string[]} names @param {number[]} rank @param {any} spread @param {number[]} order @param {string} title @param {any} bounds */
function whiskers(names, rank, spread, order, title, bounds) {
  const width = window.innerWidth < 620 ? 360 : 760;
  const left = margin(names, order);
  const worst = Math.max(2, ...order.map((at) => Math.max(spread.high[at] ?? 0, bounds?.worst[at] ?? 0)));
  const x = (/** @type {number} */ value) => left + ((value - 1) / (worst - 1)) * (width - left - 24);
  const step = 22;
  const marks = order.flatMap((at, place) => {
    const y = 14 + place * step;
    const line = [label(left - 12, y, cut(names[at], 130), { "text-anchor": "end" }), draw("line", { x1: left, x2: width - 16, y1: y + step / 2, y2: y + step / 2, stroke: COLOURS.grid })];
    if (spread.low[at] === null) return line;
    if (bounds && bounds.best[at] !== null) {
      const told = draw("title", {}, `${names[at]}: ${bounds.best[at]}–${bounds.worst[at]}`);
      line.push(draw("line", { x1: x(bounds.best[at]), x2: x(bounds.worst[at]), y1: y, y2: y, stroke: COLOURS.grid, "stroke-width": 12, "stroke-linecap": "round" }, told));
    }
    return [
      ...line,
      draw("line", { x1: x(spread.low[at]), x2: x(spread.high[at]), y1: y, y2: y, stroke: COLOURS.fill, "stroke-width": 6, "stroke-linecap": "round" }),
      draw("circle", { cx: x(rank[at]), cy: y, r: 5, fill: COLOURS.strong }),
    ];
  });
  const y = 14 + order.length * step;
  for (const tick of [1, Math.round(worst / 4), Math.round(worst / 2), Math.round((3 * worst) / 4), worst].filter((one, at, all) => one >= 1 && all.indexOf(one) === at)) {
    marks.push(label(x(tick), y + 4, String(tick), { "text-anchor": "middle", fill: COLOURS.muted, "font-size": 12 }));
  }
  return drawing(width, y + 18, title, ...marks);
}

/** @param {string[]} names @param {[number, number][][]} chances @param {number[]} order @param {string} title */
function heat(names, chances, order, title) {
  const left = margin(names, order);
  const worst = Math.max(1, ...order.flatMap((at) => chances[at].map(([rank]) => rank)));
  const side = Math.max(6, Math.min(20, Math.floor((760 - left) / worst)));
  const marks = order.flatMap((at, place) => [
    label(left - 8, 24 + place * 20 + 10, cut(names[at], 130), { "text-anchor": "end" }),
    ...chances[at].map(([rank, chance]) => draw("rect", { x: left + (rank - 1) * side, y: 24 + place * 20, width: side - 1, height: 19, fill: tint(Math.sqrt(chance) * 0.999) }, draw("title", {}, `${names[at]}: ${rank}, ${percent(chance)}`))),
  ]);
  for (let rank = 1; rank <= worst; rank += side < 16 ? 5 : 1) marks.push(label(left + (rank - 0.5) * side, 12, String(rank), { "text-anchor": "middle", fill: COLOURS.muted, "font-size": 11 }));
  return drawing(left + worst * side + 8, 30 + order.length * 20, title, ...marks);
}

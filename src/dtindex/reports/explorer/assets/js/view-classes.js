// @ts-check
/** Classes of a survey: how many, how sure, how they differ, and in which industries they are. */
import { choice, el } from "./dom.js";
import { fixed, percent } from "./format.js";
import { axesOf } from "./view-profile.js";
import { COLOURS, cut, draw, drawing, label, stepColour, textWidth } from "./svg.js";
import { originName } from "./view-structure.js";

/** @typedef {import("./store.js").Store} Store */

/** @param {Store} store @param {HTMLElement} root */
export function classesView(store, root) {
  const schemes = store.p.classes;
  const scheme = schemes.find((/** @type {any} */ one) => one.scheme === store.state.scheme) ?? schemes[0];
  if (schemes.length > 1) root.append(el("div", { class: "bar" }, choice(store.t("scheme"), schemes.map((/** @type {any} */ one) => [one.scheme, one.scheme]), scheme.scheme, (value) => store.set({ scheme: value }), "scheme")));
  const ids = Object.keys(scheme.counts);
  const name = (/** @type {string} */ id) => store.say(scheme.rules.find((/** @type {any} */ one) => one.id === id)?.label) || (id === "unknown" ? store.t("unknown") : id);
  const total = Object.values(scheme.counts).reduce((/** @type {number} */ sum, one) => sum + Number(one), 0);
  const told = store.p.survey?.shares?.[scheme.scheme] ?? {};
  root.append(
    el("h2", {}, store.t("shares")),
    store.table(store.t("shares"), [
      { title: store.t("class"), head: true, cell: (at) => name(ids[at]) },
      { title: store.t("units"), numeric: true, cell: (at) => scheme.counts[ids[at]] },
      { title: store.t("shareWord"), numeric: true, cell: (at) => percent(told[ids[at]]?.share ?? scheme.counts[ids[at]] / total), raw: (at) => told[ids[at]]?.share ?? scheme.counts[ids[at]] / total },
      ...(Object.keys(told).length ? [
        { title: store.t("low"), numeric: true, cell: (/** @type {number} */ at) => percent(told[ids[at]]?.low ?? NaN), raw: (/** @type {number} */ at) => told[ids[at]]?.low ?? null },
        { title: store.t("high"), numeric: true, cell: (/** @type {number} */ at) => percent(told[ids[at]]?.high ?? NaN), raw: (/** @type {number} */ at) => told[ids[at]]?.high ?? null },
      ] : []),
      { title: store.t("origin"), wide: true, cell: (at) => originName(store, scheme.rules.find((/** @type {any} */ one) => one.id === ids[at])?.origin ?? "") },
    ], ids.map((_, at) => at)),
  );
  profiles(store, root, scheme, ids.filter((id) => id !== "unknown"), name);
  outcomes(store, root, name);
  groups(store, root, scheme, ids, name);
}

/** @param {Store} store @param {HTMLElement} root @param {any} scheme @param {string[]} ids @param {(id: string) => string} name */
function profiles(store, root, scheme, ids, name) {
  const axes = axesOf(store, store.p.index.root);
  const mean = (/** @type {string} */ item, /** @type {string} */ id) => {
    const values = store.rows.filter((/** @type {number} */ row) => scheme.of[row] === id).map((/** @type {number} */ row) => store.score(item)[row]).filter((/** @type {number} */ value) => !Number.isNaN(value));
    return values.length ? values.reduce((/** @type {number} */ sum, /** @type {number} */ one) => sum + one, 0) / values.length : NaN;
  };
  const title = store.t("profileByClass");
  root.append(el("h2", {}, title), el("p", { class: "muted" }, store.t("profileByClassTold")), store.figure(title, dots(store, axes, ids, mean, name, title)));
  root.append(
    store.table(title, [
      { title: store.t("indicator"), head: true, cell: (at) => store.name(axes[at]) },
      ...ids.map((id) => ({ title: name(id), numeric: true, cell: (/** @type {number} */ at) => fixed(mean(axes[at], id), 1), raw: (/** @type {number} */ at) => mean(axes[at], id) })),
    ], axes.map((_, at) => at)),
  );
}

/**
 * @param {Store} store @param {string[]} axes @param {string[]} ids @param {(item: string, id: string) => number} mean
 * @param {(id: string) => string} name @param {string} title
 */
function dots(store, axes, ids, mean, name, title) {
  const width = window.innerWidth < 620 ? 360 : 760;
  const left = Math.max(60, ...axes.map((item) => textWidth(cut(store.name(item), 190)))) + 16;
  const known = axes.flatMap((item) => ids.map((id) => mean(item, id))).filter((value) => !Number.isNaN(value));
  const scale = store.items.get(store.p.index.root).scale ?? [Math.min(...known, 0), Math.max(...known, 1)];
  const x = (/** @type {number} */ value) => left + ((value - scale[0]) / (scale[1] - scale[0])) * (width - left - 20);
  const marks = [];
  let at = left;
  let line = 0;
  ids.forEach((id, place) => {
    const wide = textWidth(name(id), 12) + 44;
    // What does not fit beside the others stands on the next line.
    if (at > 10 && at + wide - 26 > width) {
      line += 1;
      at = 10;
    }
    marks.push(mark(at + 6, 14 + line * 22, place), label(at + 18, 14 + line * 22, name(id), { "font-size": 12 }));
    at += wide;
  });
  const top = 48 + line * 22;
  axes.forEach((item, place) => {
    const y = top + place * 30;
    marks.push(label(left - 12, y, cut(store.name(item), 190), { "text-anchor": "end" }), draw("line", { x1: left, x2: width - 20, y1: y, y2: y, stroke: COLOURS.grid }));
    ids.forEach((id, series) => {
      if (!Number.isNaN(mean(item, id))) marks.push(mark(x(mean(item, id)), y, series));
    });
  });
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) marks.push(label(x(scale[0] + tick * (scale[1] - scale[0])), top + axes.length * 30, String(scale[0] + tick * (scale[1] - scale[0])), { "text-anchor": "middle", fill: COLOURS.muted, "font-size": 12 }));
  return drawing(width, top + 16 + axes.length * 30, title, ...marks);
}

/** A sign of a class, told by shape as well as by colour. @param {number} x @param {number} y @param {number} at */
function mark(x, y, at) {
  const look = { fill: stepColour(at), stroke: COLOURS.ink, "stroke-width": 0.8 };
  if (at % 3 === 0) return draw("circle", { cx: x, cy: y, r: 6, ...look });
  if (at % 3 === 1) return draw("rect", { x: x - 5.5, y: y - 5.5, width: 11, height: 11, ...look });
  return draw("path", { d: `M${x},${y - 7}L${x + 7},${y + 5}L${x - 7},${y + 5}Z`, ...look });
}

/** @param {Store} store @param {HTMLElement} root @param {(id: string) => string} name */
function outcomes(store, root, name) {
  const found = store.p.survey?.comparison;
  if (!found || !found.rows.length) return;
  const head = found.columns[store.state.language];
  root.append(
    el("h2", {}, store.t("outcomes")),
    store.table(`${store.t("outcomes")} · ${name(found.group)}`, head.map((/** @type {string} */ title, /** @type {number} */ column) => ({ title, head: column === 0, numeric: column > 0, cell: (/** @type {number} */ at) => found.rows[at][store.state.language][column] })), found.rows.map((/** @type {any} */ _, /** @type {number} */ at) => at)),
  );
}

/** @param {Store} store @param {HTMLElement} root @param {any} scheme @param {string[]} ids @param {(id: string) => string} name */
function groups(store, root, scheme, ids, name) {
  const index = store.score(store.p.index.root);
  for (const [group, column] of Object.entries(store.p.units.groups)) {
    const title = store.groupName(group);
    /** @type {Map<string, number[]>} */
    const of = new Map();
    for (const row of store.rows) {
      if (!scheme.of[row]) continue;
      const key = store.say(/** @type {any[]} */ (column)[row]);
      of.set(key, [...(of.get(key) ?? []), row]);
    }
    const keys = [...of.keys()].sort((a, b) => (of.get(b)?.length ?? 0) - (of.get(a)?.length ?? 0));
    if (keys.length < 2 || keys.length > 60) continue;
    const members = (/** @type {number} */ at) => of.get(keys[at]) ?? [];
    const mean = (/** @type {number} */ at) => {
      const values = members(at).map((row) => index[row]).filter((value) => !Number.isNaN(value));
      return values.length ? values.reduce((sum, one) => sum + one, 0) / values.length : NaN;
    };
    const share = (/** @type {number} */ at) => members(at).filter((row) => scheme.of[row] === ids[0]).length / members(at).length;
    root.append(
      el("h2", {}, `${store.t("industries")} · ${title}`), el("p", { class: "muted small" }, store.t("sampleOnly")),
      store.table(`${store.t("industries")} · ${title}`, [
        { title, head: true, cell: (at) => keys[at] || store.t("unknown") },
        { title: store.t("count"), numeric: true, cell: (at) => members(at).length },
        { title: `${store.t("mean")} · ${store.name(store.p.index.root)}`, numeric: true, cell: (at) => fixed(mean(at), 1), raw: mean },
        { title: name(ids[0]), numeric: true, cell: (at) => percent(share(at)), raw: share },
      ], keys.map((_, at) => at)),
    );
  }
}

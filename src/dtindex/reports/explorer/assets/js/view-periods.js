// @ts-check
/** How scores and ranks went over the periods. */
import { lineChart } from "./charts.js";
import { el } from "./dom.js";
import { fixed } from "./format.js";
import { chosenRows, arrow, groupChoice, nodeChoice } from "./view-ranking.js";

/** @typedef {import("./store.js").Store} Store */

/** @param {Store} store @param {HTMLElement} root */
export function periodsView(store, root) {
  const { periods } = store.p;
  const node = store.state.node;
  const title = `${store.t("periods")} · ${store.name(node)}`;
  const rows = store.inOrder(node, chosenRows(store));
  const at = (/** @type {number} */ row, /** @type {string} */ period) => store.history(store.p.units.keys[row]).find((one) => store.p.units.periods[one] === period);
  const score = (/** @type {number} */ row, /** @type {string} */ period) => {
    const place = at(row, period);
    return place === undefined ? NaN : store.now.values[node][place];
  };
  const own = store.state.units.map((unit) => store.rowOf(unit)).filter((row) => row !== undefined);
  const drawn = (own.length ? own : rows).slice(0, 4);
  root.append(el("p", {}, store.t("periodsTold")), el("div", { class: "bar" }, nodeChoice(store), groupChoice(store)));
  root.append(lineChart(store, title, periods, drawn.map((row) => ({ name: store.unit(row), values: periods.map((/** @type {string} */ period) => score(row, period)) }))));
  const rank = (/** @type {number} */ row, /** @type {string} */ period) => {
    const place = at(row, period);
    return place === undefined ? 0 : store.now.ranks[node][place];
  };
  const last = periods.slice(-2);
  root.append(
    store.table(title, [
      { title: store.t("unit"), head: true, cell: (row) => store.link(row), raw: (row) => store.unit(row) },
      ...periods.map((/** @type {string} */ period) => ({
        title: period, numeric: true, raw: (/** @type {number} */ row) => score(row, period),
        cell: (/** @type {number} */ row) => el("span", {}, fixed(score(row, period), Math.min(2, store.items.get(node).decimals)), rank(row, period) ? el("span", { class: "muted small" }, ` (${rank(row, period)})`) : ""),
      })),
      { title: store.t("rankChange"), numeric: true, cell: (row) => arrow(rank(row, last[0]), rank(row, last[1])), raw: (row) => (rank(row, last[0]) && rank(row, last[1]) ? rank(row, last[0]) - rank(row, last[1]) : null) },
    ], rows.slice(0, 200), { all: rows }),
  );
}

// @ts-check
/** Up to four units side by side. */
import { radarChart } from "./charts.js";
import { choice, el } from "./dom.js";
import { fixed } from "./format.js";
import { axesOf } from "./view-profile.js";
import { periodChoice } from "./view-ranking.js";

/** @typedef {import("./store.js").Store} Store */

const COMPARED = 4;

/** Keys of the units that are compared: the reader's, else the first two. @param {Store} store @returns {string[]} */
function compared(store) {
  const own = store.state.units.filter((unit) => store.rowOf(unit) !== undefined);
  if (own.length > 1) return own;
  const first = store.inOrder(store.p.index.root).map((row) => store.p.units.keys[row]);
  return [...new Set([...own, ...first])].slice(0, 2);
}

/** @param {Store} store @param {HTMLElement} root */
export function compareView(store, root) {
  const keys = compared(store);
  const rows = keys.map((key) => /** @type {number} */ (store.rowOf(key)));
  const rest = store.rows.filter((/** @type {number} */ row) => !keys.includes(store.p.units.keys[row]));
  const options = /** @type {[string, string][]} */ ([["", "…"], ...rest.map((/** @type {number} */ row) => [store.p.units.keys[row], store.unit(row)])]);
  root.append(
    el(
      "div", { class: "bar" }, periodChoice(store),
      keys.length < COMPARED ? choice(`${store.t("add")} (${store.t("upToFour")})`, options, "", (value) => value && store.set({ units: [...keys, value] }), "add") : null,
      keys.map((key, at) =>
        el("button", { type: "button", disabled: keys.length < 2, "aria-label": store.t("remove", { name: store.unit(rows[at]) }), onclick: () => store.set({ units: keys.filter((one) => one !== key) }) }, `${store.unit(rows[at])} ✕`),
      ),
    ),
  );
  const axes = axesOf(store, store.p.index.root);
  const title = `${store.t("compare")} · ${rows.map((row) => store.unit(row)).join(", ")}`;
  if (axes.length > 2) root.append(radarChart(store, title, axes, rows.map((row) => ({ name: store.unit(row), values: axes.map((item) => store.now.values[item][row]) }))));
  const items = store.tree.map((id) => store.items.get(id));
  root.append(
    store.table(
      title,
      [
        { title: store.t("indicator"), head: true, cell: (at) => store.name(items[at].id) },
        ...rows.map((row) => ({
          title: store.unit(row), numeric: true,
          cell: (/** @type {number} */ at) => {
            const rank = store.now.ranks[items[at].id][row];
            return el("span", {}, fixed(store.now.values[items[at].id][row], Math.min(2, items[at].decimals)), rank ? el("span", { class: "muted small" }, ` (${rank})`) : "");
          },
          raw: (/** @type {number} */ at) => store.now.values[items[at].id][row],
        })),
      ],
      items.map((_, at) => at),
    ),
  );
}

// @ts-check
/** From the index down to the value in the table and where it comes from. */
import { choice, el } from "./dom.js";
import { column } from "./decode.js";
import { fixed, percent, plainNumber } from "./format.js";
import { periodChoice } from "./view-ranking.js";
import { sourceName } from "./view-profile.js";
import { hasWord } from "./words.js";

/** @typedef {import("./store.js").Store} Store */

/** @param {Store} store @param {HTMLElement} root */
export function structureView(store, root) {
  const row = store.state.units.length ? store.rowOf(store.state.units[0]) : undefined;
  const options = /** @type {[string, string][]} */ ([["", store.t("noUnit")], ...store.rows.map((/** @type {number} */ one) => [store.p.units.keys[one], store.unit(one)])]);
  root.append(
    el("p", {}, store.t("structureTold")),
    el("div", { class: "bar" }, choice(store.t("unit"), options, row === undefined ? "" : store.p.units.keys[row], (value) => store.set({ units: value ? [value] : [] }), "unit"), periodChoice(store)),
    el("div", { class: "tree" }, el("ul", {}, store.p.index.roots.map((/** @type {string} */ node) => branch(store, node, row)))),
    weightTable(store),
  );
}

/** @param {Store} store @param {string} id @param {number | undefined} row @returns {HTMLElement} */
function branch(store, id, row) {
  const kids = store.kids(id);
  const line = [el("strong", {}, store.name(id)), " ", ...figures(store, id, row)];
  if (!kids.length) return el("li", { class: "leaf" }, ...line, details(store, id, row));
  return el("li", {}, el("details", { open: true }, el("summary", {}, ...line), details(store, id, row), el("ul", {}, kids.map((kid) => branch(store, kid, row)))));
}

/** @param {Store} store @param {string} id @param {number | undefined} row */
function figures(store, id, row) {
  const item = store.items.get(id);
  const share = shareOf(store, id);
  const found = share === null ? [] : [el("span", { class: "muted small" }, `${store.t("weight")} ${percent(share)} `)];
  if (row === undefined) return found;
  const score = (store.now.values[id] ?? store.score(id))[row];
  const rank = store.now.ranks[id][row];
  found.push(el("span", {}, `${fixed(score, Math.min(2, item.decimals))}${rank ? ` · ${store.t("rank")} ${rank}` : ""}`));
  return found;
}

/** The share of an item among the members of its node; null where it has none. @param {Store} store @param {string} id */
function shareOf(store, id) {
  const parent = store.items.get(id).parent;
  const node = parent && store.p.model ? store.p.model.nodes[parent] : null;
  const at = node ? node.members.indexOf(id) : -1;
  return at < 0 ? null : store.shares(parent)[at];
}

/** @param {Store} store @param {string} id @param {number | undefined} row */
function details(store, id, row) {
  const item = store.items.get(id);
  const raw = row !== undefined && store.p.measured[id] ? column(store.p.measured[id])[row] : NaN;
  const method = item.kind === "node" ? [methodName(store, item.aggregate), store.t("weightsBy", { how: methodName(store, item.weights) })].join("，") : Object.entries(item.normalise).map(([name, value]) => (name === "method" ? methodName(store, String(value)) : `${parameterName(store, name)} ${methodName(store, String(value))}`)).join("，");
  const source = sourceName(store, item);
  const above = item.parent === null ? "" : sourceName(store, store.items.get(item.parent));
  const said = [
    Number.isNaN(raw) ? "" : `${store.t("value")} ${plainNumber(raw)} ${store.say(item.unit)}`,
    row === undefined ? "" : `${store.t("status")} ${store.statusOf(id, row)}`,
    `${store.t("method")} ${method}`,
    item.column ? `${store.t("data")} ${item.column}` : "",
    source && source !== above ? `${store.t("source")} ${source}` : "",
    ...item.provenance.map((/** @type {any} */ one) => `${parameterName(store, one.parameter)}: ${originName(store, one.origin)}`),
  ].filter(Boolean);
  return el("div", { class: "muted small" }, said.join(" · "), item.note ? el("div", {}, store.say(item.note)) : "");
}

/** A method by its name in the field, where the page has one. @param {Store} store @param {string} method */
function methodName(store, method) {
  return hasWord(`method-${method}`) ? store.t(`method-${method}`) : method;
}

/** @param {Store} store @param {string} parameter */
function parameterName(store, parameter) {
  return hasWord(`parameter-${parameter}`) ? store.t(`parameter-${parameter}`) : parameter;
}

/** @param {Store} store @param {string} origin */
export function originName(store, origin) {
  const key = origin === "published" ? "published_" : origin;
  return hasWord(key) ? store.t(key) : origin;
}

/** @param {Store} store */
function weightTable(store) {
  const items = store.tree.map((id) => store.items.get(id));
  return store.table(
    store.t("structure"),
    [
      { title: store.t("item"), head: true, cell: (at) => store.name(items[at].id) },
      { title: store.t("weight"), numeric: true, cell: (at) => (shareOf(store, items[at].id) === null ? "–" : percent(/** @type {number} */ (shareOf(store, items[at].id)))), raw: (at) => shareOf(store, items[at].id) },
      { title: store.t("effective"), numeric: true, cell: (at) => (items[at].effective === null ? "–" : percent(items[at].effective)), raw: (at) => items[at].effective },
      { title: store.t("measure"), wide: true, cell: (at) => store.say(items[at].unit) },
      { title: store.t("method"), wide: true, cell: (at) => methodName(store, items[at].kind === "node" ? items[at].aggregate : items[at].normalise.method) },
      { title: store.t("source"), wide: true, cell: (at) => sourceName(store, items[at]) },
    ],
    items.map((_, at) => at),
  );
}

// @ts-check
/** Weights to be moved, and what that does to the ranks. */
import { el } from "./dom.js";
import { fixed, percent } from "./format.js";
import { fillRanking, nodeChoice, periodChoice } from "./view-ranking.js";

/** @typedef {import("./store.js").Store} Store */

/** @param {Store} store @param {HTMLElement} root */
export function weightsView(store, root) {
  const moves = el("div", { class: "weights" });
  const shown = el("div", {}, el("h2", {}, `${store.t("ranking")} · ${store.name(store.state.node)}`), el("div", { id: "ranking" }));
  root.append(el("p", {}, store.t("weightsTold")), el("div", { class: "bar" }, nodeChoice(store), periodChoice(store)), el("p", { id: "moved", class: "muted" }), el("div", { class: "trial" }, moves, shown));
  for (const item of store.tree.map((id) => store.items.get(id)).filter((one) => one.kind === "node")) {
    const node = store.p.model.nodes[item.id];
    if (node.members.length < 2 && !node.adjustable) continue;
    const inside = node.adjustable ? sliders(store, item.id) : el("p", { class: "muted" }, store.t("whyNot", { why: store.t(`why-${node.why_not}`) }));
    // The weights of the index itself lie open; those further down open where they are wanted, or were moved.
    const open = item.id === store.p.index.root || store.state.weights[item.id] !== undefined;
    moves.append(el("details", { open, "data-node": item.id }, el("summary", {}, store.name(item.id)), inside));
  }
  retold(store, root);
}

/**
 * Anything that depends on the weights, but for the sliders, which keep the focus.
 * @param {Store} store
 * @param {ParentNode} root
 */
export function retold(store, root) {
  const ranking = root.querySelector("#ranking");
  if (ranking instanceof HTMLElement) fillRanking(store, ranking, store.state.node);
  const said = root.querySelector("#moved");
  if (said) said.textContent = store.moved ? movedTold(store) : "";
  for (const share of root.querySelectorAll("[data-share]")) {
    const [node, at] = /** @type {string} */ (share.getAttribute("data-share")).split("|");
    share.textContent = shareTold(store, node, Number(at));
  }
}

/** @param {Store} store */
export function movedTold(store) {
  const node = store.state.node;
  const rows = store.rows.filter((/** @type {number} */ row) => store.p.ranks[node][row] && store.now.ranks[node][row]);
  const moves = rows.map((/** @type {number} */ row) => Math.abs(store.p.ranks[node][row] - store.now.ranks[node][row]));
  const total = moves.reduce((/** @type {number} */ sum, /** @type {number} */ one) => sum + one, 0);
  return store.t("moved", { n: moves.filter((/** @type {number} */ one) => one > 0).length, all: rows.length, mean: fixed(rows.length ? total / rows.length : 0, 2) });
}

/** @param {Store} store @param {string} node @param {number} at */
function shareTold(store, node, at) {
  return store.t("share", { now: percent(store.shares(node)[at]), then: percent(store.shares(node, true)[at]) });
}

/** @param {Store} store @param {string} node */
function sliders(store, node) {
  const known = store.p.model.nodes[node];
  const shares = store.shares(node);
  return el(
    "div",
    { role: "group", "aria-label": store.name(node) },
    known.members.map((/** @type {string} */ member, /** @type {number} */ at) => {
      const title = store.t("weightOf", { name: store.name(member) });
      const value = Number((100 * shares[at]).toFixed(2));
      const range = /** @type {HTMLInputElement} */ (el("input", { type: "range", min: 0, max: 100, step: 0.5, value, "aria-label": title, "data-weight": `${node}|${member}` }));
      const number = /** @type {HTMLInputElement} */ (el("input", { type: "number", min: 0, max: 100, step: "any", value, "aria-label": title, "data-number": `${node}|${member}` }));
      const moved = (/** @type {HTMLInputElement} */ from, /** @type {HTMLInputElement} */ other) => () => {
        const given = Number(from.value);
        if (from.value === "" || !Number.isFinite(given) || given < 0) return;
        other.value = from.value;
        tryWeight(store, node, at, given);
      };
      range.addEventListener("input", moved(range, number));
      number.addEventListener("change", moved(number, range));
      return el(
        "div", { class: "slider" },
        el("span", {}, store.name(member)), range, number,
        el("span", { class: "share muted small", "data-share": `${node}|${at}` }, shareTold(store, node, at)),
      );
    }),
  );
}

/** @param {Store} store @param {string} node @param {number} at @param {number} value */
function tryWeight(store, node, at, value) {
  const weights = store.state.weights[node] ?? store.shares(node).map((/** @type {number} */ share) => Number((100 * share).toFixed(2)));
  const changed = [...weights];
  changed[at] = value;
  if (!changed.some((one) => one > 0)) return;
  store.set({ weights: { ...store.state.weights, [node]: changed }, sort: "rank", page: 1 });
}

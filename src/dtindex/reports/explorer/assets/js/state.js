// @ts-check
/** What the reader has chosen. It stands in the address, so that a view can be cited, and comes back from it. */

/**
 * @typedef {{
 *   view: string, language: "en" | "zh", node: string, period: string, units: string[], group: string, peers: string,
 *   find: string, sort: string, page: number, weights: Record<string, number[]>, scheme: string
 * }} State
 */

/**
 * @param {State} first what stands where the address says nothing
 * @param {string} hash
 * @returns {State}
 */
export function stateOf(first, hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {State} */
  const state = { ...first, units: [...first.units], weights: {} };
  for (const name of /** @type {const} */ (["view", "node", "period", "group", "peers", "find", "sort", "scheme"])) {
    const value = said.get(name);
    if (value !== null) state[name] = value;
  }
  if (said.get("language") === "en" || said.get("language") === "zh") state.language = /** @type {"en" | "zh"} */ (said.get("language"));
  const page = Number(said.get("page"));
  if (Number.isInteger(page) && page > 0) state.page = page;
  if (said.has("unit")) state.units = said.getAll("unit").slice(0, 4);
  for (const one of said.getAll("w")) {
    const [node, list = ""] = one.split(":");
    const weights = list.split("_").map(Number);
    if (node && list && weights.every((weight) => Number.isFinite(weight) && weight >= 0)) state.weights[node] = weights;
  }
  return state;
}

/**
 * The address of a state: only what differs from the beginning, but for view and language, which a link should show.
 * @param {State} first
 * @param {State} state
 */
export function hashOf(first, state) {
  const said = new URLSearchParams();
  said.set("view", state.view);
  said.set("language", state.language);
  for (const name of /** @type {const} */ (["node", "period", "group", "peers", "find", "sort", "scheme"])) {
    if (state[name] !== first[name]) said.set(name, state[name]);
  }
  if (state.page !== 1) said.set("page", String(state.page));
  if (state.units.join("\n") !== first.units.join("\n")) for (const unit of state.units) said.append("unit", unit);
  for (const [node, weights] of Object.entries(state.weights)) said.append("w", `${node}:${weights.join("_")}`);
  return `#${said.toString()}`;
}

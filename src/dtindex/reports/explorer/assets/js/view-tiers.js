// @ts-check
/** Tiers: the rule and where it comes from, who is in which, and how far each is from the next. */
import { el } from "./dom.js";
import { fixed } from "./format.js";
import { periodChoice } from "./view-ranking.js";
import { originName } from "./view-structure.js";

/** @typedef {import("./store.js").Store} Store */

/** @param {Store} store @param {HTMLElement} root */
export function tiersView(store, root) {
  root.append(el("div", { class: "bar" }, periodChoice(store)));
  for (const rule of store.p.tiers) {
    const values = store.score(rule.node);
    const decimals = store.items.get(rule.node).decimals;
    const origin = rule.origin ? ` ${store.t("origin")}: ${originName(store, rule.origin)}.` : "";
    root.append(el("h2", {}, store.name(rule.node)), el("p", {}, store.t(rule.method === "thresholds" ? "tiersTold" : "tiersLearned", { name: store.name(rule.node), method: rule.method }), origin, rule.check ? ` ${store.say(rule.check)}` : ""));
    rule.levels.forEach((/** @type {any} */ level, /** @type {number} */ at) => {
      const rows = store.rows.filter((/** @type {number} */ row) => rule.of[row] === level.id).sort((/** @type {number} */ a, /** @type {number} */ b) => values[b] - values[a]);
      const above = at > 0 ? rule.levels[at - 1].at_least : null;
      const bound = level.at_least === null ? store.t("rest") : store.t("atLeast", { x: level.at_least });
      const title = `${store.say(level.label)} (${bound}) · ${rows.length}`;
      root.append(
        store.table(title, [
          { title: store.t("unit"), head: true, cell: (row) => store.link(row), raw: (row) => store.unit(row) },
          { title: store.t("score"), numeric: true, cell: (row) => fixed(values[row], decimals), raw: (row) => values[row] },
          { title: store.t("toBoundary"), numeric: true, cell: (row) => (above === null ? "–" : fixed(above - values[row], decimals)), raw: (row) => (above === null ? null : above - values[row]) },
          { title: store.t("aboveFloor"), numeric: true, cell: (row) => (level.at_least === null ? "–" : fixed(values[row] - level.at_least, decimals)), raw: (row) => (level.at_least === null ? null : values[row] - level.at_least) },
        ], rows),
      );
    });
  }
}

// @ts-check
/** What was remarked on, and what state the data are in. */
import { column } from "./decode.js";
import { el } from "./dom.js";
import { percent, plainNumber } from "./format.js";
import { chosenRows } from "./view-ranking.js";
import { hasWord } from "./words.js";

/** @typedef {import("./store.js").Store} Store */

/** @param {Store} store @param {HTMLElement} root */
export function qualityView(store, root) {
  const { findings, comparisons, quality } = store.p;
  root.append(el("h2", {}, `${store.t("findings")} · ${findings.length}`));
  if (findings.length) {
    root.append(
      store.table(store.t("findings"), [
        { title: store.t("code"), head: true, cell: (at) => findings[at].code },
        { title: store.t("severity"), cell: (at) => el("span", { class: `sev-${findings[at].severity}` }, hasWord(findings[at].severity) ? store.t(findings[at].severity) : findings[at].severity) },
        { title: store.t("message"), cell: (at) => findings[at].message },
      ], findings.map((/** @type {any} */ _, /** @type {number} */ at) => at)),
    );
  }
  if (comparisons.length) {
    root.append(
      el("h2", {}, store.t("compared")),
      store.table(store.t("compared"), [
        { title: store.t("item"), head: true, cell: (at) => store.name(comparisons[at].item) },
        { title: store.t("count"), numeric: true, cell: (at) => comparisons[at].compared },
        { title: store.t("largest"), numeric: true, cell: (at) => plainNumber(comparisons[at].largest_error), raw: (at) => comparisons[at].largest_error },
        { title: store.t("mismatches"), numeric: true, cell: (at) => comparisons[at].mismatches },
      ], comparisons.map((/** @type {any} */ _, /** @type {number} */ at) => at)),
    );
  }
  statuses(store, root);
  coverage(store, root);
  for (const kind of /** @type {const} */ (["imputed", "treated", "screened"])) cells(store, root, kind, quality[kind]);
}

/** @param {Store} store @param {HTMLElement} root */
function statuses(store, root) {
  if (!store.p.model) return;
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const leaf of store.p.model.leaves) for (const row of store.rows) counts.set(store.statusOf(leaf, row), (counts.get(store.statusOf(leaf, row)) ?? 0) + 1);
  const words = [...counts.keys()];
  const all = [...counts.values()].reduce((sum, one) => sum + one, 0);
  if (!all) return;
  root.append(
    el("h2", {}, store.t("statuses")),
    store.table(store.t("statuses"), [
      { title: store.t("status"), head: true, cell: (at) => words[at] },
      { title: store.t("count"), numeric: true, cell: (at) => counts.get(words[at]) ?? 0 },
      { title: store.t("shareWord"), numeric: true, cell: (at) => percent((counts.get(words[at]) ?? 0) / all), raw: (at) => (counts.get(words[at]) ?? 0) / all },
    ], words.map((_, at) => at)),
  );
}

/** @param {Store} store @param {HTMLElement} root */
function coverage(store, root) {
  const nodes = store.nodes.filter((/** @type {any} */ item) => store.p.coverage[item.id]).slice(0, 8);
  const share = (/** @type {string} */ id, /** @type {number} */ row) => column(store.p.coverage[id])[row];
  const rows = chosenRows(store);
  const lacking = rows.filter((/** @type {number} */ row) => nodes.some((/** @type {any} */ item) => share(item.id, row) < 1));
  root.append(el("h2", {}, store.t("coverage")), el("p", { class: "muted" }, `${rows.length - lacking.length} / ${rows.length} = 100%`));
  if (lacking.length) {
    root.append(
      store.table(store.t("coverage"), [
        { title: store.t("unit"), head: true, cell: (row) => store.link(row), raw: (row) => store.unit(row) },
        ...nodes.map((/** @type {any} */ item, /** @type {number} */ at) => ({ title: store.name(item.id), numeric: true, wide: at > 1, cell: (/** @type {number} */ row) => percent(share(item.id, row), 0), raw: (/** @type {number} */ row) => share(item.id, row) })),
      ], lacking.slice(0, 200), { all: lacking }),
    );
  }
}

/** @param {Store} store @param {HTMLElement} root @param {string} kind @param {any} found */
function cells(store, root, kind, found) {
  if (!found.count) return;
  const names = Object.keys(found.cells[0]);
  root.append(
    el("h2", {}, `${store.t(kind)} · ${found.count}`),
    store.table(store.t(kind), names.map((name, at) => ({ title: hasWord(name) ? store.t(name) : name, head: at === 0, numeric: typeof found.cells[0][name] === "number", cell: (/** @type {number} */ row) => (name === "indicator" ? store.name(found.cells[row][name]) : (found.cells[row][name] ?? "")) })), found.cells.slice(0, 200).map((/** @type {any} */ _, /** @type {number} */ at) => at)),
  );
}

// @ts-check
/** What the views ask: figures of the payload, as published and with the reader's weights. */
import { ranksOf, rescore } from "./arithmetic.js";
import { el } from "./dom.js";
import { column } from "./decode.js";
import { saveCsv, savePng, saveSvg } from "./download.js";
import { hasWord, wordOf } from "./words.js";

/** @typedef {{en: string, zh: string}} Both */
/** @typedef {any} Payload What `payload_of` of the library makes. */
/** @typedef {{values: Record<string, Float64Array>, ranks: Record<string, ArrayLike<number>>}} Figures */
/**
 * @typedef {{
 *   title: string, numeric?: boolean, wide?: boolean, sort?: string, raw?: (row: number) => string | number | null,
 *   cell: (row: number) => Node | string | number | null, head?: boolean
 * }} Column
 */

export class Store {
  /**
   * @param {Payload} payload
   * @param {import("./state.js").State} state
   * @param {() => void} changed
   */
  constructor(payload, state, changed) {
    this.p = payload;
    this.state = state;
    this.changed = changed;
    this.items = new Map(payload.items.map((/** @type {any} */ item) => [item.id, item]));
    /** @type {Map<string, string[]>} */
    this.children = new Map();
    for (const item of payload.items) {
      if (item.parent === null) continue;
      const known = this.children.get(item.parent);
      if (known) known.push(item.id);
      else this.children.set(item.parent, [item.id]);
    }
    /** @type {Record<string, Float64Array>} */
    this.values = {};
    this.told = "";
    /** @type {Figures | null} */
    this.trial = null;
  }

  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  t(key, values) {
    return wordOf(key, this.state.language, values);
  }

  /** @param {Both | null | undefined} text */
  say(text) {
    return text ? text[this.state.language] : "";
  }

  /** @param {string} item */
  name(item) {
    return this.say(this.items.get(item)?.label) || item;
  }

  /** @param {number} row */
  unit(row) {
    return this.p.units.names[this.state.language][row];
  }

  /** @param {string} item */
  kids(item) {
    return this.children.get(item) ?? [];
  }

  /** Items from the first root down, each before its parts. @returns {string[]} */
  get tree() {
    /** @param {string} item @returns {string[]} */
    const below = (item) => [item, ...this.kids(item).flatMap(below)];
    return this.p.index.roots.flatMap(below);
  }

  /** Whether an item stands below another. @param {string} item @param {string} above */
  isBelow(item, above) {
    let parent = this.items.get(item).parent;
    while (parent !== null && parent !== above) parent = this.items.get(parent).parent;
    return parent === above;
  }

  /** A column of the table that groups units. @param {string} group */
  groupName(group) {
    return hasWord(`group-${group}`) ? this.t(`group-${group}`) : group;
  }

  get nodes() {
    return this.p.items.filter((/** @type {any} */ item) => item.kind === "node");
  }

  /** Published scores of an item. @param {string} item */
  score(item) {
    if (!this.values[item]) this.values[item] = column((this.p.model ? this.p.model.values : this.p.scores)[item]);
    return this.values[item];
  }

  get moved() {
    return Object.keys(this.state.weights).length > 0 && this.p.model !== null;
  }

  /** Scores and ranks as they stand with the reader's weights. @returns {Figures} */
  get now() {
    if (!this.moved) return { values: new Proxy({}, { get: (_, item) => this.score(String(item)) }), ranks: this.p.ranks };
    const told = JSON.stringify(this.state.weights);
    if (this.trial === null || this.told !== told) {
      const found = rescore(this.p.model, this.state.weights);
      this.trial = { values: found.values, ranks: { ...this.p.ranks, ...found.ranks } };
      this.told = told;
    }
    return this.trial;
  }

  /** Rows of the period that is looked at. */
  get rows() {
    const periods = this.p.units.periods;
    const all = this.p.units.keys.map((/** @type {string} */ _, /** @type {number} */ row) => row);
    return periods ? all.filter((/** @type {number} */ row) => periods[row] === this.state.period) : all;
  }

  /** Ranked rows of a unit in every period. @param {string} key @returns {number[]} */
  history(key) {
    return this.p.units.keys.flatMap((/** @type {string} */ one, /** @type {number} */ row) => (one === key ? [row] : []));
  }

  /** The row of a unit in the period. @param {string} key */
  rowOf(key) {
    return this.rows.find((/** @type {number} */ row) => this.p.units.keys[row] === key);
  }

  /** Rows from the best rank down, those without a rank last. @param {string} node @param {number[]} [among] */
  inOrder(node, among = this.rows) {
    const ranks = this.now.ranks[node];
    return [...among].sort((a, b) => (ranks[a] || Infinity) - (ranks[b] || Infinity) || a - b);
  }

  /** Weights of a node's members as shares. @param {string} node @param {boolean} [published] */
  shares(node, published = false) {
    const weights = (published ? undefined : this.state.weights[node]) ?? this.p.model.nodes[node].weights;
    const total = weights.reduce((/** @type {number} */ sum, /** @type {number} */ one) => sum + one, 0);
    return weights.map((/** @type {number} */ one) => (total > 0 ? one / total : 0));
  }

  /** @param {string} item @param {number} row */
  statusOf(item, row) {
    const flags = this.p.model ? this.p.model.flags[item][row] : 0;
    return this.say(this.p.status_words[String(flags)]);
  }

  /** Rows of the same group as a row, by the column that is chosen for peers. @param {number} row @returns {number[]} */
  peers(row) {
    const group = this.p.units.groups[this.state.peers];
    const rows = this.rows.filter((/** @type {number} */ one) => this.p.model === null || this.p.model.ranked[one]);
    return group ? rows.filter((/** @type {number} */ one) => group[one].zh === group[row].zh) : rows;
  }

  /** Ranks among some rows. @param {string} item @param {number[]} rows */
  ranksAmong(item, rows) {
    const inside = new Uint8Array(this.p.units.keys.length);
    for (const row of rows) inside[row] = 1;
    return ranksOf(Float64Array.from(this.now.ranks[item], (rank) => (rank ? -rank : NaN)), inside, null);
  }

  /** Change the state. @param {Partial<import("./state.js").State>} change */
  set(change) {
    Object.assign(this.state, change);
    this.changed();
  }

  /**
   * A table of rows, with its download.
   * @param {string} title
   * @param {Column[]} columns
   * @param {number[]} rows
   * @param {{all?: number[], caption?: boolean}} [more] `all`: what the download holds, where that is more
   */
  table(title, columns, rows, more = {}) {
    const file = `${this.p.index.id}-${title}`;
    const raw = (/** @type {Column} */ one, /** @type {number} */ row) => {
      if (one.raw) return one.raw(row);
      const cell = one.cell(row);
      return cell instanceof Node ? cell.textContent : cell;
    };
    const download = el(
      "button",
      {
        class: "plain", type: "button", "aria-label": this.t("csvOf", { name: title }), "data-csv": title,
        onclick: () => saveCsv(file, columns.map((one) => one.title), (more.all ?? rows).map((row) => columns.map((one) => raw(one, row)))),
      },
      this.t("csv"),
    );
    return el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
      el(
        "table",
        {},
        el("caption", {}, title, " ", download),
        el("thead", {}, el("tr", {}, columns.map((one) => this.heading(one)))),
        el(
          "tbody",
          {},
          rows.map((row) =>
            el("tr", {}, columns.map((one) => el(one.head ? "th" : "td", { scope: one.head ? "row" : null, class: classes(one) }, one.cell(row)))),
          ),
        ),
      ),
    );
  }

  /** @param {Column} one */
  heading(one) {
    if (!one.sort) return el("th", { scope: "col", class: classes(one) }, one.title);
    const [by, way] = this.state.sort.split(".");
    const here = by === one.sort;
    const next = here && way !== "up" ? `${one.sort}.up` : one.sort;
    const order = way === "up" ? "ascending" : "descending";
    const button = el("button", { class: "head", type: "button", "data-sort": one.sort, onclick: () => this.set({ sort: next, page: 1 }) }, one.title, here ? (way === "up" ? " ↑" : " ↓") : "");
    return el("th", { scope: "col", class: classes(one), "aria-sort": here ? order : null }, button);
  }

  /**
   * A figure with its downloads.
   * @param {string} title
   * @param {Element} picture an SVG, or an element that a chart fills with one
   */
  figure(title, picture) {
    const file = `${this.p.index.id}-${title}`;
    const svg = () => /** @type {SVGElement} */ (picture instanceof SVGElement ? picture : picture.querySelector("svg"));
    const button = (/** @type {string} */ kind, /** @type {() => unknown} */ onclick) =>
      el("button", { class: "plain", type: "button", "aria-label": this.t(`${kind}Of`, { name: title }), [`data-${kind}`]: title, onclick }, kind.toUpperCase());
    return el(
      "figure",
      {},
      el("figcaption", {}, el("span", {}, title), button("svg", () => saveSvg(file, svg())), button("png", () => savePng(file, svg()))),
      picture,
    );
  }

  /** A button that opens a unit's profile. @param {number} row */
  link(row) {
    return el("button", { class: "link", type: "button", onclick: () => this.set({ view: "profile", units: [this.p.units.keys[row]] }) }, this.unit(row));
  }
}

/** @param {Column} one */
function classes(one) {
  return [one.numeric && "n", one.wide && "wide"].filter(Boolean).join(" ") || null;
}

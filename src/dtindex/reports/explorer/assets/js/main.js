// @ts-check
/** The page: what it shows follows from the payload and the reader's choices, and nothing else. */
import { closeCharts } from "./charts.js";
import { el } from "./dom.js";
import { hashOf, stateOf } from "./state.js";
import { Store } from "./store.js";
import { classesView } from "./view-classes.js";
import { compareView } from "./view-compare.js";
import { mapView } from "./view-map.js";
import { periodsView } from "./view-periods.js";
import { profileView } from "./view-profile.js";
import { qualityView } from "./view-quality.js";
import { rankingView } from "./view-ranking.js";
import { structureView } from "./view-structure.js";
import { tiersView } from "./view-tiers.js";
import { uncertaintyView } from "./view-uncertainty.js";
import { movedTold, retold, weightsView } from "./view-weights.js";

/** @typedef {import("./state.js").State} State */

const payload = JSON.parse(place("payload").textContent ?? "");
/** @type {State} */
const first = {
  view: "ranking", language: payload.language, node: payload.index.root, period: payload.periods.at(-1) ?? "", units: [],
  group: "", peers: "", find: "", sort: "rank", page: 1, weights: {}, scheme: payload.classes[0]?.scheme ?? "",
};
/** @type {[string, (store: Store, root: HTMLElement) => void, boolean][]} */
const VIEWS = [
  ["ranking", rankingView, true],
  ["weights", weightsView, payload.model !== null && Object.values(payload.model.nodes).some((/** @type {any} */ node) => node.adjustable)],
  ["profile", profileView, payload.units.keys.length > 0],
  ["compare", compareView, payload.units.keys.length > 1],
  ["structure", structureView, true],
  ["map", mapView, payload.tiles !== null],
  ["periods", periodsView, payload.periods.length > 1],
  ["tiers", tiersView, payload.tiers.length > 0],
  ["uncertainty", uncertaintyView, payload.simulation !== null],
  ["classes", classesView, payload.classes.length > 0],
  ["quality", qualityView, true],
];
const shown = VIEWS.filter(([, , has]) => has);
let state = tidied(stateOf(first, location.hash));
const store = new Store(payload, state, changed);
let drawn = "";

/** @param {string} id */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** What an address asks for that this index has not is what the page begins with. @param {State} found @returns {State} */
function tidied(found) {
  if (!shown.some(([id]) => id === found.view)) found.view = first.view;
  if (!payload.items.some((/** @type {any} */ item) => item.id === found.node && item.kind === "node")) found.node = first.node;
  if (!payload.periods.includes(found.period)) found.period = first.period;
  const [by] = found.sort.split(".");
  if (!["rank", "unit", "score"].includes(by) && !payload.items.some((/** @type {any} */ item) => item.id === by)) found.sort = first.sort;
  found.units = found.units.filter((unit) => payload.units.keys.includes(unit));
  for (const [node, weights] of Object.entries(found.weights)) {
    const known = payload.model?.nodes[node];
    if (!known?.adjustable || known.members.length !== weights.length || !weights.some((one) => one > 0)) delete found.weights[node];
  }
  return found;
}

/** Everything of a view but what the weights alone change. */
function layout() {
  return JSON.stringify([state.view, state.language, state.node, state.period, state.units, state.group, state.peers, state.find, state.sort, state.page, state.scheme]);
}

function changed() {
  history.replaceState(null, "", hashOf(first, state));
  const same = drawn === layout();
  if (same && state.view === "weights") {
    links();
    retold(store, document);
    banner();
    live();
    return;
  }
  render();
  if (store.moved) live();
}

function live() {
  place("live").textContent = store.moved ? movedTold(store) : "";
}

function banner() {
  const parts = [];
  if (payload.index.synthetic) parts.push(el("p", {}, store.t("synthetic", { what: payload.index.synthetic })));
  for (const name of payload.index.assumptions) parts.push(el("p", {}, store.t("assumption", { name })));
  if (store.moved) parts.push(el("p", { id: "trial" }, store.t("trialOn"), el("button", { type: "button", id: "reset", onclick: () => { drawn = ""; store.set({ weights: {} }); place("main").focus(); } }, store.t("reset"))));
  place("banner").replaceChildren(...parts);
}

function frame() {
  const { language } = state;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = `${store.say(payload.index.title)} · ${store.t(state.view)}`;
  place("skip").textContent = store.t("skip");
  place("title").textContent = store.say(payload.index.title);
  const edition = payload.index.edition ? ` · ${store.t("edition", { name: payload.index.edition.name })}` : "";
  place("subtitle").textContent = `${store.t("kinds", { n: payload.index.ranked })}${payload.periods.length ? ` · ${payload.periods.join(", ")}` : ""}${edition}`;
  place("foot").textContent = store.t("made", { by: payload.generator, id: payload.index.id, hash: payload.index.hash.slice(0, 12) });
  const nav = place("nav");
  nav.setAttribute("aria-label", store.t("views"));
  nav.replaceChildren(el("ul", {}, shown.map(([id]) => el("li", {}, el("a", { "aria-current": id === state.view ? "page" : null, "data-view": id }, store.t(id))))));
  links();
  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  tools();
}

/** Each view's address has the reader's choices in it, so that they go along. */
function links() {
  for (const link of place("nav").querySelectorAll("a")) link.href = hashOf(first, { ...state, view: link.dataset.view ?? "", page: 1, sort: "rank" });
}

function tools() {
  const options = el("datalist", { id: "names" }, [...new Set(payload.units.names[state.language])].slice(0, 500).map((name) => el("option", { value: name })));
  const find = /** @type {HTMLInputElement} */ (el("input", { type: "search", id: "find", list: "names", "aria-label": store.t("search"), placeholder: store.t("search"), value: state.find }));
  find.addEventListener("change", () => found(find.value.trim()));
  place("tools").replaceChildren(
    find, options,
    el("button", { type: "button", id: "language", lang: state.language === "zh" ? "en" : "zh-CN", title: store.t("languageLabel"), onclick: () => { store.set({ language: state.language === "zh" ? "en" : "zh" }); place("language").focus(); } }, store.t("language")),
    el("button", { type: "button", id: "theme", onclick: themed }, store.t("theme")),
    el("button", { type: "button", id: "print", onclick: () => window.print() }, store.t("print")),
  );
}

/** A unit that is named opens its profile, an indicator the structure; else the ranking is narrowed. @param {string} text */
function found(text) {
  const lower = text.toLowerCase();
  const units = payload.units;
  const row = units.keys.findIndex((/** @type {string} */ key, /** @type {number} */ at) => [key, units.names.en[at], units.names.zh[at]].some((one) => one.toLowerCase() === lower));
  if (row >= 0) return store.set({ view: "profile", units: [units.keys[row]], find: "" });
  const item = payload.items.find((/** @type {any} */ one) => [one.id, one.label.en, one.label.zh].some((name) => name.toLowerCase() === lower));
  if (item) return store.set(item.kind === "node" ? { view: "ranking", node: item.id, find: "" } : { view: "structure", find: "" });
  return store.set({ view: "ranking", find: text, page: 1 });
}

function themed() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

function render() {
  drawn = layout();
  closeCharts();
  const focus = document.activeElement?.id;
  frame();
  banner();
  const root = place("main");
  root.replaceChildren();
  const view = shown.find(([id]) => id === state.view);
  root.append(el("h2", { class: "unseen" }, store.t(state.view)));
  view?.[1](store, root);
  // A choice that was made with the keyboard keeps the focus, though the view around it is new.
  if (focus && focus !== "main") document.getElementById(focus)?.focus();
}

window.addEventListener("hashchange", () => {
  state = Object.assign(store.state, tidied(stateOf(first, location.hash)));
  render();
  place("main").focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
render();

// @ts-check
/** Charts that ECharts draws: those with a shape of their own. Names go in as text, never as markup. */
import { el } from "./dom.js";
import { fixed } from "./format.js";
import { COLOURS, cut, textWidth } from "./svg.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {{name: string, values: number[]}} Series */

const LOOKS = [
  { colour: "#1f4e85", type: "solid", symbol: "circle", width: 2.5 },
  { colour: "#b35900", type: "dashed", symbol: "diamond", width: 2 },
  { colour: "#3d7fa8", type: "dotted", symbol: "triangle", width: 2 },
  { colour: "#7d7a3c", type: "solid", symbol: "rect", width: 1.5 },
];
const FONT = "'Noto Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif";
/** @type {any[]} */
const open = [];

/** Let go of the charts of the view that is left. */
export function closeCharts() {
  for (const chart of open.splice(0)) chart.dispose();
}

/** @param {HTMLElement} place @param {Record<string, unknown>} option */
function charted(place, option) {
  // The place has its size only when it stands in the page.
  requestAnimationFrame(() => {
    if (!place.isConnected) return;
    const chart = /** @type {any} */ (globalThis).echarts.init(place, null, { renderer: "svg" });
    chart.setOption({ animation: false, backgroundColor: COLOURS.paper, textStyle: { fontFamily: FONT, color: COLOURS.ink }, ...option });
    place.querySelector("svg")?.setAttribute("aria-hidden", "true");
    open.push(chart);
  });
}

/** @param {Series[]} series @param {string} title */
function told(series, title) {
  return `${title}: ${series.map((one) => one.name).join(", ")}`;
}

/**
 * @param {Store} store
 * @param {string} title
 * @param {string[]} axes
 * @param {Series[]} series
 */
export function radarChart(store, title, axes, series) {
  const place = el("div", { class: "chart", role: "img", "aria-label": told(series, title) });
  const narrow = window.innerWidth < 620;
  charted(place, {
    legend: { bottom: 0, data: series.map((one) => one.name), textStyle: { color: COLOURS.ink } },
    radar: {
      radius: narrow ? "54%" : "66%", center: ["50%", "47%"],
      indicator: axes.map((item, at) => ({ name: folded(store.name(item), narrow ? 84 : 150), ...ends(store, item, series.map((one) => one.values[at])) })),
      axisName: { color: COLOURS.ink }, splitArea: { show: false }, splitLine: { lineStyle: { color: COLOURS.grid } }, axisLine: { lineStyle: { color: COLOURS.grid } },
    },
    series: [
      {
        type: "radar",
        data: series.map((one, at) => ({
          name: one.name, value: one.values.map((value) => (Number.isNaN(value) ? null : value)),
          symbol: LOOKS[at % 4].symbol, symbolSize: 6, lineStyle: { color: LOOKS[at % 4].colour, type: LOOKS[at % 4].type, width: LOOKS[at % 4].width },
          itemStyle: { color: LOOKS[at % 4].colour }, areaStyle: at === 0 ? { color: LOOKS[0].colour, opacity: 0.1 } : undefined,
        })),
      },
    ],
  });
  return store.figure(title, place);
}

/** A name on at most two lines. @param {string} name @param {number} most */
function folded(name, most) {
  if (textWidth(name, 12) <= most) return name;
  const words = /[\u2e80-\u9fff]/.test(name) ? [...name] : name.split(/(?<= )/);
  let first = "";
  while (words.length && textWidth(first + words[0], 12) <= most) first += words.shift();
  return first ? `${first.trim()}\n${cut(words.join(""), most, 12)}` : cut(name, most, 12);
}

/** @param {Store} store @param {string} item @param {number[]} values */
function ends(store, item, values) {
  const scale = store.items.get(item).scale;
  const all = [...store.score(item)].filter((value) => !Number.isNaN(value));
  const [low, high] = scale ? [Math.min(...scale), Math.max(...scale)] : [0, 0];
  return { min: Math.min(low, ...all), max: Math.max(high, ...all, ...values.filter((value) => !Number.isNaN(value)), low + 1e-9) };
}

/**
 * @param {Store} store
 * @param {string} title
 * @param {string[]} periods
 * @param {Series[]} series
 */
export function lineChart(store, title, periods, series) {
  const place = el("div", { class: "chart", role: "img", "aria-label": told(series, title) });
  const decimals = store.items.get(store.state.node).decimals;
  charted(place, {
    legend: { bottom: 0, type: "scroll", textStyle: { color: COLOURS.ink } },
    grid: { left: 8, right: 24, top: 16, bottom: 44, containLabel: true },
    xAxis: { type: "category", data: periods, axisLabel: { color: COLOURS.ink } },
    yAxis: { type: "value", scale: true, axisLabel: { color: COLOURS.ink }, splitLine: { lineStyle: { color: COLOURS.grid } } },
    series: series.map((one, at) => ({
      name: one.name, type: "line", data: one.values.map((value) => (Number.isNaN(value) ? null : value)), connectNulls: false,
      symbol: LOOKS[at % 4].symbol, symbolSize: 7, lineStyle: { color: LOOKS[at % 4].colour, type: LOOKS[at % 4].type, width: 2 }, itemStyle: { color: LOOKS[at % 4].colour },
      label: { show: series.length <= 4 && periods.length <= 8, color: COLOURS.ink, formatter: (/** @type {any} */ point) => fixed(point.value, Math.min(decimals, 2)) },
    })),
  });
  return store.figure(title, place);
}

// @ts-check
/** Drawings that carry their own colours, so that they look alike in the page and in a file. */

/** Colours of the figures: dark blue to sand at even steps of lightness, which grey print and every eye keep apart. */
export const COLOURS = {
  paper: "#ffffff", ink: "#1b2430", muted: "#5a6675", line: "#8b96a3", grid: "#dfe4ea", fill: "#7fa8cf", strong: "#1f4e85", accent: "#b35900",
};
const TINTS = ["#eef3f8", "#d3e2f0", "#9cbfdd", "#5a93c4", "#2a6499", "#12294a"];
const STEPS = ["#1f4e85", "#c9c38f", "#3d7fa8", "#79aeb0"];

/** @param {number} share between 0 and 1 */
export function tint(share) {
  return TINTS[Math.min(TINTS.length - 1, Math.max(0, Math.floor(share * TINTS.length)))];
}

/**
 * The colour of text on a tint.
 * @param {number} share
 */
export function onTint(share) {
  return share * TINTS.length >= 3 ? COLOURS.paper : COLOURS.ink;
}

/** @param {number} at */
export function stepColour(at) {
  return STEPS[at % STEPS.length];
}

/** @param {number} count */
export function tintLegend(count = TINTS.length) {
  return TINTS.slice(0, count);
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(SVGElement | string)} children
 * @returns {SVGElement}
 */
export function draw(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * A drawing with a white ground and a title that is read out.
 * @param {number} width
 * @param {number} height
 * @param {string} title
 * @param {...SVGElement} children
 */
export function drawing(width, height, title, ...children) {
  return draw(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": title,
      "font-family": "'Noto Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif", "font-size": 13,
    },
    draw("rect", { x: 0, y: 0, width, height, fill: COLOURS.paper }),
    ...children,
  );
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Record<string, string | number>} [attributes]
 */
export function label(x, y, text, attributes = {}) {
  const fill = attributes.fill ?? COLOURS.ink;
  return draw("text", { x, y, "dominant-baseline": "central", ...attributes, fill, style: `fill:${fill}` }, text);
}

/**
 * How wide a text is about, where a Chinese character counts one size and a Latin letter rather more than half of it.
 * @param {string} text
 * @param {number} size
 */
export function textWidth(text, size = 13) {
  let width = 0;
  for (const one of text) width += /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[\u{20000}-\u{3ffff}]/u.test(one) ? size : size * 0.56;
  return width;
}

/**
 * A text cut to a width.
 * @param {string} text
 * @param {number} most
 */
export function cut(text, most, size = 13) {
  if (textWidth(text, size) <= most) return text;
  let kept = "";
  for (const one of text) {
    if (textWidth(`${kept}${one}…`, size) > most) break;
    kept += one;
  }
  return `${kept}…`;
}

/**
 * Round numbers on an axis, about five of them.
 * @param {number} low
 * @param {number} high
 */
export function ticksOf(low, high, about = 5) {
  const raw = (high - low) / about || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) found.push(Number((at * step).toPrecision(12)));
  return found;
}

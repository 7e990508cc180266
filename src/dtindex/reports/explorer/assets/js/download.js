// @ts-check
/** Files that a reader takes along, made in the page. */

const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

/**
 * One cell: text that a spreadsheet would take for a formula gets an apostrophe, numbers stay numbers.
 * @param {string | number | null | undefined} value
 */
export function csvCell(value) {
  if (value === null || value === undefined || (typeof value === "number" && Number.isNaN(value))) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/**
 * A table as CSV with a byte-order mark, without which Excel in China would read UTF-8 as GBK.
 * @param {string[]} head
 * @param {(string | number | null | undefined)[][]} rows
 */
export function csvOf(head, rows) {
  return `\ufeff${[head, ...rows].map((row) => row.map(csvCell).join(",")).join("\n")}\n`;
}

/**
 * @param {string} name
 * @param {Blob} blob
 */
function save(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replace(/[\\/:*?"<>|]+/g, "-");
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * @param {string} name
 * @param {string[]} head
 * @param {(string | number | null | undefined)[][]} rows
 */
export function saveCsv(name, head, rows) {
  save(`${name}.csv`, new Blob([csvOf(head, rows)], { type: "text/csv;charset=utf-8" }));
}

/** @param {SVGElement} svg */
export function svgText(svg) {
  const copy = /** @type {SVGElement} */ (svg.cloneNode(true));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/**
 * @param {string} name
 * @param {SVGElement} svg
 */
export function saveSvg(name, svg) {
  save(`${name}.svg`, new Blob([svgText(svg)], { type: "image/svg+xml" }));
}

/**
 * Twice as many dots as the page shows.
 * @param {string} name
 * @param {SVGElement} svg
 */
export async function savePng(name, svg) {
  const box = svg.getBoundingClientRect();
  const width = Number(svg.getAttribute("width")) || box.width;
  const height = Number(svg.getAttribute("height")) || box.height;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (blob instanceof Blob) save(`${name}.png`, blob);
}

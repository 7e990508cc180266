// @ts-check
/** Columns of numbers as the page holds them: little-endian floats in base64, so that every bit is the library's. */

/** @typedef {{f64: string}} Packed */

/**
 * The numbers of a packed column; NaN where there is none.
 * @param {Packed} packed
 * @returns {Float64Array}
 */
export function decodeF64(packed) {
  const text = atob(packed.f64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  const view = new DataView(bytes.buffer);
  const found = new Float64Array(bytes.length / 8);
  for (let at = 0; at < found.length; at += 1) found[at] = view.getFloat64(at * 8, true);
  return found;
}

/** @type {WeakMap<Packed, Float64Array>} */
const decoded = new WeakMap();

/**
 * The same, decoded once.
 * @param {Packed} packed
 * @returns {Float64Array}
 */
export function column(packed) {
  let found = decoded.get(packed);
  if (!found) {
    found = decodeF64(packed);
    decoded.set(packed, found);
  }
  return found;
}

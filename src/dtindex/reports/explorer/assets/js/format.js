// @ts-check
/** Figures as people read them. */

/**
 * @param {number | null | undefined} value
 * @param {number} decimals
 */
export function fixed(value, decimals) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const shown = value.toFixed(decimals);
  return (Number(shown) === 0 ? (0).toFixed(decimals) : shown).replace("-", "−");
}

/**
 * A raw value: as many digits as it has, at most six that count.
 * @param {number | null | undefined} value
 */
export function plainNumber(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const shown = Math.abs(value) >= 1e6 ? Math.round(value * 100) / 100 : Number(value.toPrecision(6));
  return shown.toLocaleString("en-US", { maximumFractionDigits: 6 }).replace("-", "−");
}

/**
 * A difference, with its sign.
 * @param {number} value
 * @param {number} decimals
 */
export function signed(value, decimals) {
  const shown = fixed(value, decimals);
  return value > 0 && shown !== "–" ? `+${shown}` : shown;
}

/** @param {number} share */
export function percent(share, decimals = 1) {
  return Number.isNaN(share) ? "–" : `${fixed(100 * share, decimals)}%`;
}

/** @param {number[]} values */
export function medianOf(values) {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (!known.length) return NaN;
  const half = known.length >> 1;
  return known.length % 2 ? known[half] : (known[half - 1] + known[half]) / 2;
}

// @ts-check
/**
 * Scores and ranks with other weights: the library's arithmetic, operation by operation, so that a mean of the same
 * numbers has the same bits, and ranks are taken on the same integer keys. Learned weights and ideals stay as they are.
 */
import { column } from "./decode.js";

/** @typedef {[number, number] | null} Scale An interval; null is an open scale. */
/** @typedef {import("./decode.js").Packed} Packed */
/** @typedef {{above?: number, at_least?: number, below?: number, at_most?: number, id: string}} When */
/**
 * @typedef {{
 *   method: string, within?: [number, number] | null, p?: number,
 *   cases?: {take: string, when: When | null}[],
 *   best?: number[], worst?: number[], length?: number[]
 * }} Aggregate
 */
/**
 * @typedef {{
 *   members: string[], weights: number[], aggregate: Aggregate, scale: Scale, round: number | null, leaves: number,
 *   coverage: {at_least: number, of: "leaves" | "children", by: "weight" | "count", missing: "renormalise" | "zero"},
 *   observed: boolean, computed: boolean, adjustable: boolean, why_not: string | null
 * }} ModelNode
 */
/**
 * @typedef {{
 *   rows: number, order: string[], nodes: Record<string, ModelNode>, leaves: string[], scales: Record<string, Scale>,
 *   widths: Record<string, number>, decimals: Record<string, number | null>, values: Record<string, Packed>,
 *   flags: Record<string, number[]>, ranked: number[], periods: number[] | null
 * }} Model
 */
/**
 * @typedef {{
 *   values: Float64Array, withheld: Uint8Array, inapplicable: Uint8Array,
 *   share: Float64Array, used: Float64Array, total: Float64Array
 * }} Part
 */

const NOT_APPLICABLE = 64;
const WITHHELD = 128;
const OBSERVED = 1;
const TOLERANCE = 1e-12;
const HALF_KEY = 0.5e-12;
const LAST_BITS = 1e-13;
const SMALL_POWER = 0.1;
const DIGITS = 1e12;

/**
 * Half to even, as IEEE 754 rounds.
 * @param {number} x
 */
export function rint(x) {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest < 0.5) return down;
  if (rest > 0.5) return down + 1;
  return down % 2 === 0 ? down : down + 1;
}

/**
 * Half up, where a value within half a key of a tie counts as the tie.
 * @param {number} value
 * @param {number} decimals
 * @param {number} width
 */
export function roundHalfUp(value, decimals, width) {
  const factor = Number(`1e${decimals}`);
  const slack = ((0.5 * width) / DIGITS) * factor;
  return slack >= 0.5 ? value : Math.floor(value * factor + (0.5 + slack)) / factor;
}

/**
 * Integer keys by which scores are compared; NaN where there is no score.
 * @param {Float64Array} scores
 * @param {number} width
 * @param {number | null} decimals
 */
export function keysOf(scores, width, decimals) {
  return scores.map((score) => {
    const rounded = decimals === null ? score : roundHalfUp(score, decimals, width);
    return rint((rounded / width) * DIGITS) + 0;
  });
}

/**
 * Ranks of keys among the rows that are ranked, each period by itself: 1 is the highest, ties share the better rank, 0
 * is not ranked.
 * @param {Float64Array} keys
 * @param {ArrayLike<number>} ranked
 * @param {ArrayLike<number> | null} periods
 */
export function ranksOf(keys, ranked, periods) {
  const ranks = new Int32Array(keys.length);
  /** @type {Map<number, number[]>} */
  const groups = new Map();
  for (let row = 0; row < keys.length; row += 1) {
    if (!ranked[row] || Number.isNaN(keys[row])) continue;
    const period = periods ? periods[row] : 0;
    const group = groups.get(period);
    if (group) group.push(row);
    else groups.set(period, [row]);
  }
  for (const rows of groups.values()) {
    rows.sort((a, b) => keys[b] - keys[a]);
    for (let at = 0; at < rows.length; at += 1) {
      const tied = at > 0 && keys[rows[at]] === keys[rows[at - 1]];
      ranks[rows[at]] = tied ? ranks[rows[at - 1]] : at + 1;
    }
  }
  return ranks;
}

/**
 * Scores, keys and ranks of every item with the weights of some nodes replaced.
 * @param {Model} model
 * @param {Record<string, number[]>} [weights] by node, in the order of its members
 */
export function rescore(model, weights = {}) {
  /** @type {Record<string, Part>} */
  const parts = {};
  /** @type {Record<string, Float64Array>} */
  const values = {};
  for (const leaf of model.leaves) {
    parts[leaf] = leafPart(column(model.values[leaf]), model.flags[leaf]);
    values[leaf] = parts[leaf].values;
  }
  for (const id of model.order) {
    parts[id] = nodePart(model, id, parts, weights[id] ?? model.nodes[id].weights);
    values[id] = parts[id].values;
  }
  /** @type {Record<string, Float64Array>} */
  const keys = {};
  /** @type {Record<string, Int32Array>} */
  const ranks = {};
  for (const id of model.order) {
    keys[id] = keysOf(values[id], model.widths[id], model.decimals[id]);
    ranks[id] = ranksOf(keys[id], model.ranked, model.periods);
  }
  return { values, keys, ranks };
}

/**
 * @param {Float64Array} values
 * @param {ArrayLike<number>} flags
 * @returns {Part}
 */
function leafPart(values, flags) {
  const rows = values.length;
  const share = new Float64Array(rows);
  const total = new Float64Array(rows);
  const withheld = new Uint8Array(rows);
  const inapplicable = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const known = !Number.isNaN(values[row]);
    withheld[row] = flags[row] & WITHHELD ? 1 : 0;
    inapplicable[row] = flags[row] & NOT_APPLICABLE ? 1 : 0;
    share[row] = known ? 1 : 0;
    total[row] = inapplicable[row] ? 0 : 1;
  }
  return { values, withheld, inapplicable, share, used: share, total };
}

/**
 * @param {Model} model
 * @param {string} id
 * @param {Record<string, Part>} parts
 * @param {number[]} weights
 * @returns {Part}
 */
function nodePart(model, id, parts, weights) {
  const node = model.nodes[id];
  const given = column(model.values[id]);
  const flags = model.flags[id];
  if (!node.computed) return keptPart(node, given, flags, parts);
  const members = node.members.map((member) => parts[member]);
  const columns = node.members.map((member) => membersColumn(model, node, member, parts[member]));
  const part = joined(node, members, weights);
  const combined = combine(model, node, columns, weights, parts);
  const width = node.scale === null ? 1 : Math.abs(node.scale[1] - node.scale[0]);
  const chooses = node.aggregate.method === "cases";
  for (let row = 0; row < model.rows; row += 1) {
    let value = combined[row];
    if (node.round !== null) value = roundHalfUp(value, node.round, width);
    const covered = part.coverage[row] >= node.coverage.at_least - TOLERANCE || (chooses && !Number.isNaN(value));
    part.values[row] = covered && !part.stopped[row] && part.asked[row] ? value : NaN;
    part.inapplicable[row] = Number.isNaN(part.values[row]) && !part.asked[row] ? 1 : 0;
  }
  return node.observed ? observed(node, part, given, flags) : part;
}

/**
 * A node that is not computed again: its score stands, and what is known below it is that of its members.
 * @param {ModelNode} node
 * @param {Float64Array} given
 * @param {ArrayLike<number>} flags
 * @param {Record<string, Part>} parts
 * @returns {Part}
 */
function keptPart(node, given, flags, parts) {
  const members = node.members.map((member) => parts[member]);
  if (!members.length || members.some((member) => !member)) return leafPart(given, flags);
  const part = joined(node, members, node.weights);
  part.values.set(given);
  for (let row = 0; row < given.length; row += 1) part.inapplicable[row] = flags[row] & NOT_APPLICABLE ? 1 : 0;
  return node.observed ? observed(node, part, given, flags) : part;
}

/**
 * A node whose value the table gives in some rows: that is its score.
 * @param {ModelNode} node
 * @param {Part} part
 * @param {Float64Array} given
 * @param {ArrayLike<number>} flags
 * @returns {Part}
 */
function observed(node, part, given, flags) {
  for (let row = 0; row < given.length; row += 1) {
    if (flags[row] & OBSERVED) {
      part.values[row] = given[row];
      part.share[row] = 1;
      part.used[row] = node.leaves;
      part.total[row] = node.leaves;
      part.withheld[row] = flags[row] & WITHHELD ? 1 : 0;
      part.inapplicable[row] = 0;
    } else if (flags[row] & WITHHELD) {
      part.values[row] = NaN;
      part.withheld[row] = 1;
    } else if (flags[row] & NOT_APPLICABLE) {
      part.values[row] = NaN;
      part.inapplicable[row] = 1;
    }
  }
  return part;
}

/**
 * A member's scores on the node's scale.
 * @param {Model} model
 * @param {ModelNode} node
 * @param {string} member
 * @param {Part} part
 */
function membersColumn(model, node, member, part) {
  const own = model.scales[member];
  const whole = node.scale;
  const low = node.coverage.missing === "zero";
  const same =
    own === null || whole === null || node.aggregate.method === "sum" || (own[0] === whole[0] && own[1] === whole[1]);
  if (same && !low) return part.values;
  /** @param {number} x */
  const onScale = (x) =>
    same || own === null || whole === null
      ? x
      : whole[0] + (whole[1] - whole[0]) * ((x - own[0]) / (own[1] - own[0]));
  const end = own === null ? 0 : onScale(own[0]);
  return part.values.map((x, row) => (low && Number.isNaN(x) && !part.inapplicable[row] ? end : onScale(x)));
}

/**
 * What is known below a node, and its coverage by the node's own rule.
 * @param {ModelNode} node
 * @param {Part[]} members
 * @param {number[]} weights
 */
function joined(node, members, weights) {
  const rows = members[0].values.length;
  const make = () => new Float64Array(rows);
  const part = {
    values: make(), share: make(), used: make(), total: make(), coverage: make(),
    withheld: new Uint8Array(rows), inapplicable: new Uint8Array(rows),
    stopped: new Uint8Array(rows), asked: new Uint8Array(rows),
  };
  const { of, by } = node.coverage;
  for (let row = 0; row < rows; row += 1) {
    let share = 0;
    let whole = 0;
    let used = 0;
    let total = 0;
    let known = 0;
    let wanted = 0;
    for (let at = 0; at < members.length; at += 1) {
      const member = members[at];
      const here = Number.isNaN(member.values[row]) ? 0 : 1;
      const asks = member.inapplicable[row] ? 0 : 1;
      share += weights[at] * (member.share[row] * here);
      whole += weights[at] * asks;
      used += member.used[row] * here;
      total += member.total[row] * asks;
      const unit = by === "weight" ? weights[at] : 1;
      known += unit * here;
      wanted += unit * asks;
      if (asks) part.asked[row] = 1;
      if (member.withheld[row]) part.stopped[row] = 1;
    }
    part.share[row] = whole > 0 ? share / whole : 0;
    part.used[row] = used;
    part.total[row] = total;
    if (of === "children") part.coverage[row] = wanted > 0 ? known / wanted : 0;
    else if (by === "weight") part.coverage[row] = part.share[row];
    else part.coverage[row] = total > 0 ? used / total : 0;
  }
  return part;
}

/**
 * The node's scores before rounding and coverage.
 * @param {Model} model
 * @param {ModelNode} node
 * @param {Float64Array[]} columns
 * @param {number[]} weights
 * @param {Record<string, Part>} parts
 * @returns {Float64Array}
 */
function combine(model, node, columns, weights, parts) {
  const { method } = node.aggregate;
  if (method === "arithmetic") return weightedMean(columns, weights);
  if (method === "sum") return weightedSum(columns, weights);
  if (method === "cases") return chosen(model, node, columns, parts);
  if (method === "topsis") return closeness(node, columns, weights);
  return quasi(node, columns, weights);
}

/**
 * `sum w x` and `sum w` over what is known, term by term in file order; NaN and 0 where nothing is.
 * @param {Float64Array[]} columns
 * @param {number[]} weights
 */
function totals(columns, weights) {
  const rows = columns[0].length;
  const total = new Float64Array(rows);
  const known = new Float64Array(rows);
  const any = weights.some((weight) => weight !== 0);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    let weight = 0;
    for (let at = 0; at < columns.length; at += 1) {
      const x = columns[at][row];
      if (weights[at] === 0 || Number.isNaN(x)) continue;
      sum += x * weights[at];
      weight += weights[at];
    }
    total[row] = any ? sum : NaN;
    known[row] = weight;
  }
  return { total, known };
}

/**
 * @param {Float64Array[]} columns
 * @param {number[]} weights
 */
function weightedMean(columns, weights) {
  const { total, known } = totals(columns, weights);
  return total.map((sum, row) => (known[row] > 0 ? sum / known[row] : NaN));
}

/**
 * @param {Float64Array[]} columns
 * @param {number[]} weights
 */
function weightedSum(columns, weights) {
  const { total, known } = totals(columns, weights);
  const gaps = columns.some((one, at) => weights[at] !== 0 && one.some(Number.isNaN));
  if (!gaps) return total;
  let whole = 0;
  for (const weight of weights) whole += weight;
  return total.map((sum, row) => (known[row] > 0 ? sum * (whole / known[row]) : NaN));
}

/**
 * The child of the first case whose condition holds; nothing once a condition meets a missing value.
 * @param {Model} model
 * @param {ModelNode} node
 * @param {Float64Array[]} columns
 * @param {Record<string, Part>} parts
 */
function chosen(model, node, columns, parts) {
  const cases = node.aggregate.cases ?? [];
  return columns[0].map((_, row) => {
    for (const one of cases) {
      if (one.when) {
        const value = parts[one.when.id].values[row];
        if (Number.isNaN(value)) return NaN;
        if (!holds(value, one.when, model.scales[one.when.id])) continue;
      }
      return columns[node.members.indexOf(one.take)][row];
    }
    return NaN;
  });
}

/**
 * @param {number} value
 * @param {When} when
 * @param {Scale} scale
 */
function holds(value, when, scale) {
  /** @param {number} bound */
  const slack = (bound) => (scale === null ? openWidth(bound) : scale[1] - scale[0]) * HALF_KEY;
  if (when.above !== undefined && !(value > when.above + slack(when.above))) return false;
  if (when.at_least !== undefined && !(value >= when.at_least - slack(when.at_least))) return false;
  if (when.below !== undefined && !(value < when.below - slack(when.below))) return false;
  return when.at_most === undefined || value <= when.at_most + slack(when.at_most);
}

/**
 * The power of ten at or above a number.
 * @param {number} value
 */
function openWidth(value) {
  const size = Math.abs(value);
  if (size === 0) return 1;
  let exponent = Math.ceil(Math.log10(size));
  if (exponent <= 308 && Number(`1e${exponent}`) < size) exponent += 1;
  return Number(`1e${Math.min(exponent, 308)}`);
}

/**
 * @param {ModelNode} node
 * @param {Float64Array[]} columns
 * @param {number[]} weights
 */
function closeness(node, columns, weights) {
  const { best = [], worst = [], length = [] } = node.aggregate;
  return columns[0].map((_, row) => {
    let toBest = 0;
    let toWorst = 0;
    for (let at = 0; at < columns.length; at += 1) {
      const x = columns[at][row] / length[at];
      if (Number.isNaN(x)) continue;
      const within = Math.min(Math.max(x, worst[at]), best[at]);
      const below = (best[at] - within) * weights[at];
      const above = (within - worst[at]) * weights[at];
      toBest += below * below;
      toWorst += above * above;
    }
    const near = Math.sqrt(toWorst);
    const whole = Math.sqrt(toBest) + near;
    const found = whole > 0 ? near / whole : NaN;
    return node.scale === null ? found : node.scale[0] + (node.scale[1] - node.scale[0]) * found;
  });
}

/**
 * Geometric, harmonic and power means: the mean of a function of the scores, taken back by its inverse.
 * @param {ModelNode} node
 * @param {Float64Array[]} columns
 * @param {number[]} weights
 */
function quasi(node, columns, weights) {
  const { method, within = null } = node.aggregate;
  const p = method === "geometric" ? 0 : method === "harmonic" ? -1 : (node.aggregate.p ?? 1);
  const scale = node.scale;
  const mapped =
    within === null || scale === null
      ? columns
      : columns.map((one) => one.map((x) => within[0] + (within[1] - within[0]) * ((x - scale[0]) / (scale[1] - scale[0]))));
  const pivots = method === "power" && Math.abs(p) >= SMALL_POWER ? pivotsOf(mapped, weights, p) : null;
  const [forward, back] = functions(method, p);
  const terms = mapped.map((one) => one.map((x, row) => forward(pivots ? x / pivots[row] : x)));
  const mean = weightedMean(terms, weights);
  const found = mean.map((x, row) => {
    for (let at = 0; at < mapped.length; at += 1) if (weights[at] > 0 && mapped[at][row] < 0) return NaN;
    return pivots ? back(x) * pivots[row] : back(x);
  });
  if (within === null || scale === null) return found;
  const bits = LAST_BITS * Math.abs(scale[1] - scale[0]);
  const low = Math.min(...scale);
  const high = Math.max(...scale);
  return found.map((value) => {
    const x = scale[0] + (scale[1] - scale[0]) * ((value - within[0]) / (within[1] - within[0]));
    if (x < low && x > low - bits) return low;
    return x > high && x < high + bits ? high : x;
  });
}

/**
 * A row's largest score, for p below zero its smallest, so that no power overflows.
 * @param {Float64Array[]} columns
 * @param {number[]} weights
 * @param {number} p
 */
function pivotsOf(columns, weights, p) {
  const pick = p > 0 ? Math.max : Math.min;
  return columns[0].map((_, row) => {
    let pivot = NaN;
    for (let at = 0; at < columns.length; at += 1) {
      const x = columns[at][row];
      if (weights[at] > 0 && !Number.isNaN(x)) pivot = Number.isNaN(pivot) ? x : pick(pivot, x);
    }
    return pivot > 0 ? pivot : 1;
  });
}

/**
 * The function of a mean, and its inverse.
 * @param {string} method
 * @param {number} p
 * @returns {[(x: number) => number, (x: number) => number]}
 */
function functions(method, p) {
  if (method === "harmonic") return [(x) => 1 / Math.abs(x), (x) => 1 / x];
  if (method === "geometric") return [(x) => Math.log(x), (x) => Math.exp(x)];
  if (p === 0) return [(x) => Math.log(Math.abs(x)), (x) => Math.exp(x)];
  if (Math.abs(p) < SMALL_POWER) {
    return [(x) => Math.expm1(p * Math.log(Math.abs(x))), (x) => Math.exp(Math.log1p(x) / p)];
  }
  return [(x) => Math.abs(x) ** p, (x) => x ** (1 / p)];
}

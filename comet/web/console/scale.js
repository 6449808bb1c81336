// Scales of the plots: from values to places, and where lines are drawn. Pure functions.

const kLeastTop = 4;  // so that lines stand at whole numbers

// Of very many values, too, which could not all be arguments of Math.min(): cores by samples.
export const least = (values, bound) => values.reduce((a, b) => Math.min(a, b), bound);
export const greatest = (values, bound) => values.reduce((a, b) => Math.max(a, b), bound);

// From zero to a round number at or above `max`, with lines at round numbers.
export function linear(max) {
  const top = Math.max(max, kLeastTop);
  const magnitude = 10 ** Math.floor(Math.log10(top));
  const steps = [0.2, 0.5, 1, 2].map((factor) => factor * magnitude);
  const step = steps.find((candidate) => top / candidate <= 5.001);
  const count = Math.max(1, Math.ceil(top / step - 1e-9));
  const ticks = Array.from({length: count + 1}, (_, i) => i * step);
  const end = ticks.at(-1);
  return {ticks, place: (value) => value / end};
}

// By powers of ten around all values: what is a hundred times as long still fits beside the rest.
export function logarithmic(min, max) {
  const from = Math.floor(Math.log10(Math.max(min, 1)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(max, 1)) - 1e-9));
  const ticks = Array.from({length: to - from + 1}, (_, i) => 10 ** (from + i));
  const place = (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from);
  return {ticks, place};
}

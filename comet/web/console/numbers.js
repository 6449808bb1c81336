// Numbers as people read them. Pure functions.

const kThin = '\u202f';  // a narrow space that does not break, between digits and unit

// 1234567 → "1 234 567"
export function whole(n) {
  return Math.round(n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, kThin);
}

export function counted(n, what) {
  return `${short(n)} ${what}${n === 1 ? '' : 's'}`;
}

// In the unit that fits `like`. Three digits, and fewer where these say it exactly: 20 k, not 20.0 k.
function scaled(n, base, units, like = n) {
  let unit = 0;
  while (Math.abs(like) >= base * 0.9995 && unit + 1 < units.length) {
    n /= base;
    like /= base;
    ++unit;
  }
  const digits = unit === 0 || Math.abs(n) >= 99.95 ? 0 : Math.abs(n) >= 9.995 ? 1 : 2;
  const text = n.toFixed(digits);
  return [Number(text) === n ? String(n) : text, units[unit]];
}

// 1234567 → "1.23 M"; small whole numbers stay as they are, and rates below ten keep a digit.
// Beside others, in the unit of the largest, `like`: 5 k, 10 k, 15 k.
export function short(n, like = n) {
  if (!Number.isFinite(n)) return '–';
  if (Math.abs(n) < 10 && !Number.isInteger(n)) return n.toFixed(1);
  if (n === 0 || Math.abs(like) < 9999.5) return whole(n);
  return scaled(n, 1000, ['', 'k', 'M', 'G', 'T'], like).join(kThin);
}

export function bytes(n) {
  if (!Number.isFinite(n)) return '–';
  return scaled(n, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']).join(kThin);
}

export function microseconds(us) {
  if (!Number.isFinite(us)) return '–';
  return scaled(us, 1000, ['µs', 'ms', 's']).join(kThin);
}

// 7384 → "2 h 3 min"
export function duration(s) {
  if (!Number.isFinite(s)) return '–';
  const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  s = Math.max(0, Math.round(s));
  const first = units.findIndex(([size]) => s >= size);
  if (first < 0) return `0${kThin}s`;
  const parts = [];
  for (const [size, name] of units.slice(first, first + 2)) {
    const count = Math.floor(s / size);
    s -= count * size;
    if (count > 0) parts.push(`${count}${kThin}${name}`);
  }
  return parts.join(' ');
}

export function percent(part, all) {
  const value = (100 * part) / all;
  if (value === 0) return `0${kThin}%`;
  if (value > 0 && value < 0.1) return `<${kThin}0.1${kThin}%`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${kThin}%`;
}

export function clock(date) {
  return date.toLocaleTimeString([], {hour12: false});
}

export function dayAndTime(date) {
  return date.toLocaleString([], {dateStyle: 'medium', timeStyle: 'medium', hour12: false});
}

// "token_error" → "token error"
export function words(name) {
  return name.replaceAll('_', ' ');
}

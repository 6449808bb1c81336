// One plot over time, drawn as SVG: lines of samples, an axis, and a cursor to read values at.
//
// A gap in time, or a sample without the value, is a gap in the line. The cursor is shared by all
// plots: a chart only says where its reader points, and is told what to show.

import {clock} from './numbers.js';
import {greatest, least, linear, logarithmic} from './scale.js';

const kSvg = 'http://www.w3.org/2000/svg';
const kGapMs = 4000;      // no line over more time than that without a sample
const kFootPx = 18;       // for the times below the plot
const kSidePx = 48;       // for the values beside it
const kHeadPx = 8;

function svg(name, attributes = {}) {
  const element = document.createElementNS(kSvg, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function html(name, className, text = '') {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

export class Chart {
  // `lines(samples)`: [{name, tone, of(sample)}], perhaps as many as there are cores; a line alone
  // needs no name. `format(value, like)` writes a value, on the axis in the unit that fits `like`.
  // `note` says in a word or two what the plot shows, `nothing` that there was none of it.
  // `point(at)` is called with the time that the reader points at, or null.
  constructor(figure, {title, note, nothing = '', lines, format, scale = 'linear', area = false, point}) {
    Object.assign(this, {figure, title, nothing, lines, format, scale, area, point});
    this.heading = html('h2', '', title);
    this.legend = html('p', 'legend');
    const caption = html('figcaption', 'chart-head');
    const name = html('div', 'chart-name');
    name.append(this.heading, html('span', 'aside', note));
    caption.append(name, this.legend);
    this.plot = svg('svg', {class: 'plot', role: 'img', tabindex: '0'});
    this.spoken = html('p', 'quiet');
    this.spoken.setAttribute('aria-live', 'polite');
    figure.append(caption, this.plot, this.spoken);
    this.view = {samples: [], from: 0, to: 1, cursor: null};
    this.watchReader();
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.plot);
  }

  // Shows the samples of [from, to]; `cursor` is the time to read at, or null for the newest.
  show(view) {
    this.view = view;
    this.draw();
  }

  draw() {
    const {width, height} = this.plot.getBoundingClientRect();
    if (width < 1) return;
    this.width = width;
    const {samples, from, to, cursor} = this.view;
    const lines = this.lines(samples);
    const visible = samples.filter((one) => one.at >= from);
    const values = lines.flatMap((line) => visible.map(line.of)).filter((v) => v !== null);
    const scale = this.scale === 'log'
      ? logarithmic(least(values, 100), greatest(values, 10_000))
      : linear(greatest(values, 0));
    const bottom = height - kFootPx;
    const x = (at) => kSidePx + ((at - from) / (to - from)) * (width - kSidePx);
    const y = (value) => bottom - scale.place(value) * (bottom - kHeadPx);

    const parts = [];
    for (const tick of scale.ticks) {
      const at = Math.round(y(tick)) + 0.5;
      parts.push(svg('line', {class: tick === scale.ticks[0] ? 'base' : 'grid', x1: kSidePx, x2: width, y1: at, y2: at}));
      parts.push(this.text(this.format(tick, scale.ticks.at(-1)), {class: 'tick value', x: kSidePx - 8, y: at + 3.5}));
    }
    parts.push(...this.times(from, to, x, height));
    for (const line of lines) parts.push(...this.path(line, samples, x, y, bottom));
    if (values.length === 0) parts.push(this.text(this.nothing, {class: 'tick nothing', x: (width + kSidePx) / 2, y: (bottom + kHeadPx) / 2 + 4}));
    const read = this.nearest(visible, cursor);
    if (read !== null && cursor !== null) parts.push(...this.crosshair(read, lines, x, y, bottom));
    this.plot.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.plot.replaceChildren(...parts);
    this.describe(lines, visible, read, cursor);
  }

  text(content, attributes) {
    const label = svg('text', attributes);
    label.textContent = content;
    return label;
  }

  times(from, to, x, height) {
    const span = (to - from) / 1000;
    const step = span > 600 ? 180 : span > 120 ? 60 : 15;
    const labels = [];
    for (let ago = step; ago < span; ago += step) {
      const place = x(to - ago * 1000);
      if (place < kSidePx + 16) break;
      labels.push(this.text(ago % 60 === 0 ? `−${ago / 60} min` : `−${ago} s`, {class: 'tick time', x: place, y: height - 4}));
    }
    labels.push(this.text('now', {class: 'tick time end', x: x(to), y: height - 4}));
    return labels;
  }

  path(line, samples, x, y, bottom) {
    const runs = [];
    let last = null;
    for (const one of samples) {
      const value = line.of(one);
      if (value === null || value === undefined) {
        last = null;
        continue;
      }
      if (last === null || one.at - last > kGapMs) runs.push([]);
      runs.at(-1).push([x(one.at), y(value)]);
      last = one.at;
    }
    const text = (run) => run.map(([a, b]) => `${a.toFixed(1)} ${b.toFixed(1)}`).join('L');
    const drawn = [];
    for (const run of runs) {
      if (run.length === 1) {
        drawn.push(svg('circle', {class: `point ${line.tone}`, cx: run[0][0], cy: run[0][1], r: 1.75}));
        continue;
      }
      if (this.area) {
        const under = `M${run[0][0].toFixed(1)} ${bottom}L${text(run)}L${run.at(-1)[0].toFixed(1)} ${bottom}Z`;
        drawn.push(svg('path', {class: `area ${line.tone}`, d: under}));
      }
      drawn.push(svg('path', {class: `line ${line.tone}`, d: `M${text(run)}`}));
    }
    return drawn;
  }

  crosshair(read, lines, x, y, bottom) {
    const at = x(read.at);
    const parts = [svg('line', {class: 'cross', x1: at, x2: at, y1: kHeadPx, y2: bottom})];
    for (const line of lines) {
      const value = line.of(read);
      if (value === null || value === undefined) continue;
      parts.push(svg('circle', {class: `mark ${line.tone}`, cx: at, cy: y(value), r: 3.5}));
    }
    parts.push(this.text(clock(new Date(read.at)),
      {class: 'tick cross-time', x: Math.min(Math.max(at, kSidePx), this.width - 28), y: bottom + kFootPx - 4}));
    return parts;
  }

  nearest(samples, at) {
    if (samples.length === 0) return null;
    if (at === null) return samples.at(-1);
    return samples.reduce((best, one) => (Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best));
  }

  // Legend and what a screen reader says.
  describe(lines, visible, read, cursor) {
    const say = (value) => (value === null || value === undefined ? '–' : this.format(value));
    const entries = lines.length <= 3
      ? lines.map((line) => ({name: line.name, tone: line.tone, text: read ? say(line.of(read)) : '–'}))
      : [{name: `${lines.length} cores`, tone: lines[0].tone, text: this.range(lines, read)}];
    this.legend.replaceChildren(...entries.map(({name, tone, text}) => {
      const entry = html('span', `entry ${tone}`);
      entry.append(html('span', 'swatch'));
      if (name !== '') entry.append(html('span', 'entry-name', name));
      entry.append(html('b', '', text));
      return entry;
    }));
    const figures = entries.map(({name, text}) => `${name} ${text}`.trim()).join(', ');
    this.plot.setAttribute('aria-label', `${this.title}: ${visible.length ? figures : 'no figures yet'}. Arrow keys read earlier values.`);
    if (cursor !== null && document.activeElement === this.plot && read) {
      this.spoken.textContent = `${clock(new Date(read.at))}: ${figures}`;
    }
  }

  range(lines, read) {
    const values = read ? lines.map((line) => line.of(read)).filter((v) => v !== null && v !== undefined) : [];
    if (values.length === 0) return '–';
    return `${this.format(Math.min(...values))} to ${this.format(Math.max(...values))}`;
  }

  watchReader() {
    this.plot.addEventListener('pointermove', (event) => {
      const {left} = this.plot.getBoundingClientRect();
      const {from, to} = this.view;
      this.point(from + ((event.clientX - left - kSidePx) / (this.width - kSidePx)) * (to - from));
    });
    this.plot.addEventListener('pointerleave', () => this.point(null));
    this.plot.addEventListener('blur', () => this.point(null));
    this.plot.addEventListener('keydown', (event) => {
      const {samples, from, cursor} = this.view;
      const visible = samples.filter((one) => one.at >= from);
      if (visible.length === 0) return;
      const now = cursor === null ? visible.length - 1 : visible.indexOf(this.nearest(visible, cursor));
      const target = {ArrowLeft: now - 1, ArrowRight: now + 1, PageUp: now - 10, PageDown: now + 10, Home: 0, End: visible.length - 1}[event.key];
      if (event.key === 'Escape' && cursor !== null) {
        event.stopPropagation();
        this.point(null);
      }
      if (target === undefined) return;
      event.preventDefault();
      this.point(visible[Math.min(Math.max(target, 0), visible.length - 1)].at);
    });
  }
}

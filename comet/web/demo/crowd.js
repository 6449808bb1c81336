// The plot of what the crowd published during the last minute: a dot for each reading, and where the
// crowd is on average.

const kSpanMs = 60_000;
const kMargin = {left: 40, right: 16, top: 10, bottom: 24};

export class CrowdPlot {
  #canvas;
  #readings = [];  // {at, value}, the oldest first
  #means = [];
  #colours = {};
  #behind = Infinity;  // how far the backend's clock is behind this page's, the way to here included

  constructor(canvas) {
    this.#canvas = canvas;
    const learn = () => {
      const style = getComputedStyle(document.documentElement);
      const probe = document.createElement('span');
      document.body.append(probe);
      for (const name of ['blue', 'rose', 'line', 'muted']) {
        probe.style.color = style.getPropertyValue(`--${name}`);
        this.#colours[name] = getComputedStyle(probe).color;
      }
      probe.remove();
    };
    learn();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', learn);
    const draw = () => {
      this.#draw();
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  // `values` were published within the last `ms` before `at`, a time of the backend's clock. Those of
  // before this page was there come all at once; the quickest tells the difference of the clocks.
  add({values, mean, at, ms}) {
    this.#behind = Math.min(this.#behind, performance.now() - at);
    values.forEach((value, i) => this.#readings.push({at: at - ms * (1 - (i + 1) / values.length), value}));
    this.#means.push({at, value: mean});
    const old = performance.now() - this.#behind - kSpanMs - 1000;
    for (const list of [this.#readings, this.#means]) {
      let count = 0;
      while (count < list.length && list[count].at < old) ++count;
      list.splice(0, count);
    }
  }

  #draw() {
    const ratio = devicePixelRatio;
    const {clientWidth: width, clientHeight: height} = this.#canvas;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const pen = this.#canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const now = performance.now() - this.#behind;
    const right = width - kMargin.right;
    const bottom = height - kMargin.bottom;
    const x = (at) => right - (now - at) / kSpanMs * (right - kMargin.left);
    const y = (value) => bottom - value / 100 * (bottom - kMargin.top);

    pen.font = '11px Inter, system-ui, sans-serif';
    pen.fillStyle = this.#colours.muted;
    pen.strokeStyle = this.#colours.line;
    pen.lineWidth = 1;
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    for (let value = 0; value <= 100; value += 25) {
      const line = Math.round(y(value)) + 0.5;
      pen.beginPath();
      pen.moveTo(kMargin.left, line);
      pen.lineTo(right, line);
      pen.stroke();
      pen.fillText(String(value), kMargin.left - 8, line);
    }
    pen.textAlign = 'center';
    for (let seconds = 45; seconds > 0; seconds -= 15) pen.fillText(`−${seconds} s`, right - seconds * 1000 / kSpanMs * (right - kMargin.left), bottom + 14);
    pen.textAlign = 'right';
    pen.fillText('now', right, bottom + 14);

    pen.save();
    pen.beginPath();
    pen.rect(kMargin.left, 0, right - kMargin.left, height);
    pen.clip();
    pen.fillStyle = this.#colours.blue;
    pen.globalAlpha = 0.5;
    for (const {at, value} of this.#readings) pen.fillRect(x(at) - 1, y(value) - 1, 2, 2);
    pen.globalAlpha = 1;
    pen.strokeStyle = this.#colours.rose;
    pen.lineWidth = 2;
    pen.lineJoin = 'round';
    pen.beginPath();
    this.#means.forEach(({at, value}) => pen.lineTo(x(at), y(value)));
    pen.stroke();
    pen.restore();
  }
}

// The figures at the top: what the server says of itself, and what this page measures.

const kProbeMs = 1000;
const kProbes = 20;

const grouped = (number) => Math.round(number).toString().replace(/\B(?=(\d{3})+$)/g, '\u202f');
const show = (id, text) => document.getElementById(id).textContent = text;

// How long it takes from this page to the backend, through the server, and back to this page: told by
// one clock, so it is no guess.
export class Latency {
  #sent = new Map();
  #times = [];
  #number = 0;

  constructor(channel, post) {
    setInterval(() => {
      if (document.hidden) return;
      const number = ++this.#number;
      this.#sent.set(number, performance.now());
      if (this.#sent.size > kProbes) this.#sent.delete(this.#sent.keys().next().value);
      post('/echo', {channel, number});
    }, kProbeMs);
  }

  back(content) {
    const sent = this.#sent.get(Number(content));
    if (sent === undefined) return;
    this.#sent.delete(Number(content));
    this.#times.push(performance.now() - sent);
    if (this.#times.length > kProbes) this.#times.shift();
    const median = [...this.#times].sort((a, b) => a - b)[Math.floor(this.#times.length / 2)];
    show('latency', median < 10 ? median.toFixed(1) : grouped(median));
  }
}

// What this page receives, and what it was told it missed.
export class Heard {
  #count = 0;
  #missed = 0;

  constructor() {
    setInterval(() => {
      show('heard', grouped(this.#count));
      this.#count = 0;
    }, 1000);
  }

  message() {
    ++this.#count;
  }

  gap(from, to) {
    if (to !== null) this.#missed += to - from + 1;
    show('missed', `received, ${grouped(this.#missed)} missed`);
  }
}

export function showServer({subscribers, deliveries, clients}) {
  show('subscribers', grouped(subscribers));
  show('rate', grouped(deliveries));
  show('crowd-about', `${grouped(clients)} simulated clients that follow each other`);
}

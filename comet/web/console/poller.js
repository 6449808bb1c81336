// Asks /info again and again and keeps what the answers say. Knows nothing of the page.

import {History, isSameServer, sample} from './samples.js';

const kPeriodMs = 1000;
const kKeptMs = 15 * 60 * 1000;
const kSamplesMax = 1000;

export class Poller {
  // `events`: fresh(info, sample, restarted), lost(error)
  constructor(server, events) {
    Object.assign(this, {server, events});
    this.history = new History(kKeptMs, kSamplesMax);
    this.before = null;
    this.aborter = null;
    this.timer = null;
  }

  get running() {
    return this.aborter !== null;
  }

  start() {
    if (this.running) return;
    this.aborter = new AbortController();
    this.before = null;
    this.round(this.aborter);
  }

  stop() {
    this.aborter?.abort();
    this.aborter = null;
    clearTimeout(this.timer);
  }

  async round(aborter) {
    const began = performance.now();
    const answer = await this.server.info(aborter.signal).then((info) => ({info}), (error) => ({error}));
    if (aborter.signal.aborted) return;
    const spent = performance.now() - began;
    this.timer = setTimeout(() => this.round(aborter), Math.max(kPeriodMs - spent, kPeriodMs / 4));
    // A fault of the page is not one of the server.
    if (answer.info) this.take(answer.info, Date.now());
    else this.miss(answer.error);
  }

  miss(error) {
    this.before = null;
    this.events.lost(error);
  }

  take(info, at) {
    const restarted = this.seen !== undefined && !isSameServer(this.seen, info);
    const fresh = sample(this.before?.info ?? null, info, this.before?.at ?? 0, at);
    this.before = {info, at};
    this.seen = info;
    this.history.add(fresh);
    this.events.fresh(info, fresh, restarted);
  }
}

// One channel being watched through /tail: what comes in order, what was missed, and coming back
// after whatever happens. Knows nothing of the page.

import {Refusal} from './server.js';

const kRetryMs = 1000;

// `events`: opened(), absent(), lost(), message(message), missed(count), renewed(), closed()
export class Watch {
  constructor(server, cname, events) {
    Object.assign(this, {server, cname, events});
    this.next = 1;  // begins with everything that is buffered
    this.identity = null;
    this.aborter = null;
    this.timer = null;
    this.stopped = false;
  }

  async start() {
    this.stopped = false;
    this.aborter = new AbortController();
    const {signal} = this.aborter;
    try {
      // Asked for first, as a browser's log takes every 404 for a fault.
      const identity = await this.server.identity(this.cname, signal);
      if (identity === null) throw new Refusal(404, 'no such channel');
      this.recognize(identity);
      await this.server.tail(this.cname, this.next, signal, () => this.events.opened(),
        (message) => this.receive(message));
    } catch (error) {
      if (signal.aborted && !this.beginsAnew) return;
      if (error.status === 404) {
        this.next = 1;
        this.events.absent();
      } else if (!this.beginsAnew) {
        this.events.lost(error);
      }
    }
    if (this.stopped) return;
    if (this.beginsAnew) {
      this.beginsAnew = false;
      this.start();
    } else {
      this.timer = setTimeout(() => this.start(), kRetryMs);
    }
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.aborter?.abort();
  }

  // The number alone would not tell: another channel may have come as far as this one.
  recognize(identity) {
    if (identity !== this.identity && this.next > 1) {
      this.events.renewed();
      this.next = 1;
    }
    this.identity = identity;
  }

  receive(message) {
    if (this.beginsAnew) return;
    switch (message.type) {
      case 'data':
      case 'broadcast':
        if (message.seq > this.next && this.next > 1) this.events.missed(message.seq - this.next);
        this.next = message.seq + 1;
        this.events.message(message);
        break;
      case 'next_seq':
        // Less than what was asked for: it is another channel of that name, watched from its start.
        if (message.seq < this.next) {
          this.beginAnew();
        } else {
          this.next = message.seq;
        }
        break;
      case 'close':
        this.next = 1;
        this.events.closed();
        break;
      default:
        break;  // a heartbeat
    }
  }

  beginAnew() {
    this.events.renewed();
    this.beginsAnew = true;
    this.next = 1;
    this.aborter.abort();
  }
}

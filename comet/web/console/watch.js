// One channel being watched through /tail: what comes in order, what was missed, and coming back
// after whatever happens. Only one tail is read at a time: who starts or stops ends the one before.
// Knows nothing of the page.

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
  }

  get running() {
    return this.aborter !== null;
  }

  start() {
    this.stop();
    this.aborter = new AbortController();
    this.follow(this.aborter.signal);
  }

  stop() {
    clearTimeout(this.timer);
    this.aborter?.abort();
    this.aborter = null;
  }

  async follow(signal) {
    try {
      // Asked for first, as a browser's log takes every 404 for a fault.
      const identity = await this.server.identity(this.cname, signal);
      if (identity === null) throw new Refusal(404, 'no such channel');
      if (signal.aborted) return;
      this.recognize(identity);
      await this.server.tail(this.cname, this.next, signal, () => this.events.opened(), (message) => {
        if (!signal.aborted) this.receive(message);  // it may have ended in the midst of what came with it
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404) {
        this.next = 1;
        this.events.absent();
      } else {
        this.events.lost(error);
      }
    }
    if (!signal.aborted) this.timer = setTimeout(() => this.follow(signal), kRetryMs);
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
          this.events.renewed();
          this.next = 1;
          this.start();
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
}

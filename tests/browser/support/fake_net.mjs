// A world for comet.mjs without a network and without time: the test says what connections do, and
// when how much time has gone by.

// What fetch() resolves to.
function respond({status = 200, headers = {}, body = null, json}) {
  return {ok: status < 400, status, headers: new Headers(headers), body, text: async () => JSON.stringify(json), json: async () => json};
}

// One attempt to listen, over whichever transport.
class Attempt {
  constructor(transport, url, hooks) {
    this.transport = transport;
    this.url = new URL(url);
    this.hooks = hooks;
    this.ended = false;  // by the client
    this.isOver = false;  // by the server or the network, or as a poll is answered
    this.sent = [];
  }

  // What it asks for: {a: '3'} for cname=a&seq=3.
  get wanted() {
    const seqs = this.url.searchParams.getAll('seq');
    return Object.fromEntries(this.url.searchParams.getAll('cname').map((name, i) => [name, seqs[i]]));
  }

  get tokens() {
    return this.url.searchParams.getAll('token');
  }

  open() {
    return this.hooks.open();
  }

  say(...messages) {
    this.isOver ||= this.transport === 'poll';
    return this.hooks.say(messages);
  }

  // By the server or the network; a WebSocket says how.
  end(code = 1006, headers = {}) {
    this.isOver = true;
    return this.hooks.end(code, headers);
  }
}

export class FakeNet {
  attempts = [];
  pings = 0;
  subTimeout = 30;
  pong = () => ({json: {type: 'ping', sub_timeout: this.subTimeout}});  // what /ping answers, or a promise of it
  scripts = [];  // elements that the page was given
  now = 1_000_000;
  timers = new Map();
  nextTimer = 1;
  listeners = {};
  kept = {};

  // Puts itself in the place of what a browser has; `transports` are those that there are.
  install(transports = ['WebSocket', 'EventSource', 'ReadableStream', 'fetch']) {
    const net = this;
    const has = (name) => transports.includes(name);
    const globals = {
      setTimeout: (call, delay = 0) => {
        const id = net.nextTimer++;
        net.timers.set(id, {at: net.now + delay, call});
        return id;
      },
      clearTimeout: (id) => net.timers.delete(id),
      WebSocket: has('WebSocket') ? class {
        constructor(url) {
          net.attempts.push(this.attempt = new Attempt('ws', url, {
            open: () => this.onopen(),
            say: (messages) => messages.forEach((one) => this.onmessage({data: JSON.stringify(one)})),
            end: (code) => this.onclose({code}),
          }));
        }
        send(text) {
          this.attempt.sent.push(JSON.parse(text));
        }
        close() {
          this.attempt.ended = true;
        }
      } : undefined,
      EventSource: has('EventSource') ? class {
        constructor(url) {
          net.attempts.push(this.attempt = new Attempt('sse', url, {
            open: () => this.onopen(),
            say: (messages) => messages.forEach((one) => this.onmessage({data: JSON.stringify(one)})),
            text: (text) => this.onmessage({data: text}),
            end: () => this.onerror(),
          }));
        }
        close() {
          this.attempt.ended = true;
        }
      } : undefined,
      ReadableStream: has('ReadableStream') ? ReadableStream : undefined,
      fetch: has('fetch') ? (url, options) => net.fetch(url, options) : undefined,
      addEventListener: (name, listener) => net.listeners[name] = listener,
      removeEventListener: (name) => delete net.listeners[name],
      document: {
        hidden: false,
        addEventListener: (name, listener) => net.listeners[name] = listener,
        removeEventListener: (name) => delete net.listeners[name],
        createElement: () => ({remove() {}}),
        head: {appendChild: (element) => net.scripts.push(element)},
      },
    };
    for (const [name, value] of Object.entries(globals)) {
      this.kept[name] = Object.getOwnPropertyDescriptor(globalThis, name);
      Object.defineProperty(globalThis, name, {value, configurable: true, writable: true});
    }
    this.keptNow = Date.now;
    this.keptRandom = Math.random;
    Date.now = () => this.now;
    Math.random = () => 0.5;
  }

  remove() {
    for (const [name, descriptor] of Object.entries(this.kept)) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
    Date.now = this.keptNow;
    Math.random = this.keptRandom;
  }

  fetch(url, options = {}) {
    const {signal} = options;
    const path = new URL(url).pathname;
    if (path.endsWith('/ping')) {
      ++this.pings;
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new TypeError('aborted')));
        Promise.resolve(this.pong()).then((pong) => resolve(respond(pong)), reject);
      });
    }
    return new Promise((resolve, reject) => {
      let body;
      const fail = () => {
        reject(new TypeError('network error'));
        if (body) body.error(new TypeError('network error'));
      };
      const attempt = new Attempt(path.endsWith('/sub') ? 'poll' : 'stream', url, {
        open: () => resolve(respond({body: new ReadableStream({start: (controller) => body = controller})})),
        say: (messages) => {
          if (attempt.transport === 'poll') return resolve(respond({json: messages}));
          body.enqueue(new TextEncoder().encode(messages.map((one) => JSON.stringify(one) + '\n').join('')));
        },
        end: (status, headers) => status >= 400 && status < 600 ? resolve(respond({status, headers})) : fail(),
      });
      attempt.options = options;
      signal.addEventListener('abort', () => {
        attempt.ended = true;
        fail();
      });
      this.attempts.push(attempt);
    });
  }

  get last() {
    return this.attempts[this.attempts.length - 1];
  }

  // What promises have to do is done.
  async settle() {
    for (let i = 0; i < 50; ++i) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      await this.settle();
      let next;
      for (const [id, timer] of this.timers) {
        if (timer.at <= end && (!next || timer.at < next.timer.at)) next = {id, timer};
      }
      if (!next) break;
      this.timers.delete(next.id);
      this.now = Math.max(this.now, next.timer.at);
      next.timer.call();
    }
    this.now = end;
    await this.settle();
  }

  // To the page: `online` or `visibilitychange`.
  happen(type) {
    this.listeners[type].handleEvent({type});
  }

  // No network: whoever asks whether the server is there is told nothing.
  vanish() {
    this.pong = () => Promise.reject(new TypeError('network error'));
  }

  // The machine sleeps, or its clock is set: what time it is changes, and no timer gets nearer.
  jump(ms) {
    this.now += ms;
    for (const timer of this.timers.values()) timer.at += ms;
  }

  // The next attempt after those that there were.
  async attempt(count) {
    await this.settle();
    if (this.attempts.length !== count) throw new Error(`${this.attempts.length} attempts, not ${count}: ${this.attempts.map((one) => one.transport)}`);
    return this.last;
  }
}

export const data = (cname, seq, content = String(seq)) => ({type: 'data', cname, seq, content});
export const control = (type, cname, seq, content = '') => ({type, cname, seq, content});

// See README.md. It is served in one piece with icomet.mjs.

const kTransports = {ws: 'WebSocket', sse: 'EventSource', stream: 'ReadableStream', poll: 'fetch'};  // best first
const kFirstByteMs = 5000;
const kLongestPauseMs = 30000;
const kTryBetterMs = 300000;

const isName = (name) => name && !/[\p{Cc}\p{Cs}]/u.test(name) && new TextEncoder().encode(name).length < 256;

const parameters = ([name, {next, token}]) => `cname=${encodeURIComponent(name)}&seq=${next}&token=${encodeURIComponent(token || '')}`;

const request = (link, read) => {
  let control;
  const get = () => {
    control = new AbortController();  // signals may remember whom they served
    return link.get(control.signal);
  };
  read(get).catch(() => {}).then(link.lost);
  return () => control.abort();
};

// Each returns what ends it.
const begin = {
  ws(link) {
    const socket = new WebSocket(link.url().replace('http', 'ws'));
    socket.onopen = link.opened;
    socket.onmessage = (event) => link.take(event.data);
    socket.onclose = link.lost;
    link.send = (op) => socket.send(JSON.stringify(op));
    return () => socket.close();
  },

  sse(link) {
    const source = new EventSource(link.url());
    source.onopen = link.opened;
    source.onmessage = (event) => link.take(event.data);
    source.onerror = link.lost;  // it would come back with an old seq
    return () => source.close();
  },

  stream: (link) => request(link, async (get) => {
    const reader = (await get()).body.getReader();
    link.opened();
    const decoder = new TextDecoder();
    for (let rest = ''; ;) {
      const part = await reader.read();
      if (part.done) return;
      const lines = (rest + decoder.decode(part.value, {stream: true})).split('\n');
      rest = lines.pop();
      lines.forEach(link.take);
    }
  }),

  poll: (link) => request(link, async (get) => {
    for (let url, asked; !link.isOver();) {
      if (url === link.url() && Date.now() - asked < 1000) return;  // nothing came, and at once
      url = link.url();
      asked = Date.now();
      link.take(await (await get()).text());
    }
  }),
};

export class Comet {
  constructor(url, options) {
    const [path, query] = url.split('?');
    this.base = new URL(path.replace(/\/*$/, '/'), globalThis.location).href;
    this.query = query ? query + '&' : '';
    this.on = options;
    this.order = (options.transports || Object.keys(kTransports)).filter((name) => globalThis[kTransports[name]]);
    this.at = this.tried = this.failures = this.better = this.pause = 0;
    this.state = 'closed';
    this.good = -1;  // the transport that worked last
    this.silence = 45000;  // is a loss; /ping tells
    this.channels = new Map();
    this.attend('add');
    const channels = options.channels || [];
    if (typeof channels === 'string' || Array.isArray(channels)) [].concat(channels).forEach((name) => this.subscribe(name));
    else Object.keys(channels).forEach((name) => this.subscribe(name, channels[name]));
  }

  subscribe(name, from) {
    if (this.channels.has(name)) return;
    if (!isName(name)) return void setTimeout(() => this.tell('onclose', name, 'invalid name'));  // the others would be refused with it
    const channel = {next: Math.floor(from?.seq ?? from) || 0, token: from?.token};
    this.channels.set(name, channel);
    const link = this.link;
    if (!link?.live || !link.send || link.left.has(name)) return this.change();
    this.authorize(name, channel).then(() => {
      if (link === this.link && this.channels.get(name) === channel) link.send({op: 'subscribe', cname: name, seq: channel.next, token: channel.token});
    });
  }

  unsubscribe(name) {
    if (!this.channels.delete(name)) return;
    const link = this.link;
    if (!this.channels.size) this.rest();
    else if (link?.live && link.send) {
      link.left.add(name);
      link.send({op: 'unsubscribe', cname: name});
    } else this.change();
  }

  // The number wanted next; 0: not known yet.
  next(name) {
    return this.channels.get(name)?.next;
  }

  close() {
    this.attend('remove');
    this.channels.clear();
    this.rest();
  }

  // Not for pages:

  attend(verb) {
    const call = verb + 'EventListener';
    globalThis[call]?.('online', this);
    globalThis.document?.[call]('visibilitychange', this);
  }

  handleEvent({type}) {
    if (type === 'online') this.failures = 0;  // the network is another one
    else if (this.state !== 'waiting' || document.hidden) return;
    this.connect();
  }

  rest() {
    this.end();
    this.become('closed');
  }

  end() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.unlink();
  }

  unlink() {
    const link = this.link;
    this.link = null;
    clearTimeout(link?.timer);
    link?.end?.();
  }

  wait(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), delay);
  }

  // Other channels are wanted: at once, unless the server is waited for.
  change() {
    if (this.state !== 'waiting') this.wait(0);
  }

  // Full jitter: clients of one server come back one by one.
  backOff() {
    this.wait(this.pause + Math.random() * Math.min(kLongestPauseMs, 1000 * 2 ** this.failures));
    this.pause = 0;
  }

  // For a token that can not be had soon the server will say 401.
  authorize(name, channel) {
    const {token} = this.on;
    return new Promise(async (resolve) => {
      const timer = setTimeout(resolve, this.patience());
      try {
        if (channel.token === undefined) channel.token = typeof token === 'function' ? await token(name) : token;
      } catch {}
      clearTimeout(timer);
      resolve();
    });
  }

  async get(url, signal) {
    // Otherwise tabs that ask for the same wait for each other.
    const response = await fetch(url, {signal, cache: 'no-store'});
    if (response.ok) return response;
    this.pause = Math.min(kTryBetterMs, 1000 * response.headers.get('Retry-After') || 0);
    throw response.status;
  }

  // Whether the server is there. It says how often it beats.
  async ping(signal) {
    try {
      const {sub_timeout} = await (await this.get(`${this.base}ping?${this.query}cb=`, signal)).json();
      if (sub_timeout > 0) return this.asked = this.silence = 1000 * Math.max(sub_timeout * 1.3, sub_timeout + 3);
    } catch (status) {
      return status === 404;  // by a proxy that does not know /ping
    }
  }

  async connect() {
    this.end();
    if (!this.channels.size) return this.rest();
    if (this.isStale()) this.at = 0;
    const transport = this.transport = this.order[this.at];
    const link = this.link = {
      live: false,
      left: new Set(),  // channels of which something may still come
      get: (signal) => this.get(link.url(), signal),
      url: () => `${this.base}${transport === 'poll' ? 'sub' : transport}?${this.query}${Array.from(this.channels, parameters).join('&')}`,
      isOver: () => link !== this.link || this.timer || this.isStale(),
      opened: () => {
        if (link === this.link && !link.fresh) this.works(link);
      },
      take: (text) => {
        if (link === this.link) this.take(link, text);
      },
      lost: () => {
        if (link === this.link) this.lost(link);
      },
    };
    this.become('connecting');
    await Promise.all(Array.from(this.channels, ([name, channel]) => this.authorize(name, channel)));
    if (link !== this.link) return;
    this.channels.forEach((channel) => {
      if (!channel.next) link.fresh = true;  // a first message must come at once
    });
    link.timer = setTimeout(() => {
      if (transport === 'poll') link.opened();  // its answer may take longer
      if (!link.live) link.lost();
    }, this.patience());
    try {
      link.end = begin[transport](link);
    } catch {
      link.lost();  // a page under https may not open ws:
    }
  }

  patience() {
    return Math.min(kLongestPauseMs, kFirstByteMs * (1 + this.failures));
  }

  isStale() {
    return this.at > 0 && Date.now() >= this.better;
  }

  works(link) {
    if (link.live) return;
    link.live = true;
    link.since = link.heard = Date.now();
    this.good = this.at;
    this.tried = 0;
    this.watch(link);
    this.become('open');
    if (this.asked) return;
    this.ping().then(() => {
      if (link === this.link) this.watch(link);
    });
  }

  // Looks often: while the machine sleeps timers stand still.
  watch(link) {
    clearTimeout(link.timer);
    const left = link.heard + this.silence - Date.now();
    if (left > 0 && left <= this.silence) {  // clocks are set back, too
      link.timer = setTimeout(() => this.watch(link), Math.min(left, kFirstByteMs));
    } else {
      this.asked = false;
      if (!link.spoke) this.distrust(link);  // a proxy may keep everything
      else link.lost();
    }
  }

  distrust(link) {
    link.live = false;
    this.good = -1;
    link.lost();
  }

  lost(link) {
    this.unlink();
    if (!this.timer) {  // else when to come back is known
      if (!link.live && (this.at !== this.good || this.failures > 2)) return this.judge();
      this.failures = link.live && Date.now() - link.since > kFirstByteMs ? 0 : Math.min(this.failures + 1, link.news ? 2 : 9);
      this.backOff();
    }
    this.become('waiting');
  }

  // Nothing came of an attempt: if the server answers otherwise, its transport is to blame.
  async judge() {
    this.become('connecting');
    const control = new AbortController();
    const link = this.link = {end: () => control.abort()};
    link.timer = setTimeout(link.end, this.patience());
    const answers = !this.pause && await this.ping(control.signal);
    if (link !== this.link) return;
    this.unlink();
    if (answers && ++this.tried < this.order.length) {
      this.turn();
      return this.connect();
    }
    this.tried = 0;
    ++this.failures;
    if (this.good >= 0) this.at = this.good;
    else if (answers || this.failures % 4 === 0) this.turn();  // or /ping is kept from the page
    this.backOff();
    this.become('waiting');
  }

  turn() {
    this.at = (this.at + 1) % this.order.length;
    this.better = Date.now() + kTryBetterMs;
  }

  take(link, text) {
    let messages;
    try {
      messages = [].concat(JSON.parse(text)).map(Object);
    } catch {
      return this.distrust(link);
    }
    link.spoke = true;
    this.works(link);
    link.heard = Date.now();
    for (const message of messages) {
      if (link === this.link) this.handle(message);
    }
  }

  handle(message) {
    const {cname, seq, reason} = message;
    // Elsewhere 401 or 429.
    const type = !/^[A-Z]/.test(reason) ? message.type : reason === 'Token error' ? '401' : '429';
    if (type === 'unsubscribed') this.link.left.delete(cname);
    const channel = this.channels.get(cname);
    if (!channel || this.link.left.has(cname)) return;
    if (type === 'data' || type === 'broadcast') {
      if (seq < channel.next) return;
      this.link.news = true;
      this.advance(cname, channel, seq);
      channel.next = seq + 1;
      if (this.channels.get(cname) === channel) this.tell('onmessage', message);
    } else if (type === 'next_seq' || type === 'subscribed') {
      if (seq >= channel.next) return this.advance(cname, channel, seq);
      // The server forgot the channel: all it has is new.
      this.tell('ongap', cname, channel.next, null);
      channel.next = 1;
      if (seq > 1) this.connect();
    } else if (type === 'close') {
      this.advance(cname, channel, seq);
      this.drop(cname, type);
    } else if (type === 'error') {
      if (message.op === 'subscribe') this.drop(cname, reason);
    } else if (type === '401' && typeof this.on.token !== 'function') {
      this.drop(cname, type);
    } else if (type === '401' || type === '429') {
      if (type === '401') channel.token = undefined;
      if (this.timer) return;  // that of another channel
      ++this.failures;
      this.backOff();
    }
  }

  advance(name, channel, seq) {
    const {next} = channel;
    channel.next = Math.max(next, seq);
    if (next && seq > next) this.tell('ongap', name, next, seq - 1);
  }

  drop(name, reason) {
    const next = this.next(name);
    this.channels.delete(name);
    if (!this.channels.size) this.rest();
    this.tell('onclose', name, reason, next);
  }

  become(state) {
    if (state === this.state) return;
    this.state = state;
    this.tell('onstate', state, this.transport);
  }

  tell(what, ...all) {
    try {
      this.on[what]?.(...all);
    } catch (error) {
      setTimeout(() => {
        throw error;  // in the page
      });
    }
  }
}

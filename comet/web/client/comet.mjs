// See README.md. The build makes comet.js of this.

const kTransports = {ws: 'WebSocket', sse: 'EventSource', stream: 'ReadableStream', poll: 'fetch'};  // best first
const kFirstByteMs = 5000;
const kLongestPauseMs = 30000;
const kTryBetterMs = 300000;
const encode = encodeURIComponent;

const request = (link, read) => {
  const control = new AbortController();
  const get = () => fetch(link.url(), {signal: control.signal}).then((response) => {
    if (!response.ok) throw response.status;
    return response;
  });
  read(get).catch(() => {}).then(() => link.lost());
  return () => control.abort();
};

// Each returns what ends it.
const begin = {
  ws(link) {
    const socket = new WebSocket(link.url().replace('http', 'ws'));
    socket.onopen = link.opened;
    socket.onmessage = (event) => link.take(event.data);
    socket.onclose = (event) => link.lost(event.code === 1001);
    link.send = (op) => socket.send(JSON.stringify(op));
    return () => socket.close();
  },

  sse(link) {
    const source = new EventSource(link.url());
    source.onopen = link.opened;
    source.onmessage = (event) => link.take(event.data);
    source.onerror = () => link.lost();  // it would come back with an old seq
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
    do link.take(await (await get()).text()); while (!link.isOver());
  }),
};

export class Comet {
  constructor(url, options) {
    const [path, query] = url.split('?');
    this.base = new URL(path.replace(/\/*$/, '/'), globalThis.location).href;
    this.query = query ? query + '&' : '';
    this.on = options;
    this.order = (options.transports || Object.keys(kTransports)).filter((name) => globalThis[kTransports[name]]);
    this.at = this.tried = this.failures = this.better = 0;
    this.good = -1;  // the transport that worked last
    this.silence = 45000;  // is a loss; /ping tells
    this.channels = new Map();
    this.events = {
      online: () => {
        this.failures = 0;
        this.connect();  // the network is another one
      },
      visibilitychange: () => {
        if (this.state === 'waiting' && !document.hidden) this.connect();
      },
    };
    this.attend('add');
    const channels = options.channels || [];
    if (typeof channels === 'string') this.subscribe(channels);
    else if (Array.isArray(channels)) channels.forEach((name) => this.subscribe(name));
    else Object.keys(channels).forEach((name) => this.subscribe(name, channels[name]));
  }

  subscribe(name, from) {
    if (this.channels.has(name)) return;
    const {seq, token} = typeof from === 'object' ? from : {seq: from};
    const channel = {next: seq || 0, token};
    this.channels.set(name, channel);
    const link = this.link;
    if (!link?.live || !link.send) return this.wait(0);
    this.authorize(name, channel).then(() => {
      if (link === this.link && this.channels.get(name) === channel) link.send({op: 'subscribe', cname: name, seq: channel.next, token: channel.token});
    }, () => this.wait(0));
  }

  unsubscribe(name) {
    if (!this.channels.delete(name)) return;
    const link = this.link;
    if (!this.channels.size) this.rest();
    else if (link?.live && link.send) link.send({op: 'unsubscribe', cname: name});
    else this.wait(0);
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
    globalThis[call]?.('online', this.events.online);
    globalThis.document?.[call]('visibilitychange', this.events.visibilitychange);
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

  // Full jitter: clients of one server come back one by one.
  backOff() {
    this.wait(Math.random() * Math.min(kLongestPauseMs, 1000 * 2 ** this.failures));
  }

  async authorize(name, channel) {
    const {token} = this.on;
    if (channel.token === undefined) channel.token = typeof token === 'function' ? await token(name) : token;
  }

  async connect() {
    this.end();
    if (!this.channels.size) return this.rest();
    if (this.isStale()) this.at = 0;
    const transport = this.transport = this.order[this.at];
    const link = this.link = {
      fresh: false,  // a first message must come at once
      live: false,
      url: () => `${this.base}${transport}?${this.query}${this.parameters()}${transport === 'poll' ? '&cb=' : ''}`,
      isOver: () => this.timer || this.isStale(),
      opened: () => {
        if (link === this.link && !link.fresh) this.works(link);
      },
      take: (text) => {
        if (link === this.link) this.take(link, text);
      },
      lost: (clean) => {
        if (link === this.link) this.lost(link, clean);
      },
    };
    this.become('connecting');
    try {
      await Promise.all(Array.from(this.channels, ([name, channel]) => this.authorize(name, channel)));
    } catch {
      this.tried = this.order.length;  // no transport is to blame
      return link.lost();
    }
    if (link !== this.link) return;
    this.channels.forEach((channel) => {
      if (!channel.next) link.fresh = true;
    });
    link.timer = setTimeout(() => {
      if (transport === 'poll') link.opened();  // its answer may take longer
      if (!link.live) link.lost();
    }, Math.min(kLongestPauseMs, kFirstByteMs * (1 + this.failures)));
    try {
      link.end = begin[transport](link);
    } catch {
      link.lost();  // a page under https may not open ws:
    }
  }

  isStale() {
    return this.at > 0 && Date.now() >= this.better;
  }

  parameters() {
    const one = ([name, {next, token}]) => `cname=${encode(name)}&seq=${next}&token=${encode(token || '')}`;
    return Array.from(this.channels, one).join('&');
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
    this.asked = true;
    fetch(`${this.base}ping?${this.query}cb=`).then((response) => response.json()).then((pong) => {
      this.silence = 1000 * Math.max(pong.sub_timeout * 1.3, pong.sub_timeout + 3);
      if (link === this.link) this.watch(link);
    }).catch(() => {});
  }

  watch(link) {
    clearTimeout(link.timer);
    const left = link.heard + this.silence - Date.now();
    if (left > 0) {
      link.timer = setTimeout(() => this.watch(link), left);
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

  lost(link, clean) {
    this.unlink();
    if (this.timer) {
      // when to come back is known
    } else if (link.live) {
      this.failures = clean || Date.now() - link.since > kFirstByteMs ? 0 : this.failures + 1;
      this.backOff();
    } else if (this.at === this.good && this.failures < 3) {
      ++this.failures;
      this.backOff();
    } else if (++this.tried < this.order.length) {
      this.at = (this.at + 1) % this.order.length;
      this.better = Date.now() + kTryBetterMs;
      return this.connect();
    } else {
      this.tried = 0;
      this.at = Math.max(this.good, 0);
      ++this.failures;
      this.backOff();
    }
    this.become('waiting');
  }

  take(link, text) {
    let messages;
    try {
      messages = [].concat(JSON.parse(text));
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
    const channel = this.channels.get(cname);
    if (!channel) return;
    if (type === 'data' || type === 'broadcast') {
      if (seq < channel.next) return;
      this.advance(cname, channel, seq);
      channel.next = seq + 1;
      this.tell('onmessage', message);
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
    this.channels.delete(name);
    if (!this.channels.size) this.rest();
    this.tell('onclose', name, reason);
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

let calls = 0;

const jsonp = (url, take) => {
  const name = 'icomet_cb_' + calls++;
  const script = document.createElement('script');
  const done = globalThis[name] = (answer) => {
    if (!globalThis[name]) return;
    delete globalThis[name];
    script.remove();
    take(answer);
  };
  script.onload = script.onerror = () => done();
  script.src = url.replace('=?', '=' + name);
  document.head.appendChild(script);
};

const urlOf = (config, what) => config[what + 'Url'] || config[what + '_url'];
const extend = (url, fields) => url + (url.includes('?') ? '&' : '?') + fields;

// What iComet's own script offers.
export class iComet {
  constructor(config) {
    this.config = config;
    this.cname = config.channel;
    this.data_seq = 0;
    this.start();
  }

  start() {
    this.stop();
    this.stopped = false;
    const run = this.run = {};
    const signUrl = urlOf(this.config, 'sign');
    if (!signUrl) return this.listen();
    jsonp(extend(signUrl, `cb=?&cname=${encode(this.cname)}&_=${Date.now()}`), (answer) => {
      if (this.stopped || run !== this.run) return;
      if (!answer) return this.startLater();
      this.cname = answer.cname;
      this.token = answer.token;
      this.listen();
    });
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.data_seq = this.comet?.next(this.cname) || this.data_seq;
    this.comet?.close();
    this.comet = null;
  }

  pub(content, callback) {
    const url = urlOf(this.config, 'pub');
    if (!url || typeof content !== 'string') return false;
    const whole = extend(url, `cname=${encode(this.cname)}&content=${encode(content)}`);
    const done = (answer) => callback?.(answer);
    if (url.includes('=?')) jsonp(whole, done);
    else fetch(whole).then((response) => response.json()).then(done, () => {});
  }

  startLater() {
    this.timer = setTimeout(() => this.start(), 3000 + Math.random() * 2000);
  }

  listen() {
    const {config, cname, token} = this;
    const callback = config.callback || config.sub_callback;
    this.comet = new Comet(urlOf(config, 'sub').replace(/\/(sub|poll)(?=\?|$)/, ''), {
      channels: {[cname]: {seq: this.data_seq, token}},
      onmessage: (message) => {
        this.data_seq = message.seq + 1;
        callback?.(message.content, message.type);
      },
      onclose: () => this.startLater(),
    });
  }
}

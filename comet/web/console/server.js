// The admin port, as the page sees it: every request goes through here, with the key if there is one.

const kKeyName = 'comet.admin_key';
const kTimeoutMs = 10_000;

// The server answered, but not with what was asked for. `message` is its own line.
export class Refusal extends Error {
  constructor(status, line) {
    super(line);
    this.status = status;
  }
}

export class Server {
  // `askForKey(wasRefused)` resolves to a key, or to null when nobody gives one: then `locked()` is called.
  constructor(askForKey, locked) {
    Object.assign(this, {askForKey, locked});
    this.asking = null;
    this.answers = 0;  // to askForKey
    this.key = this.stored();
  }

  async info(signal) {
    return (await this.request('info', {}, {signal})).json();
  }

  // The settings in force, by key.
  async settings() {
    const {config = []} = await (await this.request('info', {config: 1})).json();
    return Object.fromEntries(config.map(({key, value}) => [key, value]));
  }

  async channelInfo(cname) {
    return (await this.request('info', {cname})).json();
  }

  async channels({prefix, sort, limit}) {
    return (await this.request('channels', {prefix, sort, limit})).json();
  }

  // What tells this channel from any other that had or will have its name; null when there is none.
  async identity(cname, signal) {
    const {created} = await (await this.request('info', {cname}, {signal})).json();
    if (created === undefined) return null;
    const {pid, start_time} = await this.info(signal);
    return `${pid} ${start_time} ${created}`;
  }

  async push(cname, content) {
    await this.request('push', {}, {method: 'POST', body: new URLSearchParams({cname, content})});
  }

  async sign(cname) {
    return (await this.request('sign', {cname}, {method: 'POST'})).json();
  }

  async close(cname) {
    await this.request('close', {cname}, {method: 'POST'});
  }

  // Calls `each(message)` for every message of a channel until it ends or `signal` aborts; resolves
  // when the response ends properly, rejects when the connection breaks or was refused.
  async tail(cname, seq, signal, opened, each) {
    const response = await this.request('tail', {cname, seq}, {signal, endless: true});
    opened();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) each(JSON.parse(line));
    }
  }

  async request(path, parameters, options = {}) {
    const {key: used, answers} = this;
    const response = await this.send(path, parameters, options);
    if (response.ok) return response;
    const line = (await response.text()).trim();
    if (response.status !== 401) throw new Refusal(response.status, line || response.statusText);
    // What was answered while this one was under way holds for it, too: a new key, or none.
    const key = this.answers === answers ? await this.obtainKey(used !== null) : this.key === used ? null : this.key;
    if (key === null) throw new Refusal(401, line || 'the admin port asks for a key');
    return this.request(path, parameters, options);
  }

  async send(path, parameters, {method = 'GET', body, signal, endless = false}) {
    const url = new URL(path, document.baseURI);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined && value !== '') url.searchParams.set(name, value);
    }
    const headers = this.key === null ? {} : {Authorization: `Bearer ${this.key}`};
    const signals = signal ? [signal] : [];
    if (!endless) signals.push(AbortSignal.timeout(kTimeoutMs));
    return fetch(url, {method, body, headers, signal: anyOf(signals), cache: 'no-store'});
  }

  // One question at a time, whoever else is refused meanwhile.
  async obtainKey(wasRefused) {
    this.asking ??= this.question(wasRefused).finally(() => {
      this.asking = null;
      ++this.answers;
    });
    return this.asking;
  }

  async question(wasRefused) {
    const key = await this.askForKey(wasRefused);
    if (key === null) this.locked();
    else this.keep(key);
    return key;
  }

  stored() {
    try {
      return sessionStorage.getItem(kKeyName);
    } catch {
      return null;
    }
  }

  keep(key) {
    this.key = key;
    try {
      sessionStorage.setItem(kKeyName, key);
    } catch {
      // Kept by this page alone, then.
    }
  }
}

// AbortSignal.any() for browsers that have none (before 2023).
function anyOf(signals) {
  if (signals.length < 2) return signals[0];
  if (AbortSignal.any) return AbortSignal.any(signals);
  const either = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) either.abort(signal.reason);
    signal.addEventListener('abort', () => either.abort(signal.reason), {once: true});
  }
  return either.signal;
}

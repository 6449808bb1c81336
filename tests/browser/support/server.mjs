// The real server, on free ports of loopback, and what tests ask of it.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {connect} from 'node:net';
import {createInterface} from 'node:readline';

import {eventually} from './eventually.mjs';

const kProgram = process.env.COMET_SERVER ?? 'build/comet-server';

export class CometServer {
  // Settings as for --set. Resolves when the server listens.
  static async start(settings = {}) {
    const server = new CometServer();
    // No channel's time is over while a test on a busy machine still needs it.
    server.settings = {'front.listen': '127.0.0.1:0', 'admin.listen': '127.0.0.1:0', reactors: 2, pin_reactors: false,
      'front.channel_timeout': 3600, ...settings};
    await server.run();
    return server;
  }

  // Also once more, after stop(): at other addresses.
  async run() {
    const given = Object.entries(this.settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    this.process = spawn(kProgram, given, {stdio: ['ignore', 'pipe', 'pipe']});
    this.exited = once(this.process, 'exit');
    const said = [];
    const listening = new Promise((resolve, reject) => {
      for (const stream of [this.process.stdout, this.process.stderr]) {
        createInterface({input: stream}).on('line', (line) => {
          said.push(line);
          const found = /subscribers on (\S+?),.* admin on (\S+?)(,|$)/.exec(line);
          if (found) resolve(found);
        });
      }
      this.exited.then(() => reject(new Error(`the server ended: ${said.join('\n')}`)));
    });
    [, this.front, this.admin] = await listening;
  }

  get console() {
    return `http://${this.admin}/console`;
  }

  // Gone at once, as after a crash: to be told to end, it would take its time for its subscribers.
  async stop() {
    this.admin = null;
    this.process.kill('SIGKILL');
    await this.exited;
  }

  // A client that does not finish its second request: a drain waits for it.
  async hold() {
    const [host, port] = this.front.split(':');
    const held = connect(Number(port), host);
    held.on('error', () => {});
    held.write('GET /ping HTTP/1.1\r\nHost: x\r\n\r\nGET /poll HTTP/1.1\r\n');
    await once(held, 'data');  // the answer to the first; now it is known to be there
  }

  // As a service manager does.
  terminate() {
    this.process.kill('SIGTERM');
  }

  async ask(path, parameters = {}, options = {}) {
    const url = new URL(path, `http://${this.admin}`);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const key = this.settings['admin.key'];
    const response = await fetch(url, {headers: key ? {Authorization: `Bearer ${key}`} : {}, ...options});
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text;
  }

  async push(cname, content) {
    await this.ask('/push', {}, {method: 'POST', body: new URLSearchParams({cname, content})});
  }

  async info(cname) {
    return JSON.parse(await this.ask('/info', cname === undefined ? {} : {cname}));
  }

  // Subscribers of a channel on /stream; resolves when all are counted.
  async subscribe(cname, count) {
    const group = new Subscribers();
    await Promise.all(Array.from({length: count}, () => group.add(`http://${this.front}/stream?seq=1&cname=${encodeURIComponent(cname)}`)));
    await eventually(async () => (await this.info(cname)).subscribers >= count, `${count} subscribers of ${cname}`);
    return group;
  }
}

class Subscribers {
  aborter = new AbortController();
  received = 0;
  ended = 0;

  async add(url) {
    const response = await fetch(url, {signal: this.aborter.signal});
    this.read(response.body.getReader());
  }

  async read(reader) {
    try {
      for (;;) {
        const {done, value} = await reader.read();
        if (done) break;
        this.received += value.filter((byte) => byte === 0x0a).length;
      }
    } catch {
      // The server is gone, or stop() was called.
    }
    ++this.ended;
  }

  stop() {
    this.aborter.abort();
  }
}

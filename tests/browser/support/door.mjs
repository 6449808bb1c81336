// An address that stays while the server behind it goes, and comes back at another one: to ask for
// the same port again would be to hope that nobody took it meanwhile. It can be a bad network, too.

import {once} from 'node:events';
import {connect, createServer} from 'node:net';

export class Door {
  connections = new Set();
  opened = 0;
  isShut = false;
  cutsEvery = Infinity;  // after so many parts that the server sent, over all connections, one is lost
  passed = 0;

  // Leads to wherever that port of `server` is now; while there is none, connections end at once.
  // `passes` is asked about the first line of each request: 'all', 'nothing' (the connection ends at once),
  // or 'no answers', as a proxy does that keeps an endless response to itself.
  static async open(server, port = 'admin', passes = () => 'all') {
    const door = new Door();
    door.listener = createServer((near) => door.enter(near, server[port], passes));
    door.listener.listen(0, '127.0.0.1');
    await once(door.listener, 'listening');
    return door;
  }

  enter(near, address, passes) {
    near.on('error', () => {});
    if (address === null || this.isShut) return near.destroy();
    ++this.opened;
    const [host, port] = address.split(':');
    const far = connect(Number(port), host);
    let rule;
    this.connections.add(near);
    far.on('error', () => {});
    far.on('close', () => near.destroySoon());
    near.on('close', () => {
      this.connections.delete(near);
      far.destroy();
    });
    near.on('data', (bytes) => {
      const line = bytes.toString('latin1', 0, 2000).split('\r\n', 1)[0];
      if (/^[A-Z]+ \//.test(line)) rule = passes(line);
      if (rule === 'nothing') near.destroy();
      else far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (rule !== 'all') return;
      if (++this.passed % this.cutsEvery === 0) near.resetAndDestroy();
      else near.write(bytes);
    });
  }

  // Whatever is under way is lost; who comes anew gets through unless the door is shut.
  cut() {
    for (const connection of this.connections) connection.resetAndDestroy();
  }

  shut() {
    this.isShut = true;
    this.cut();
  }

  unlock() {
    this.isShut = false;
  }

  get url() {
    return `http://127.0.0.1:${this.listener.address().port}`;
  }

  get console() {
    return `${this.url}/console`;
  }

  close() {
    this.listener.close();
    this.cut();
  }
}

// An address that stays while the server behind it goes, and comes back at another one: to ask for
// the same port again would be to hope that nobody took it meanwhile. It can be a bad network, too.

import {once} from 'node:events';
import {connect, createServer} from 'node:net';

export class Door {
  connections = new Set();
  opened = 0;
  isShut = false;

  // Leads to wherever that port of `server` is now; while there is none, connections end at once.
  // `passes` is asked about the first line of each connection: 'all', 'nothing' (it ends at once), or
  // 'no answers', as a proxy does that keeps an endless response to itself.
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
    near.once('data', (first) => {
      const rule = passes(first.toString('latin1').split('\r\n', 1)[0]);
      if (rule === 'nothing') return near.destroy();
      const far = connect(Number(port), host);
      this.connections.add(near);
      far.on('error', () => {});
      far.on('close', () => near.destroy());
      near.on('close', () => {
        this.connections.delete(near);
        far.destroy();
      });
      far.write(first);
      near.pipe(far);
      if (rule === 'all') far.pipe(near);
      else far.resume();
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

// An address that stays while the server behind it goes, and comes back at another one: to ask for
// the same port again would be to hope that nobody took it meanwhile.

import {once} from 'node:events';
import {connect, createServer} from 'node:net';

export class Door {
  // Leads to wherever the admin port of `server` is now; while there is none, connections end at once.
  static async open(server) {
    const door = new Door();
    door.listener = createServer((near) => {
      near.on('error', () => {});
      if (server.admin === null) return near.destroy();
      const [host, port] = server.admin.split(':');
      const far = connect(Number(port), host);
      far.on('error', () => {});
      far.on('close', () => near.destroy());
      near.on('close', () => far.destroy());
      near.pipe(far).pipe(near);
    });
    door.listener.listen(0, '127.0.0.1');
    await once(door.listener, 'listening');
    return door;
  }

  get console() {
    return `http://127.0.0.1:${this.listener.address().port}/console`;
  }

  close() {
    this.listener.close();
  }
}

// `make demo` on free ports of loopback.

import {spawn} from 'node:child_process';
import {dirname, resolve} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';

const kTree = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

// Resolves to its process and the address of its page, when that is there.
export async function startDemo(clients) {
  const server = resolve(process.env.COMET_SERVER ?? 'build/comet-server');
  const child = spawn('python3', ['-B', '-m', 'demo', '--server', server, '--host', '127.0.0.1', '--port', '0', '--backend-port', '0', '--clients', String(clients)],
    {cwd: kTree, stdio: ['ignore', 'pipe', 'inherit'], env: {...process.env, DISPLAY: ''}});
  for await (const line of createInterface({input: child.stdout})) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url) return {child, url};
  }
  throw new Error('the demonstration ended');
}

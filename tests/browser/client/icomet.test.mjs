// icomet.mjs without a browser: what pages that were written for iComet count on.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {iComet} from '../../../comet/web/client/icomet.mjs';
import {control, data} from '../support/fake_net.mjs';
import {afterwards, net, seen} from '../support/listener.mjs';

const kSigned = {type: 'sign', cname: 'a', seq: 1, token: 't', expires: 60, sub_timeout: 30};

let page;

async function start(config) {
  page = new iComet({channel: 'a', subUrl: 'http://push.example.org/sub', callback: (...all) => seen.push(all), ...config});
  const begun = page;
  afterwards(() => begun.stop());
  await net.pass(0);
}

// The answer to the latest script element, as the application gives it.
async function answer(object) {
  const script = net.scripts.at(-1);
  const name = new URL(script.src).searchParams.get('cb');
  globalThis[name]?.(object);
  script.onload();
  await net.pass(0);
}

const signing = {signUrl: 'http://app.example.org/sign?user=1'};

describe('listening', () => {
  test('the callback gets content and type', async () => {
    await start();
    net.last.open();
    net.last.say(control('next_seq', 'a', 1), data('a', 1, 'x'), control('broadcast', 'a', 2, 'y'), control('next_seq', 'a', 3), control('noop', 'a', 0));
    assert.deepEqual(seen, [['x', 'data'], ['y', 'broadcast']]);
  });

  test('a callback that stops it gets nothing more, and start() goes on where it was', async () => {
    await start({callback: (content) => {
      seen.push(content);
      page.stop();
    }});
    net.last.open();
    net.last.say(control('next_seq', 'a', 5), data('a', 5), data('a', 6));
    assert.deepEqual(seen, ['5']);
    assert.ok(page.stopped);
    assert.ok(net.last.ended);
    page.start();
    await net.pass(0);
    assert.deepEqual(net.last.wanted, {a: '6'});
  });

  test('the server is where subUrl says, with its query', async () => {
    for (const [subUrl, wanted] of [['http://x/sub', 'ws://x/ws?cname'], ['https://x/y/poll?k=v', 'wss://x/y/ws?k=v&cname'], ['http://sub.x:81/sub', 'ws://sub.x:81/ws?cname']]) {
      await start({subUrl});
      assert.equal(net.last.url.href.split('=a')[0], wanted);
      page.stop();
    }
  });

  test('a channel that was closed is listened to again, from its new beginning', async () => {
    await start();
    net.last.open();
    net.last.say(control('next_seq', 'a', 3), data('a', 3), control('close', 'a', 4));
    await net.pass(4000);
    assert.deepEqual((await net.attempt(2)).wanted, {a: '1'});
  });

  test('a channel that it was refused is asked for where it was', async () => {
    await start();
    net.last.open();
    net.last.say(control('next_seq', 'a', 3), control('401', 'a', 0, 'Token error'));
    await net.pass(4000);
    assert.deepEqual((await net.attempt(2)).wanted, {a: '3'});
  });
});

describe('signing', () => {
  test('is JSONP by all the names that applications look for', async () => {
    await start(signing);
    const {searchParams} = new URL(net.scripts[0].src);
    assert.deepEqual([...searchParams.keys()].sort(), ['_', 'callback', 'cb', 'cname', 'user']);
    assert.equal(searchParams.get('callback'), searchParams.get('cb'));
    assert.equal(net.attempts.length, 0);
    await answer({...kSigned, cname: 'b'});
    assert.deepEqual(net.last.wanted, {b: '0'});
    assert.deepEqual(net.last.tokens, ['t']);
    assert.equal(page.cname, 'b');
  });

  test('that fails, or is answered by something else, is tried again', async () => {
    await start(signing);
    for (const [i, something] of [undefined, null, {type: 'error'}, {type: '401', cname: 'a', content: 'no'}, 'text'].entries()) {
      await answer(something);
      assert.equal(net.attempts.length, 0);
      await net.pass(4000 * 2 ** Math.min(i, 4) - 1);
      assert.equal(net.scripts.length, i + 1);
      await net.pass(1);
      assert.equal(net.scripts.length, i + 2);
    }
    await answer(kSigned);
    await net.attempt(1);
  });

  test('that is not answered is tried again after a minute, and only the latest answer counts', async () => {
    await start(signing);
    const [first] = net.scripts;
    await net.pass(60_000);
    assert.equal(net.scripts.length, 2);
    globalThis[new URL(first.src).searchParams.get('cb')](kSigned);
    await net.pass(0);
    await net.attempt(0);
    await answer(kSigned);
    await net.attempt(1);
    await net.pass(61_000);
    assert.equal(net.scripts.length, 2);
  });

  test('comes again after 401, and not at once each time', async () => {
    await start(signing);
    for (let i = 0; i < 5; ++i) {
      await answer(kSigned);
      net.last.open();
      net.last.say(control('401', 'a', 0, 'Token error'));
      await net.pass(4000 * 2 ** i - 1);
      assert.equal(net.scripts.length, i + 1);
      await net.pass(1);
      assert.equal(net.scripts.length, i + 2);
    }
  });

  test('that is answered after stop() begins nothing', async () => {
    await start(signing);
    page.stop();
    await answer(kSigned);
    await net.pass(100_000);
    assert.equal(net.attempts.length, 0);
    assert.equal(net.scripts.length, 1);
  });
});

describe('publishing', () => {
  test('takes strings only, and an address to publish at', async () => {
    await start();
    assert.equal(page.pub('x'), false);
    page.stop();
    await start({pubUrl: 'http://app.example.org/pub?cb=?'});
    assert.equal(page.pub({x: 1}), false);
    assert.equal(net.scripts.length, 0);
  });

  test('is JSONP where the address says so', async () => {
    await start({pub_url: 'http://app.example.org/pub?cb=?'});
    page.pub('é & x', (said) => seen.push(said));
    const {searchParams} = new URL(net.scripts[0].src);
    assert.deepEqual([searchParams.get('cname'), searchParams.get('content')], ['a', 'é & x']);
    await answer({type: 'ok'});
    assert.deepEqual(seen, [{type: 'ok'}]);
    assert.ok(searchParams.has('_'), 'no answer of a cache will do');
  });

  test('that fails calls nobody', async () => {
    await start({pubUrl: 'http://app.example.org/pub?cb=?'});
    page.pub('x', (said) => seen.push(said));
    net.scripts.at(-1).onerror();
    assert.deepEqual(seen, []);
  });
});

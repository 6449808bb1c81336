// Prints what comes on a channel, from a number on. Node 18 or newer, with comet-client.
//
//     node listen.mjs http://127.0.0.1:8100 news 1

import {Comet} from '../comet/web/client/comet.mjs';

const [front, channel, seq] = process.argv.slice(2);

new Comet(front, {
  channels: {[channel]: Number(seq)},
  onmessage: (message) => console.log(message.seq, message.content),
  ongap: (name, from, to) => console.error(to === null ? 'the channel began anew' : `missed ${from} to ${to}`),
  onclose: (name, reason) => console.error(reason),
});

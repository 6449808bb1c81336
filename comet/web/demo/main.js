// The page of `make demo`: one Comet listens to all channels.

import {Chat} from './chat.js';
import {CrowdPlot} from './crowd.js';
import {Heard, Latency, showServer} from './figures.js';

const kStates = {connecting: 'Connecting', waiting: 'Lost, coming back', closed: 'Closed'};
const kTransports = {ws: 'WebSocket', sse: 'EventSource', stream: 'streaming', poll: 'long-polling'};

let backend;  // its port; the figures tell

// Resolves to what went wrong, in words for people, or to an empty text. Without a Content-Type of its
// own the request needs no preflight.
async function post(path, object) {
  if (!backend) return 'The demonstration is not ready yet.';
  try {
    const response = await fetch(`${location.protocol}//${location.hostname}:${backend}${path}`, {method: 'POST', body: JSON.stringify(object)});
    return response.ok ? '' : await response.text();
  } catch {
    return 'The backend of the demonstration does not answer.';
  }
}

const own = `demo-echo-${Math.random().toString(36).slice(2, 12)}`;
const plot = new CrowdPlot(document.querySelector('#plot'));
const chat = new Chat(post);
const latency = new Latency(own, post);
const heard = new Heard();

const take = {
  'demo-chat': (content) => chat.show(content),
  'demo-crowd': (content) => plot.add(JSON.parse(content)),
  'demo-figures': (content) => {
    const figures = JSON.parse(content);
    backend = figures.backend;
    showServer(figures);
  },
  [own]: (content) => latency.back(content),
};

// The chat and the crowd from the oldest message that is kept, the others from now on.
new Comet(location.origin, {
  channels: {'demo-chat': 1, 'demo-crowd': 1, 'demo-figures': 0, [own]: 0},
  onmessage: ({cname, content}) => {
    heard.message();
    take[cname](content);
  },
  ongap: (cname, from, to) => {
    if (from > 1) heard.gap(from, to);  // before 1 nobody was here
  },
  onstate: (state, transport) => {
    document.querySelector('#state').dataset.state = state;
    document.querySelector('#state-text').textContent = kStates[state] ?? `Live over ${kTransports[transport]}`;
  },
});

for (const [id, by] of [['up', 8], ['down', -8]]) {
  document.getElementById(id).addEventListener('click', () => post('/nudge', {by}));
}

// The console: puts the parts together and says in one line how the server is.

import {ChannelList} from './channels.js';
import {Chart} from './chart.js';
import {askForKey, setUpDialogs} from './dialogs.js';
import {Inspector} from './inspector.js';
import {clock, counted, duration, microseconds, short} from './numbers.js';
import {showAbout, showCores, showLimits, showReasons, showTiles} from './panels.js';
import {Poller} from './poller.js';
import {Server} from './server.js';
import {setUpShortcuts} from './shortcuts.js';

const element = (id) => document.getElementById(id);
const kChannelsPeriodMs = 2000;
const kSettingsPeriodMs = 60_000;
const kShortestWindowMs = 60_000;

const server = new Server(askForKey, locked);
const inspector = new Inspector(server);
const channels = new ChannelList(server, (cname) => inspector.inspect(cname));
const poller = new Poller(server, {fresh, lost});

let cursor = null;      // the time that the reader points at in a plot
let paused = false;     // by the reader
let restartedAt = null;
let lostSince = null;
let settings = {};

const perSecond = (n, like = n) => `${short(n, like)}/s`;
const single = (name, tone, of) => () => [{name, tone, of}];
const charts = [
  new Chart(element('chart-subscribers'), {
    title: 'Subscribers', note: 'listening now', area: true, format: short, point,
    lines: single('', 'blue', (one) => one.subscribers)}),
  new Chart(element('chart-deliveries'), {
    title: 'Deliveries', note: 'messages to subscribers, a second', area: true, format: perSecond, point,
    lines: single('', 'teal', (one) => one.deliveries)}),
  new Chart(element('chart-lag'), {
    title: 'Delivery lag', note: 'from publish to the last write', nothing: 'nothing was delivered', scale: 'log', format: microseconds, point,
    lines: () => [
      {name: 'p50', tone: 'amber', of: (one) => one.lagP50},
      {name: 'p99', tone: 'rose', of: (one) => one.lagP99}]}),
  new Chart(element('chart-turns'), {
    title: 'Loop turns', note: 'of each core, a second', format: perSecond, point,
    lines: (samples) => {
      const cores = Math.max(1, ...samples.map((one) => one.cores.length));
      return Array.from({length: cores}, (_, core) => ({
        name: `core ${core}`, tone: cores > 3 ? 'violet many' : `core-${core}`, of: (one) => one.cores[core]?.turns ?? null}));
    }}),
];

function point(at) {
  cursor = at;
  drawCharts();
}

function drawCharts() {
  const to = poller.history.last?.at ?? Date.now();
  const chosen = Number(document.querySelector('input[name=window]:checked').value) * 1000;
  // The time shown grows with what there is to show.
  const there = to - (poller.history.samples[0]?.at ?? to);
  const from = to - Math.min(chosen, Math.max(there, kShortestWindowMs));
  const samples = poller.history.since(from);
  for (const chart of charts) chart.show({samples, from, to, cursor});
}

// --- What the server says ---------------------------------------------------------------------

function fresh(info, sample, restarted) {
  if (restarted) {
    restartedAt = Date.now();
    learnSettings();
  }
  lostSince = null;
  showState(info);
  showTiles(info, sample);
  showLimits(info, settings);
  showReasons(info);
  showCores(info, sample);
  showAbout(info);
  document.title = `${short(info.subscribers)} subscribers · comet`;
  drawCharts();
}

function showState(info) {
  const up = info.uptime_s === undefined ? '' : `up ${duration(info.uptime_s)}`;
  if (info.phase === 'draining') {
    state('draining', 'Draining', `${counted(info.subscribers, 'subscriber')} left to send away`);
  } else if (info.phase === 'stopping') {
    state('draining', 'Stopping');
  } else if (restartedAt !== null && Date.now() - restartedAt < 60_000) {
    state('connected', 'Restarted', up);
  } else {
    state('connected', 'Connected', up);
  }
}

function lost(error) {
  lostSince ??= Date.now();
  const {last} = poller.history;
  const figures = last === null ? '' : `; figures of ${clock(new Date(last.at))}`;
  state('lost', error.status === undefined ? 'No answer' : 'Refused', `${error.status === undefined ? 'trying again' : error.message}${figures}`);
}

// Nobody gave a key: nothing is asked for until somebody does something.
function locked() {
  paused = true;
  showPaused();
  goOnOrPause();
  state('lost', 'Locked', 'the admin port asks for a key');
}

// What changes every second is beside the text that is read aloud when it changes.
function state(kind, text, beside = '') {
  document.body.dataset.state = kind;
  element('state').dataset.state = kind;
  if (element('state-text').textContent !== text) element('state-text').textContent = text;
  element('state-beside').textContent = beside;
}

// --- When to ask ------------------------------------------------------------------------------

function isWanted() {
  return !paused && !document.hidden;
}

function goOnOrPause() {
  if (isWanted() === poller.running) return;
  if (isWanted()) {
    poller.start();
    inspector.resume();
  } else {
    poller.stop();
    inspector.pause();
    state('paused', 'Paused');
  }
}

function showPaused() {
  element('pause').setAttribute('aria-pressed', String(paused));
  element('pause').textContent = paused ? 'Go on' : 'Pause';
}

function togglePaused() {
  paused = !paused;
  showPaused();
  goOnOrPause();
}

// Listing channels takes the server some work: an answer that took long is asked for less often.
async function keepListing() {
  const began = performance.now();
  if (poller.running && lostSince === null) {
    await Promise.all([channels.refresh(), inspector.refresh()]);
  }
  setTimeout(keepListing, Math.max(kChannelsPeriodMs, (performance.now() - began) * 10));
}

// They change by a reload only.
async function learnSettings() {
  try {
    settings = await server.settings();
  } catch {
    // The limits are shown without them.
  }
}

// --- The page ---------------------------------------------------------------------------------

function showTheme(name) {
  element('theme').textContent = {auto: '◐', light: '○', dark: '●'}[name];
  element('theme').setAttribute('aria-label', `Theme: ${name}`);
  element('theme').title = `Theme: ${name}`;
}

function chooseWindow(index) {
  document.querySelectorAll('input[name=window]')[index].click();
}

setUpDialogs();
setUpShortcuts({
  'p': togglePaused,
  't': () => showTheme(nextTheme()),
  'i': () => inspector.open(),
  'm': () => (inspector.isWatching ? inspector.focusContent() : inspector.open()),
  '/': () => channels.focusPrefix(),
  '1': () => chooseWindow(0),
  '2': () => chooseWindow(1),
  '3': () => chooseWindow(2),
  'Escape': () => inspector.isOpen && inspector.hide(),
});
showTheme(document.documentElement.dataset.theme);
element('theme').addEventListener('click', () => showTheme(nextTheme()));
element('pause').addEventListener('click', togglePaused);
element('windows').addEventListener('change', drawCharts);
document.addEventListener('visibilitychange', goOnOrPause);
goOnOrPause();
keepListing();
learnSettings();
setInterval(() => poller.running && learnSettings(), kSettingsPeriodMs);
if (location.hash.length > 1) inspector.inspect(decodeURIComponent(location.hash.slice(1)));

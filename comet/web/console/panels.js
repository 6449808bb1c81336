// The panels that show one answer of /info: tiles, limits, reasons, cores.

import {bytes, counted, dayAndTime, duration, microseconds, percent, short, whole, words} from './numbers.js';
import {totals} from './samples.js';

const element = (id) => document.getElementById(id);
const kTransports = ['stream', 'sse', 'ws', 'iframe', 'poll'];

function html(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function tile(name, figure, beside) {
  element(`tile-${name}`).textContent = figure;
  element(`tile-${name}-beside`).textContent = beside;
}

const perSecond = (n) => (n === null ? '–' : `${short(n)}/s`);

export function showTiles(info, sample) {
  const sum = totals(info);
  const present = kTransports.filter((name) => sum.subscribers[name] > 0);
  tile('subscribers', short(info.subscribers), present.length > 0 ? '' : 'nobody listens');
  element('tile-subscribers-beside').append(...present.map((name) =>
    html('span', `kind ${name}`, `${name}\u00a0${short(sum.subscribers[name])} `)));
  element('split').replaceChildren(...present.map((name) => {
    const part = html('span', `part ${name}`);
    part.style.setProperty('--share', sum.subscribers[name] / info.subscribers);
    return part;
  }));
  tile('channels', short(info.channels),
    info.channels > 0 ? `on average ${counted(info.subscribers / info.channels, 'subscriber')}` : 'none yet');
  tile('deliveries', perSecond(sample.deliveries), sample.messagesIn === null ? '' : `of ${perSecond(sample.messagesIn)} messages`);
  const known = sample.deliveries !== null;
  tile('bytes', known ? `${bytes(sample.bytesOut)}/s` : '–',
    sample.writes > 0 ? `${(sample.deliveries / sample.writes).toFixed(2)} deliveries a write` : known ? 'no deliveries' : '');
  tile('lag', sample.lagP99 === null ? '–' : microseconds(sample.lagP99),
    sample.lagP50 !== null ? `p50 ${microseconds(sample.lagP50)}` : known ? 'nothing to deliver' : '');
  tile('turns', perSecond(sample.turns), `longest ${microseconds(sum.longestTurnUs)}`);
}

const kMemory = [['connections', 'Connections'], ['subscribers', 'Subscribers'], ['channels', 'Channels'],
  ['history', 'Buffered messages'], ['buffers', 'Buffers']];

export function showLimits(info, settings) {
  const meters = [];
  if (info.descriptors) meters.push(meter('Descriptors', info.descriptors.used, info.descriptors.limit, short));
  meters.push(meter('Channels', info.channels, settings['front.max_channels'] ?? settings.max_channels, short));
  meters.push(html('h3', '', 'Memory of'));
  for (const [key, name] of kMemory) {
    const used = info.memory?.[key];
    if (used) meters.push(meter(name, used.bytes, used.limit, bytes, `Memory of ${name.toLowerCase()}`));
  }
  element('limits').replaceChildren(...meters);
}

// How near something is to its limit, in words, too: colour alone does not tell everybody.
function meter(name, used, limit, format, fullName = name) {
  const row = html('div', 'meter');
  const label = html('span', 'meter-name', name);
  const value = html('span', 'meter-value', format(used));
  row.append(label, value);
  if (limit === undefined) return row;  // not known
  if (limit === null) {
    value.append(html('span', 'meter-limit', ' · no limit'));
    return row;
  }
  const share = limit > 0 ? Math.min(used / limit, 1) : 1;
  const level = share >= 0.9 ? 'full' : share >= 0.7 ? 'near' : 'free';
  value.append(html('span', 'meter-limit', ` of ${format(limit)} · ${percent(used, limit)}`));
  if (level !== 'free') value.append(html('b', `level ${level}`, level === 'full' ? ' almost full' : ' filling up'));
  const track = html('div', `track ${level}`);
  track.setAttribute('role', 'meter');
  track.setAttribute('aria-label', fullName);
  track.setAttribute('aria-valuemin', '0');
  track.setAttribute('aria-valuemax', limit);
  track.setAttribute('aria-valuenow', used);
  track.setAttribute('aria-valuetext', value.textContent);
  track.style.setProperty('--share', share);
  row.append(track);
  return row;
}

export function showReasons(info) {
  const lists = [['Refused', info.refused], ['Closed', info.closed]].map(([title, counts]) => {
    const list = html('dl', 'facts');
    const happened = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
    for (const [reason, count] of happened.sort((a, b) => b[1] - a[1])) {
      const pair = document.createElement('div');
      pair.append(html('dt', '', words(reason)), html('dd', '', whole(count)));
      list.append(pair);
    }
    const group = html('div', 'reason-group');
    group.append(html('h3', '', title), happened.length > 0 ? list : html('p', 'beside', 'nobody'));
    return group;
  });
  element('reasons').replaceChildren(...lists);
}

export function showCores(info, sample) {
  const all = (core) => Object.values(core.subscribers ?? {}).reduce((a, b) => a + b, 0);
  const rows = (info.reactors ?? []).map((core, i) => {
    const rates = sample.cores[i];
    const cells = [
      core.core, short(core.connections), short(all(core)), short(core.channels),
      perSecond(rates?.messagesIn ?? null), perSecond(rates?.deliveries ?? null),
      Number(core.deliveries_per_write ?? 0).toFixed(2), perSecond(rates?.turns ?? null),
      microseconds(core.longest_turn_us), whole(core.turns_over_10ms), whole(core.lagging), whole(core.mailbox_max),
    ];
    const row = document.createElement('tr');
    row.append(...cells.map((text, column) => html(column === 0 ? 'th' : 'td', column === 0 ? '' : 'number', text)));
    row.firstChild.scope = 'row';
    return row;
  });
  element('cores-rows').replaceChildren(...rows);
}

export function showAbout(info) {
  const parts = [`comet ${info.version}`, `process ${info.pid ?? '–'}`, `admin port ${location.host}`];
  if (info.uptime_s !== undefined) parts.push(`up for ${duration(info.uptime_s)}`);
  if (info.start_time) parts.push(`since ${dayAndTime(new Date(info.start_time))}`);
  element('about').textContent = parts.join(' · ');
}

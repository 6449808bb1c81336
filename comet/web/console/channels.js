// The list of channels: the ones with most subscribers, or those whose names begin with something.

import {bytes, short, whole} from './numbers.js';

const kPage = 10;
const kPagesMax = 20;

export class ChannelList {
  constructor(server, inspect) {
    this.server = server;
    this.inspect = inspect;
    this.limit = kPage;
    this.names = [];
    this.asked = 0;  // answers to older questions are not shown
    this.form = document.getElementById('channels-form');
    this.prefix = document.getElementById('prefix');
    this.rows = document.getElementById('channels-rows');
    this.empty = document.getElementById('channels-empty');
    this.more = document.getElementById('channels-more');
    this.known = document.getElementById('known-channels');
    this.form.addEventListener('submit', (event) => event.preventDefault());
    this.form.addEventListener('input', () => {
      this.limit = kPage;
      this.refresh();
    });
    this.more.addEventListener('click', () => {
      this.limit = Math.min(this.limit * 2, kPage * kPagesMax);
      this.refresh();
    });
    this.rows.addEventListener('keydown', (event) => this.walk(event));
    this.rows.addEventListener('click', (event) => {
      const row = event.target.closest('tr');
      if (row) this.inspect(row.querySelector('button').textContent);
    });
  }

  // Resolves when the list is shown. Quiet about failures: the page's state tells of them.
  async refresh() {
    const asked = ++this.asked;
    const question = {prefix: this.prefix.value, sort: this.form.elements.sort.value, limit: this.limit};
    try {
      const page = await this.server.channels(question);
      if (asked === this.asked) this.show(page, question);
    } catch {
      // The next round asks again.
    }
  }

  show({channels, next}, {prefix}) {
    const most = Math.max(1, ...channels.map((channel) => channel.subscribers));
    const names = channels.map((channel) => channel.cname);
    // Rows are kept where they are, so that whoever stands on one keeps the focus.
    while (this.rows.rows.length > channels.length) this.rows.deleteRow(-1);
    channels.forEach((channel, i) => this.fill(this.rows.rows[i] ?? this.newRow(), channel, most));
    if (names.join('\n') !== this.names.join('\n')) {
      this.known.replaceChildren(...names.map((name) => new Option('', name)));
    }
    this.names = names;
    this.more.hidden = next === null || this.limit >= kPage * kPagesMax;
    this.empty.hidden = channels.length > 0;
    this.empty.textContent = prefix === ''
      ? 'No channels yet. The first push, signature or subscriber creates one.'
      : 'No channel’s name begins so.';
  }

  newRow() {
    const row = this.rows.insertRow();
    const name = document.createElement('button');
    name.type = 'button';
    name.className = 'name';
    row.insertCell().append(name);
    const subscribers = row.insertCell();
    subscribers.className = 'number share';
    const bar = document.createElement('span');
    bar.className = 'bar-of';
    subscribers.append(bar, document.createElement('span'));
    for (let i = 0; i < 3; ++i) row.insertCell().className = 'number';
    return row;
  }

  fill(row, channel, most) {
    const [name, subscribers, seq, messages, size] = row.cells;
    name.firstChild.textContent = channel.cname;
    name.firstChild.title = channel.cname;
    subscribers.firstChild.style.setProperty('--share', channel.subscribers / most);
    subscribers.lastChild.textContent = whole(channel.subscribers);
    seq.textContent = whole(channel.seq);
    messages.textContent = short(channel.messages);
    size.textContent = bytes(channel.bytes);
  }

  focusPrefix() {
    this.prefix.focus();
    this.prefix.select();
  }

  walk(event) {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    const row = event.target.closest('tr');
    if (step === undefined || row === null) return;
    event.preventDefault();
    const next = this.rows.rows[row.sectionRowIndex + step];
    (next?.querySelector('button') ?? (step < 0 ? this.prefix : null))?.focus();
  }
}

// The channel inspector: watches one channel, pushes to it, signs it, closes it.

import {confirmClose} from './dialogs.js';
import {MessageLog} from './message_log.js';
import {bytes, clock, duration, whole} from './numbers.js';
import {Watch} from './watch.js';

const element = (id) => document.getElementById(id);

export class Inspector {
  constructor(server) {
    this.server = server;
    this.cname = null;
    this.watch = null;
    this.paused = true;  // until resume()
    this.info = null;
    this.log = new MessageLog();
    this.panel = element('inspector');
    this.nameInput = element('watch-name');
    this.content = element('push-content');
    this.opener = element('inspect');
    this.narrow = matchMedia('(max-width: 68rem)');
    this.narrow.addEventListener('change', () => this.coverPage());
    element('watch-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.inspect(this.nameInput.value);
    });
    element('push-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.push();
    });
    this.content.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.push();
    });
    element('sign').addEventListener('click', () => this.sign());
    element('close-channel').addEventListener('click', () => this.close());
    element('copy-token').addEventListener('click', () => this.copyToken());
    element('inspector-close').addEventListener('click', () => this.hide());
    this.opener.addEventListener('click', () => (this.isOpen ? this.hide() : this.open()));
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  get isWatching() {
    return this.isOpen && this.watch !== null;
  }

  // For whoever wants to type a name.
  open() {
    if (!this.isOpen) this.reveal();
    this.nameInput.focus();
    this.nameInput.select();
  }

  hide() {
    this.stop();
    this.panel.hidden = true;
    this.opener.setAttribute('aria-expanded', 'false');
    document.body.classList.remove('inspecting');
    this.coverPage();
    history.replaceState(null, '', location.pathname);
    (this.cameFrom?.isConnected ? this.cameFrom : this.opener).focus();
  }

  reveal() {
    this.cameFrom = document.activeElement === document.body ? this.opener : document.activeElement;
    this.panel.hidden = false;
    this.opener.setAttribute('aria-expanded', 'true');
    document.body.classList.add('inspecting');
    this.coverPage();
  }

  focusContent() {
    this.content.focus();
    this.content.select();
  }

  // On a narrow screen the inspector covers the rest, which then takes no focus.
  coverPage() {
    const covers = this.isOpen && this.narrow.matches;
    element('overview').inert = covers;
    document.querySelector('.bar').inert = covers;
  }

  inspect(cname) {
    if (cname === '') return;
    this.stop();
    if (!this.isOpen) {
      this.reveal();
      this.panel.focus();
    }
    this.cname = cname;
    this.nameInput.value = cname;
    this.log.clear();
    this.say('outcome', '');
    element('signed').hidden = true;
    element('watching').hidden = false;
    element('facts').replaceChildren();
    history.replaceState(null, '', `#${encodeURIComponent(cname)}`);
    this.watch = new Watch(this.server, cname, this.events());
    if (this.paused) this.state('waiting', 'Paused.');
    else this.resume();
  }

  events() {
    let absent = false;
    return {
      opened: () => {
        if (absent) this.log.remark('Now the channel exists.');
        absent = false;
        this.state('watching', 'Watching, from the oldest message that is buffered.');
      },
      absent: () => {
        if (!absent && this.log.received > 0) this.log.remark('The channel is gone.');
        absent = true;
        this.state('waiting', 'There is no such channel. Waiting for it.');
      },
      lost: (error) => this.state('lost', error.status === undefined
        ? 'Connection lost. Trying again.' : `${sentence(error.message)} Trying again.`),
      message: (message) => this.log.message(message),
      missed: (count) => this.log.remark(`${whole(count)} messages are missing: no longer buffered.`),
      renewed: () => this.log.remark('Another channel of this name: the numbering begins anew.'),
      closed: () => this.log.remark('The channel was closed, or its time was over.'),
    };
  }

  stop() {
    this.watch?.stop();
    this.watch = null;
  }

  // The page is not looked at: nothing is fetched for it. Numbers tell what was missed.
  pause() {
    this.paused = true;
    this.watch?.stop();
    if (this.watch) this.state('waiting', 'Paused.');
  }

  resume() {
    this.paused = false;
    if (this.watch === null) return;
    this.state('waiting', 'Asking…');
    this.watch.start();
    this.refresh();
  }

  async refresh() {
    if (!this.watch?.running) return;
    const {cname} = this;
    try {
      const info = await this.server.channelInfo(cname);
      if (cname === this.cname) this.show(info);
    } catch {
      // The watch tells of it.
    }
  }

  show(info) {
    this.info = info;
    const facts = [['Subscribers', whole(info.subscribers)]];
    if (info.next_seq !== undefined) {
      const transports = Object.entries(info.by_transport ?? {}).filter(([, count]) => count > 0);
      const when = (time) => (time ? clock(new Date(time)) : 'none yet');
      facts.push(
        ['By transport', transports.map(([name, count]) => `${name} ${whole(count)}`).join(' · ') || '–'],
        ['Next number', whole(info.next_seq)],
        ['Buffered', `${whole(info.messages)} · ${bytes(info.bytes)}`],
        ['Created', when(info.created)],
        ['Last message', when(info.last_message)],
        ['Expires', typeof info.expires === 'number' ? `in ${duration(info.expires)}` : 'not while used'],
      );
    }
    const list = element('facts');
    list.replaceChildren(...facts.map(([name, value]) => {
      const pair = document.createElement('div');
      const term = document.createElement('dt');
      const text = document.createElement('dd');
      term.textContent = name;
      text.textContent = value;
      pair.append(term, text);
      return pair;
    }));
  }

  async push() {
    const {cname} = this;
    if (cname === null) return;
    if (await this.attempt(() => this.server.push(cname, this.content.value), 'Pushed.')) {
      this.content.select();
      this.refresh();
    }
  }

  async sign() {
    const {cname} = this;
    let signed;
    if (!await this.attempt(async () => { signed = await this.server.sign(cname); }, 'Signed.')) return;
    element('signed').hidden = false;
    element('token').value = signed.token;
    element('signed-note').textContent =
      `The channel waits ${duration(signed.expires)} for its first subscriber. Its oldest number is ${whole(signed.seq)}.`;
    element('token').focus();
    element('token').select();
  }

  async close() {
    const {cname} = this;
    const info = this.info ?? {subscribers: 0};
    const sure = await confirmClose(cname, {subscribers: info.subscribers, messages: info.messages ?? 0});
    element('close-channel').focus();
    if (sure && cname === this.cname) await this.attempt(() => this.server.close(cname), 'Closed.');
    this.refresh();
  }

  async copyToken() {
    const token = element('token');
    token.select();
    try {
      await navigator.clipboard.writeText(token.value);
      this.say('outcome', 'Copied.');
    } catch {
      // Not a secure context, as over plain HTTP from another host: the selection can be copied.
      this.say('outcome', 'The token is selected; copy it with the keyboard.');
      token.focus();
    }
  }

  // True when it was done; else what the server said is shown.
  async attempt(action, done) {
    this.say('outcome', '');
    try {
      await action();
      this.say('outcome', done);
      return true;
    } catch (error) {
      this.say('outcome', error.status === undefined ? 'The server did not answer.' : sentence(error.message), 'bad');
      return false;
    }
  }

  state(kind, text) {
    element('watch-state').dataset.kind = kind;
    if (element('watch-state').textContent !== text) element('watch-state').textContent = text;
  }

  say(id, text, kind = '') {
    element(id).textContent = text;
    element(id).dataset.kind = kind;
  }
}

// "content is longer than 9 bytes" → "Content is longer than 9 bytes."
function sentence(line) {
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?]$/.test(line) ? '' : '.'}`;
}

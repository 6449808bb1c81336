// The messages of a watched channel as a list that never grows beyond a bound.
//
// Messages may come by the thousand: they are drawn once a frame, and only those that will stay.
// Contents are text, whatever they look like.

import {clock, whole} from './numbers.js';

const kShownMax = 500;
const kContentMax = 4000;  // characters of one message

export class MessageLog {
  constructor() {
    this.list = document.getElementById('log');
    this.note = document.getElementById('log-note');
    this.newest = document.getElementById('newest');
    this.waiting = [];
    this.received = 0;
    this.unseen = 0;
    this.following = true;
    this.list.addEventListener('scroll', () => this.scrolled());
    this.newest.addEventListener('click', () => this.follow());
  }

  clear() {
    this.waiting = [];
    this.received = 0;
    this.unseen = 0;
    this.following = true;
    this.list.replaceChildren();
    this.showNotes();
  }

  message(message) {
    ++this.received;
    this.append({seq: message.seq, kind: message.type, text: message.content});
  }

  // A line about the channel instead of from it.
  remark(text) {
    this.append({kind: 'remark', text});
  }

  append(entry) {
    entry.at = new Date();
    this.waiting.push(entry);
    if (this.waiting.length > kShownMax) this.waiting.shift();
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = null;
    this.list.append(...this.waiting.map((entry) => this.row(entry)));
    if (!this.following) this.unseen += this.waiting.length;
    this.waiting = [];
    while (this.list.childElementCount > kShownMax) this.list.firstElementChild.remove();
    if (this.following) this.list.scrollTop = this.list.scrollHeight;
    this.showNotes();
  }

  row({seq, kind, text, at}) {
    const row = document.createElement('li');
    row.className = kind;
    const part = (name, content) => {
      const element = document.createElement(name === 'time' ? 'time' : 'span');
      element.className = name;
      element.textContent = content;
      row.append(element);
    };
    part('seq', seq === undefined ? '' : whole(seq));
    part('text', text.length > kContentMax ? `${text.slice(0, kContentMax)}…` : text);
    part('time', clock(at));
    if (kind === 'broadcast') part('tag', 'broadcast');
    if (text.length > kContentMax) part('tag', `${whole(text.length)} characters, cut here`);
    if (text === '' && kind !== 'remark') part('tag', 'empty');
    return row;
  }

  showNotes() {
    const shown = this.list.childElementCount;
    this.note.textContent = this.received > shown && shown >= kShownMax
      ? `${whole(this.received)} messages came; the newest ${whole(kShownMax)} are shown.`
      : '';
    this.newest.hidden = this.following;
    this.newest.textContent = this.unseen > 0 ? `${whole(this.unseen)} newer ↓` : 'Newest ↓';
  }

  scrolled() {
    const {scrollTop, scrollHeight, clientHeight} = this.list;
    this.following = scrollHeight - scrollTop - clientHeight < 24;
    if (this.following) this.unseen = 0;
    this.showNotes();
  }

  follow() {
    this.following = true;
    this.unseen = 0;
    this.list.scrollTop = this.list.scrollHeight;
    this.showNotes();
  }
}

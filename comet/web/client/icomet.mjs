// What iComet's own script offers. See README.md.

import {Comet} from './comet.mjs';

const kAnswerMs = 60000;

let calls = 0;

const jsonp = (url, take) => {
  const name = 'icomet_cb_' + calls++;
  const script = document.createElement('script');
  const done = globalThis[name] = (answer) => {
    if (!globalThis[name]) return;
    delete globalThis[name];
    script.remove();
    take(answer);
  };
  script.onload = script.onerror = () => done();
  script.src = url.replace(/=\?/g, '=' + name) + '&_=' + Date.now();  // no cache's
  document.head.appendChild(script);
};

const urlOf = (config, what) => config[what + 'Url'] || config[what + '_url'];
const extend = (url, fields) => url + (url.includes('?') ? '&' : '?') + fields;

// What iComet's own script offers.
export class iComet {
  constructor(config) {
    this.config = config;
    this.cname = config.channel;
    this.data_seq = 0;
    this.refused = -1;
    this.start();
  }

  start() {
    this.stop();
    this.stopped = false;
    this.began = Date.now();
    const run = this.run = {};
    const signUrl = urlOf(this.config, 'sign');
    if (!signUrl) return this.listen();
    this.timer = setTimeout(() => this.start(), kAnswerMs);
    jsonp(extend(signUrl, `cb=?&callback=?&cname=${encodeURIComponent(this.cname)}`), (answer) => {
      if (this.stopped || run !== this.run) return;
      clearTimeout(this.timer);
      if (answer?.type !== 'sign') return this.startLater();
      this.cname = answer.cname;
      this.token = answer.token;
      this.listen();
    });
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.data_seq = this.comet?.next(this.cname) || this.data_seq;
    this.comet?.close();
    this.comet = null;
  }

  pub(content, callback) {
    const url = urlOf(this.config, 'pub');
    if (!url || typeof content !== 'string') return false;
    const whole = extend(url, `cname=${encodeURIComponent(this.cname)}&content=${encodeURIComponent(content)}`);
    const done = (answer) => answer && callback?.(answer);
    if (url.includes('=?')) jsonp(whole, done);
    else fetch(whole).then((response) => response.json()).then(done, () => {});
  }

  // Who is refused again and again comes more and more seldom.
  startLater() {
    this.refused = Date.now() - this.began > kAnswerMs ? 0 : Math.min(this.refused + 1, 4);
    this.timer = setTimeout(() => this.start(), (3000 + Math.random() * 2000) * 2 ** this.refused);
  }

  listen() {
    const {config, cname, token} = this;
    const callback = config.callback || config.sub_callback;
    this.comet = new Comet(urlOf(config, 'sub').replace(/\/(sub|poll)(?=\?|$)/, ''), {
      channels: {[cname]: {seq: this.data_seq, token}},
      onmessage: (message) => {
        this.data_seq = message.seq + 1;
        callback?.(message.content, message.type);
      },
      onclose: (name, reason, next) => {
        this.data_seq = reason === 'close' ? 1 : next;  // a new channel of the name is new altogether
        this.startLater();
      },
    });
  }
}

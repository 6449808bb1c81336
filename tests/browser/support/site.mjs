// A site of somebody's own, of another origin than the server: empty pages with one script tag.

import {once} from 'node:events';
import {createServer} from 'node:http';

export class Site {
  answers = {};  // by path: what an application of the site says, a function of the query

  static async start() {
    const site = new Site();
    site.listener = createServer((request, response) => site.answer(request, response));
    site.listener.listen(0, '127.0.0.1');
    await once(site.listener, 'listening');
    return site;
  }

  answer(request, response) {
    const url = new URL(request.url, this.origin);
    const own = this.answers[url.pathname];
    if (own) {
      response.setHeader('Content-Type', 'application/javascript; charset=utf-8');
      own(url.searchParams).then((text) => response.end(text), () => response.writeHead(500).end());
      return;
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    const script = url.searchParams.get('script');
    const type = url.searchParams.get('type') ?? 'text/javascript';
    response.end(`<!DOCTYPE html><title>a page</title><link rel="icon" href="data:,">
      ${script ? `<script type="${type}" src="${script}"></script>` : ''}<body>`);
  }

  get origin() {
    return `http://127.0.0.1:${this.listener.address().port}`;
  }

  page(script) {
    return `${this.origin}/${script ? `?script=${encodeURIComponent(script)}` : ''}`;
  }

  close() {
    this.listener.close();
    this.listener.closeAllConnections();
  }
}

// The chat room: what is said comes by the channel, what one says goes to the backend, which pushes it.

const kKept = 200;
const kAnimals = ['otter', 'heron', 'lynx', 'badger', 'finch', 'marten', 'newt', 'stork', 'vole', 'wren', 'hare', 'owl'];
const kManners = ['quick', 'calm', 'brave', 'bright', 'gentle', 'merry', 'quiet', 'keen', 'sunny', 'witty'];

const anyOf = (list) => list[Math.floor(Math.random() * list.length)];

// A colour of one's own.
function hue(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}

const clock = (ms) => new Date(ms).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'});

export class Chat {
  #list = document.querySelector('#messages');
  #text = document.querySelector('#text');
  #name = document.querySelector('#name');
  #trouble = document.querySelector('#trouble');
  #own = Math.random().toString(36).slice(2, 10);  // which messages are this page's

  // `post(path, object)` reaches the backend.
  constructor(post) {
    this.#name.value = sessionStorage.getItem('name') ?? `${anyOf(kManners)} ${anyOf(kAnimals)}`;
    this.#name.addEventListener('change', () => sessionStorage.setItem('name', this.#name.value));
    document.querySelector('#say').addEventListener('submit', async (event) => {
      event.preventDefault();
      const text = this.#text.value.trim();
      if (!text) return;
      this.#text.value = '';
      const trouble = await post('/say', {name: this.#name.value.trim() || 'somebody', text, by: this.#own});
      this.#trouble.hidden = !trouble;
      this.#trouble.textContent = trouble;
      if (trouble && !this.#text.value) this.#text.value = text;
    });
  }

  show(content) {
    const {name, text, by, at} = JSON.parse(content);
    const item = document.createElement('li');
    const who = document.createElement('span');
    who.className = 'who';
    who.textContent = name;
    who.style.setProperty('--hue', hue(name));
    const when = document.createElement('time');
    when.textContent = clock(at);
    item.append(who, text, when);
    if (by === this.#own) item.className = 'own';
    this.#append(item);
  }

  remark(text) {
    const item = document.createElement('li');
    item.className = 'remark';
    item.textContent = text;
    this.#append(item);
  }

  #append(item) {
    const list = this.#list;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(item);
    if (list.children.length > kKept) list.firstChild.remove();
    if (isAtEnd || item.className === 'own') list.scrollTop = list.scrollHeight;
  }
}

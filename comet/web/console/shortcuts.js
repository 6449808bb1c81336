// Single keys that do something anywhere on the page, except while somebody types.

import {showHelp} from './dialogs.js';

const kTyping = 'input:not([type=radio]), textarea, select, dialog';

// `actions`: by key, as in KeyboardEvent.key. Escape counts while typing, too.
export function setUpShortcuts(actions) {
  document.getElementById('help-open').addEventListener('click', showHelp);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key !== 'Escape' && event.target.closest?.(kTyping)) return;
    const action = event.key === '?' ? showHelp : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

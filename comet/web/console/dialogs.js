// The page's questions: each opens a dialog and resolves to what was answered.

import {counted} from './numbers.js';

const element = (id) => document.getElementById(id);

// Resolves to the value of the button that closed it; "" after Escape.
function ask(dialog) {
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue), {once: true});
  });
}

export function showHelp() {
  if (!element('help').open) ask(element('help'));
}

export async function confirmClose(cname, {subscribers, messages}) {
  element('confirm-text').textContent =
    `“${cname}”: its ${counted(subscribers, 'subscriber')} will be told and disconnected, ` +
    `its ${counted(messages, 'buffered message')} forgotten, and its numbering begins anew.`;
  return (await ask(element('confirm'))) === 'yes';
}

export async function askForKey(wasRefused) {
  const input = element('key-input');
  input.value = '';
  element('key-text').textContent = wasRefused
    ? 'That key was refused. It is the server’s admin.key.'
    : 'It is the server’s admin.key. This tab keeps it until it is closed.';
  const answer = await ask(element('key'));
  return answer === 'yes' && input.value !== '' ? input.value : null;
}

export function setUpDialogs() {
  // In a form with method=dialog, Enter presses the first button, which is Cancel.
  element('key-input').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    element('key-yes').click();
  });
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog && dialog.id === 'help') dialog.close();
    });
  }
}

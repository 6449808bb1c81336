// Light, dark, or what the system prefers. Runs before the page is painted, so that it never
// flashes in the wrong colours; hence no module.
'use strict';

const themes = ['auto', 'light', 'dark'];
let theme = 'auto';
try {
  theme = localStorage.getItem('comet.theme') ?? 'auto';
} catch {
  // No storage for this page: the system's preference it is.
}

function applyTheme(name) {
  theme = themes.includes(name) ? name : 'auto';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('comet.theme', theme);
  } catch {
    // As above.
  }
  return theme;
}

function nextTheme() {
  return applyTheme(themes[(themes.indexOf(theme) + 1) % themes.length]);
}

applyTheme(theme);

'use strict';
fetch('/info').then((response) => response.json()).then((info) => {
  document.getElementById('state').textContent = `${info.channels} channels, ${info.subscribers} subscribers`;
});

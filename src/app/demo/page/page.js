'use strict';
// The server draws the page. This script sends its forms without leaving it, puts in what the
// server has drawn anew, and remembers which chat of each phone is open.

const html = document.documentElement;
const body = document.body;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const lang = body.dataset.lang;
const calm = matchMedia('(prefers-reduced-motion: reduce)');
html.classList.add('live');

// Which chat each phone shows, and whose phone a narrow window shows.
const open = {};
let shown = sessionStorage.getItem('shown') || 'owner';
let journalOf = 'all';

// --- Putting in what was drawn anew -------------------------------------------------------------

// These belong to this window, not to the server.
const own = {
  'hidden': (node) => node.matches('.chat'),
  'aria-selected': (node) => node.matches('[role=tab]'),
  'open': (node) => node.matches('details'),
  'value': (node) => node.matches('input:not([type=hidden])'),
};

function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  return node.id || node.dataset.key || null;
}

function attributes(from, to) {
  for (const { name, value } of [...to.attributes]) {
    if (own[name] && own[name](from)) continue;
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    if (own[name] && own[name](from)) continue;
    if (!to.hasAttribute(name)) from.removeAttribute(name);
  }
}

// Makes `from` like `to` and leaves alone whatever is alike already: focus, scroll and typed text.
function morph(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || keyOf(from) !== keyOf(to)) {
    from.replaceWith(to);
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  attributes(from, to);
  children(from, to);
}

function children(from, to) {
  const keyed = new Map();
  for (const child of from.children) {
    const key = keyOf(child);
    if (key) keyed.set(key, child);
  }
  let at = from.firstChild;
  for (const next of [...to.childNodes]) {
    const key = keyOf(next);
    const known = key && keyed.get(key);
    if (known) {
      keyed.delete(key);
      if (known === at) at = at.nextSibling;
      else from.insertBefore(known, at);
      morph(known, next);
    } else if (!key && at && !keyOf(at) && at.nodeName === next.nodeName) {
      const present = at;
      at = at.nextSibling;
      morph(present, next);
    } else {
      if (next.nodeType === Node.ELEMENT_NODE && html.classList.contains('settled')) {
        next.classList.add('new');
      }
      from.insertBefore(next, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function patch({ id, html: drawn }) {
  const present = document.getElementById(id);
  const template = document.createElement('template');
  template.innerHTML = drawn;
  const next = template.content.firstElementChild;
  if (!present || !next) return;
  const atEnd = new Map($$('.talk', present).map((talk) => [talk.id, isAtEnd(talk)]));
  morph(present, next);
  arrange();
  for (const talk of $$('.talk', present)) {
    if (atEnd.get(talk.id) !== false) toEnd(talk);
  }
  $$('.busy', present).forEach((button) => button.classList.remove('busy'));
  markRead();
}

const isAtEnd = (talk) => talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
const toEnd = (talk) => { talk.scrollTop = talk.scrollHeight; };

// --- What this window shows ---------------------------------------------------------------------

function arrange() {
  for (const phone of $$('.phone')) {
    const tabs = $$('[role=tab]', phone);
    const wanted = open[phone.dataset.phone];
    const chosen = tabs.find((tab) => tab.dataset.chat === wanted)
      || tabs.find((tab) => tab.getAttribute('aria-selected') === 'true') || tabs[0];
    if (!chosen) continue;
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
    for (const chat of $$('.chat', phone)) {
      const away = chat.dataset.bot !== chosen.dataset.chat;
      if (chat.hidden !== away) {
        chat.hidden = away;
        if (!away) toEnd($('.talk', chat));
      }
    }
  }
  body.dataset.shown = shown;
  for (const link of $$('#people a')) {
    if (link.dataset.show === shown) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
  const filter = $('#journal-of');
  if (filter && filter.value !== journalOf) filter.value = journalOf;
  for (const record of $$('.journal li')) {
    record.hidden = journalOf !== 'all' && record.dataset.client !== journalOf;
  }
}

function choose(tab, focus) {
  const phone = tab.closest('.phone').dataset.phone;
  open[phone] = tab.dataset.chat;
  sessionStorage.setItem('open', JSON.stringify(open));
  arrange();
  if (focus) tab.focus();
  markRead();
}

function show(whose) {
  shown = whose;
  sessionStorage.setItem('shown', shown);
  arrange();
  $$('.chat:not([hidden]) .talk').forEach(toEnd);
  markRead();
}

// Tells the server what has been seen, once for each message.
const told = {};
function markRead() {
  if (document.visibilityState !== 'visible') return;
  for (const chat of $$('.chat:not([hidden])')) {
    if (!chat.offsetParent) continue;
    const newest = Number(chat.dataset.newest);
    if (newest <= (told[chat.id] || 0)) continue;
    told[chat.id] = newest;
    const phone = chat.closest('.phone').dataset.phone;
    send('/read', new URLSearchParams({ phone, bot: chat.dataset.bot, lang, message: newest }));
  }
}

// --- Doing things -------------------------------------------------------------------------------

async function send(action, fields) {
  try {
    const answer = await fetch(action, {
      method: 'POST', body: fields, headers: { 'x-slotbox-page': '1' }, redirect: 'error',
    });
    if (!answer.ok) toast(await answer.text());
    return answer.ok;
  } catch {
    lost(true);
    return false;
  }
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (form.method !== 'post') return;
  event.preventDefault();
  const button = event.submitter;
  const fields = new URLSearchParams(new FormData(form, button));
  if (button && form.id.startsWith('press-')) button.classList.add('busy');
  if (form.matches('.line')) $('input[name=text]', form).value = '';
  $$('details[open]').forEach((details) => { details.open = false; });
  await send(new URL(form.action).pathname, fields);
});

document.addEventListener('click', (event) => {
  const tab = event.target.closest('[role=tab]');
  const whose = event.target.closest('#people a');
  const go = event.target.closest('[data-go]');
  if (tab) {
    event.preventDefault();
    choose(tab);
  } else if (whose) {
    event.preventDefault();
    show(whose.dataset.show);
  }
  if (go) {
    event.preventDefault();
    const tabs = $$('[role=tab]', go.closest('.phone'));
    choose(tabs.find((other) => other.dataset.chat === go.dataset.go));
  }
  for (const details of $$('details[open]')) {
    if (!details.contains(event.target)) details.open = false;
  }
});

document.addEventListener('keydown', (event) => {
  const tab = event.target.closest('[role=tab]');
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (tab && step) {
    const tabs = $$('[role=tab]', tab.parentElement);
    choose(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length], true);
  }
  if (event.key === 'Escape') $$('details[open]').forEach((details) => { details.open = false; });
});

document.addEventListener('change', (event) => {
  if (event.target.id !== 'journal-of') return;
  journalOf = event.target.value;
  arrange();
});

document.addEventListener('visibilitychange', markRead);
addEventListener('resize', markRead);

// --- Passing words ------------------------------------------------------------------------------

function toast(text, phone) {
  const shown = document.createElement('p');
  shown.textContent = text;
  if (phone) shown.dataset.phone = phone;
  $('#toasts').append(shown);
  setTimeout(() => shown.remove(), calm.matches ? 6000 : 4000);
}

function answered({ phone, text, alert }) {
  $$(`#phone-${phone} .busy`).forEach((button) => button.classList.remove('busy'));
  if (!text) return;
  if (!alert) return toast(text, phone);
  const window = $('#alert');
  $('p', window).textContent = text;
  if (!window.open) window.showModal();
}

// --- Following the server -----------------------------------------------------------------------

function lost(gone) {
  $('#lost').hidden = !gone;
}

function follow() {
  const events = new EventSource(`/events?lang=${lang}`);
  events.addEventListener('open', () => lost(false));
  events.addEventListener('patch', (event) => patch(JSON.parse(event.data)));
  events.addEventListener('toast', (event) => answered(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    lost(true);
    // A browser gives up after some errors; a page that is left open should not.
    if (events.readyState === EventSource.CLOSED) {
      events.close();
      setTimeout(follow, 2000);
    }
  });
}

// The clock runs on between two words from the server.
function tick() {
  const time = $('#clock time');
  const base = tick.base;
  if (!base || base.datetime !== time.dateTime) {
    tick.base = { datetime: time.dateTime, at: performance.now(), text: time.textContent };
    return;
  }
  const minute = 60000;
  const began = new Date(base.datetime).getTime();
  const passed = Math.floor((began % minute + performance.now() - base.at) / minute);
  const [hours, minutes] = base.text.split(':').map(Number);
  const total = (hours * 60 + minutes + passed) % 1440;
  const pad = (number) => String(number).padStart(2, '0');
  const text = `${pad(Math.floor(total / 60))}:${pad(total % 60)}`;
  if (time.textContent !== text) time.textContent = text;
}

Object.assign(open, JSON.parse(sessionStorage.getItem('open') || '{}'));
arrange();
$$('.talk').forEach(toEnd);
markRead();
follow();
setInterval(tick, 1000);
setTimeout(() => html.classList.add('settled'), 400);

// The page of a script's window: what the start does, what the script writes,
// and how it ended. It asks the window's process for news and has no other way
// out; its address holds a nonce, so that no other page can ask for the same.
'use strict';

const $ = (id) => document.getElementById(id);
const phases = ['environment', 'port', 'starting', 'ready'];
const dark = matchMedia('(prefers-color-scheme: dark)');
let now = null; // the last state
let have = 0; // sequence number of the last line that is shown
let lastOpen = false;
let shownID = '';
let reached = -1; // the furthest phase that was seen of this execution

const press = (verb) => fetch('verb/' + verb, { method: 'POST' });

function text(key, values) {
  let t = now.settings.texts[key] || '';
  for (const [name, value] of Object.entries(values || {})) t = t.replaceAll('{{.' + name + '}}', value);
  return t;
}

function element(tag, className, content) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (content !== undefined) e.textContent = content;
  return e;
}

function paintTheme() {
  const t = now.settings.theme;
  document.documentElement.dataset.theme = t === 'dark' || (t !== 'light' && dark.matches) ? 'dark' : 'light';
  document.documentElement.lang = now.settings.language || 'en';
}

function headline(x, live) {
  if (now.trouble) return [text(now.trouble), text(now.trouble + '_text'), 'failed'];
  if (live && x.phase === 'stopping') return [text('stopping', { script: now.said.name }), '', 'busy'];
  if (live && x.phase === 'ready' && !x.has_page) return [text('running', { script: now.said.name }), '', 'busy'];
  if (live) return [text('starting', { script: now.said.name }), '', 'busy'];
  return [text(x.state, { script: now.said.name }), now.said.error || now.said.reason, x.state];
}

function paintPhases(x, live) {
  const at = phases.indexOf(x.phase);
  if (at > reached) reached = at;
  // A window that opened late, or an execution that ended at once, has not
  // seen the phases go by.
  reached = Math.max(reached, x.ready_at ? 3 : x.started_at ? 2 : x.port ? 1 : -1);
  const list = $('phases');
  list.replaceChildren();
  phases.forEach((phase, i) => {
    const done = i < reached || Boolean(x.ready_at);
    const item = element('li', done ? 'done' : '');
    let mark = done ? '✓' : '';
    if (!done && i === Math.max(reached, 0)) {
      item.className = live ? 'now' : 'broken';
      if (live) item.setAttribute('aria-current', 'step');
      else mark = '×';
    }
    item.append(element('span', 'tick', mark), element('span', '', text('phase_' + phase)));
    list.append(item);
  });
}

function duration(ms) {
  // English abbreviations ("4.4 secs") are not the units that engineers write.
  if (now.settings.language === 'en' && ms < 60000) return (ms / 1000).toFixed(ms < 10000 ? 1 : 0) + ' s';
  if (now.settings.language === 'en') return Math.floor(ms / 60000) + ' min ' + Math.floor((ms % 60000) / 1000) + ' s';
  const format = (value, unit, digits) => new Intl.NumberFormat(now.settings.language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits }).format(value);
  if (ms < 60000) return format(ms / 1000, 'second', ms < 10000 ? 1 : 0);
  return format(Math.floor(ms / 60000), 'minute', 0) + ' ' + format(Math.floor((ms % 60000) / 1000), 'second', 0);
}

function paintFacts(x, live) {
  const facts = [];
  if (x.environment) facts.push([text('environment'), x.environment]);
  if (x.fallback) facts.push(['', text('fallback', { environment: x.fallback })]);
  if (!live && x.exit_code !== null) facts.push([text('exit_code'), String(x.exit_code)]);
  if (!live && x.duration_ms) facts.push([text('duration'), duration(x.duration_ms)]);
  $('facts').replaceChildren(...facts.map(([name, value]) => {
    const d = element('div');
    if (name) d.append(element('dt', '', name));
    d.append(element('dd', '', value));
    return d;
  }));
}

function paintLines() {
  const box = $('lines');
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  if (now.execution.id !== shownID || now.first > have + 1) box.replaceChildren();
  if (lastOpen && now.lines.length && box.lastChild) box.lastChild.remove();
  box.querySelector('.none')?.remove();
  for (const line of now.lines) {
    const row = element('div', line.stream === 'stderr' ? 'stderr' : '', line.text + (line.cut ? ' …' : ''));
    row.dataset.seq = line.seq;
    box.append(row);
    have = line.seq;
    lastOpen = Boolean(line.open);
  }
  while (box.childElementCount > 500) box.firstElementChild.remove();
  if (!box.childElementCount) box.append(element('div', 'none', text('no_output')));
  box.querySelectorAll('.own').forEach((e) => e.classList.remove('own'));
  const own = now.own ? box.querySelector('[data-seq="' + now.own + '"]') : null;
  if (own) {
    own.classList.add('own');
    own.dataset.testid = 'own-line';
    own.nextElementSibling?.classList.add('own');
  }
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function paintButtons(x, live) {
  const wanted = [];
  if (now.trouble && live) wanted.push(['reload', text('reload'), 'main']);
  if (live && x.phase === 'stopping') wanted.push(['stop', text('kill'), 'danger']);
  else if (live) wanted.push(['stop', text('stop'), '']);
  else wanted.push(['again', text('run_again'), 'main']);
  wanted.push(['open_log', text('open_log'), '']);
  if (!live || now.trouble) wanted.push(['copy', text('copy'), '']);
  wanted.push(['close', text('close'), '']);
  const box = $('buttons');
  const key = JSON.stringify(wanted) + x.id;
  if (box.dataset.key === key) return; // a button keeps its focus
  box.dataset.key = key;
  box.replaceChildren(...wanted.map(([verb, label, kind]) => {
    const b = element('button', kind, label);
    b.type = 'button';
    b.dataset.testid = verb;
    b.addEventListener('click', async () => {
      if (verb === 'again' || verb === 'stop') b.disabled = true;
      await press(verb);
      if (verb === 'copy') b.textContent = text('copied');
    });
    return b;
  }));
}

function paint() {
  const x = now.execution;
  const live = x.state === 'queued' || x.state === 'running';
  if (x.id !== shownID) {
    have = 0;
    lastOpen = false;
    reached = -1;
  }
  paintTheme();
  $('name').textContent = now.said.name;
  $('where').textContent = [x.project, x.user].filter(Boolean).join(' · ');
  const [title, explain, mark] = headline(x, live);
  $('headline').textContent = title;
  $('mark').className = 'mark ' + mark;
  $('explain').textContent = explain;
  $('problem').textContent = now.problem;
  $('problem').hidden = !now.problem;
  $('output-title').textContent = text('output');
  document.title = now.said.title;
  paintPhases(x, live);
  paintFacts(x, live);
  paintLines();
  paintButtons(x, live);
  shownID = x.id;
  countDown();
}

let graceEnds = 0;
function countDown() {
  const x = now.execution;
  if (x.phase !== 'stopping' || !now.grace_ms) return;
  graceEnds = performance.now() + now.grace_ms;
  tick();
}
function tick() {
  if (now.execution.phase !== 'stopping') return;
  const left = Math.max(0, Math.ceil((graceEnds - performance.now()) / 1000));
  $('explain').textContent = text('grace', { seconds: String(left) });
  if (left > 0) setTimeout(tick, 250);
}

async function poll() {
  for (;;) {
    try {
      const from = now ? (lastOpen ? have : have + 1) : 0;
      const answer = await fetch('state?from=' + from + '&version=' + (now ? now.version : -1));
      if (!answer.ok) return; // the script's page is about to be shown
      const next = await answer.json();
      if (now && next.execution.id !== shownID && from > 1) {
        now = null; // another execution: its lines begin again
        have = 0;
        lastOpen = false;
        document.getElementById('lines').replaceChildren();
        continue;
      }
      now = next;
      paint();
    } catch {
      await new Promise((later) => setTimeout(later, 300));
    }
  }
}

dark.addEventListener('change', () => now && paintTheme());
poll();

// A page that follows a session: the server sends parts of it, this puts them in place.
import { watch } from "./app.js";

const nl = document.body.dataset.lang !== "en";
const root = document.querySelector("[data-stream]");
const lost = document.querySelector("[data-lost]");
const parts = new Map([...document.querySelectorAll("[data-live]")].map(e => [e.dataset.live, e]));
const offset = Number(root.dataset.now) - Date.now(); // clocks of devices are off

// The clock of the point in hand counts down, and on past zero.
const two = n => String(n).padStart(2, "0");
function tick() {
  document.querySelectorAll("[data-ends]").forEach(clock => {
    const s = Math.round((Number(clock.dataset.ends) - Date.now() - offset) / 1000), a = Math.abs(s);
    clock.textContent = `${s < 0 ? "+" : ""}${two(Math.floor(a / 60))}:${two(a % 60)}`;
  });
}
setInterval(tick, 1000);
tick();

const typed = form => [...form.elements].some(e => e.matches("textarea, input:not([type=hidden], [type=checkbox], [type=radio])") && e.value !== e.defaultValue);
const busy = () => [...document.forms].some(typed);

// What holds the focus keeps it: the same control in the new part.
function swap(part, html) {
  const held = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.innerHTML = html;
  if (held) document.getElementById(held)?.focus();
  tick();
}

function say(text, link) {
  lost.textContent = text;
  if (link) {
    const a = document.createElement("a");
    a.href = root.dataset.page;
    a.textContent = nl ? "Naar het overleg" : "To the session";
    lost.append(" ", a);
  }
  lost.hidden = false;
}

// A page that sends a form is on its way already: its own change needs no second load.
let leaving = false;
document.addEventListener("submit", async e => {
  const form = e.target;
  if (form.matches("[data-send]")) return;
  if (form.closest("[data-live]") || form.matches("[data-live-form]")) { // a hand, the floor: the page stays, and with it what was typed
    e.preventDefault();
    const body = new URLSearchParams(new FormData(form, e.submitter));
    try { await fetch(form.action, { method: "POST", headers: { "X-Live": "1" }, body }); } catch { say(first); }
    return;
  }
  const notes = [...document.querySelectorAll("[data-send]")].find(f => f.elements.base && typed(f));
  const others = [...document.forms].some(f => f !== form && f !== notes && typed(f)); // then the browser asks
  if (notes && !leaving) { // what was typed goes first
    e.preventDefault();
    if (await send(notes) && !typed(notes)) { leaving = !others; form.requestSubmit(e.submitter); }
    return;
  }
  leaving = !others;
  setTimeout(() => { leaving = false; }, 5000);
});

// Moves on, unless somebody is typing: then the page waits for him.
function move() {
  if (leaving) return;
  if (busy()) say(nl ? "Het overleg is verder gegaan. Verstuur eerst wat je typte." : "The session moved on. Send first what you typed.", true);
  else { leaving = true; location.assign(`${root.dataset.page}?vanzelf=1`); }
}

// The screen locks: nothing stays to be read, and what was typed goes to the drafts.
async function cover() {
  const open = [...document.forms].filter(typed);
  leaving = true;
  document.querySelectorAll("main, .meeting, .meetingbar").forEach(e => { e.hidden = true; e.style.display = "none"; });
  for (const form of open) {
    try { await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }); } catch { /* it is gone with the page */ }
  }
  location.assign(`/slot?verder=${encodeURIComponent(root.dataset.page)}`);
}

const shownPoint = parts.get("live-point")?.querySelector("h1")?.textContent;
const first = lost?.textContent;
let failures = 0, revision = root.dataset.revision;

function open() {
  const stream = new EventSource(root.dataset.stream);
  stream.addEventListener("open", () => {
    failures = 0;
    if (lost.textContent === first) lost.hidden = true;
    sendAll();
  });
  stream.addEventListener("error", async () => {
    if (++failures > 1) say(first);
    if (stream.readyState !== EventSource.CLOSED) return; // it tries again by itself
    await new Promise(r => setTimeout(r, Math.min(10000, 1000 * failures)));
    if (failures > 2 && !busy()) {
      try { if ((await fetch("/gezond")).ok) return location.reload(); } catch { /* still away */ }
    }
    open();
  });
  parts.forEach((part, name) => stream.addEventListener(name, e => {
    swap(part, e.data);
    // Another case is another form: the page comes anew, when nobody is typing.
    if (name === "live-point" && part.querySelector("h1")?.textContent !== shownPoint) move();
  }));
  stream.addEventListener("stand", e => {
    if (revision !== undefined && revision !== e.data && root.dataset.whole) move();
    revision = e.data;
  });
  stream.addEventListener("weg", e => { stream.close(); e.data === "slot" ? cover() : move(); });
  addEventListener("pagehide", () => stream.close());
}

// Forms that are sent without leaving the page. Without a connection they wait; the
// number in them lets the server store each of them once.
const waiting = new Set();
const sendAll = () => waiting.forEach(send);
addEventListener("online", sendAll);
setInterval(sendAll, 4000);

// What is under way is what was there at the first try: when its answer got lost, the
// same goes again, and what was typed since stays to be sent.
const under = new WeakMap();
const fields = form => [...form.elements].filter(e => e.matches("textarea, select, input:not([type=hidden])"));

function take(form) {
  if (!under.has(form)) under.set(form, { body: new URLSearchParams(new FormData(form)), was: new Map(fields(form).map(e => [e, e.value])) });
  return under.get(form);
}

async function send(form) {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const said = form.querySelector("[data-said]"), { body, was } = take(form);
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { "X-Live": "1" }, body });
    waiting.delete(form);
    under.delete(form);
    if (answer.status === 204) {
      stored(form, was);
      said.textContent = said.dataset.sent;
      if (form.querySelector(".field__error, [aria-invalid=true], [role=alert]")) await renew(form);
      return true;
    }
    if (answer.redirected) { leaving = true; return location.assign(answer.url); } // signed out, covered or closed: what was typed is kept there
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = [...page.forms].find(f => f.getAttribute("action") === form.getAttribute("action"));
    if (!fresh) return void (said.textContent = page.querySelector("[role=alert], main p")?.textContent.trim() ?? "");
    for (const e of fields(form)) if (e.matches("textarea, input.input") && e.value !== was.get(e)) fresh.elements[e.name].value = e.value;
    form.replaceWith(fresh);
    ready(fresh);
    fresh.querySelectorAll("[data-guard]").forEach(watch);
    fresh.querySelector("[aria-invalid=true]")?.focus();
  } catch {
    waiting.add(form);
    said.textContent = said.dataset.waiting;
  } finally { delete form.dataset.busy; }
}

// renew puts the form as it is now in the place of one that shows what was wrong before.
async function renew(form) {
  let page;
  try { page = new DOMParser().parseFromString(await (await fetch(root.dataset.page)).text(), "text/html"); } catch { return; } // it is stored all the same
  const fresh = [...page.forms].find(f => f.getAttribute("action") === form.getAttribute("action"));
  if (!fresh || typed(form)) return;
  form.replaceWith(fresh);
  ready(fresh);
  fresh.querySelectorAll("[data-guard]").forEach(watch);
  const said = fresh.querySelector("[data-said]");
  if (said) said.textContent = said.dataset.sent;
}

// stored says that what was there at the first try is on the server.
function stored(form, was) {
  const once = form.elements.once, base = form.elements.base;
  if (base) base.value = once.value; // notes: the next version comes after this one
  once.value = crypto.randomUUID();
  for (const e of fields(form)) {
    if (e.matches("textarea, input.input")) {
      const same = e.value === was.get(e);
      e.defaultValue = base ? was.get(e) : "";
      if (same && !base) e.value = "";
      e.dispatchEvent(new Event("input"));
    } else if (!base && e.matches("select")) e.selectedIndex = 0;
    else if (!base) e.checked = false;
  }
}

function ready(form) {
  form.addEventListener("submit", e => { e.preventDefault(); send(form); });
}
document.querySelectorAll("[data-send]").forEach(ready);
addEventListener("beforeunload", e => { if (waiting.size || !leaving && busy()) e.preventDefault(); });
open();

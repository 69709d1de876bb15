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
  if (notes && !leaving) { // what was typed goes first
    e.preventDefault();
    if (await send(notes)) { leaving = true; form.requestSubmit(e.submitter); }
    return;
  }
  leaving = true;
  setTimeout(() => { leaving = false; }, 5000);
});

// Moves on, unless somebody is typing: then the page waits for him.
function move() {
  if (leaving) return;
  if (busy()) say(nl ? "Het overleg is verder gegaan. Verstuur eerst wat je typte." : "The session moved on. Send first what you typed.", true);
  else { leaving = true; location.assign(root.dataset.page); }
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
  stream.addEventListener("weg", () => { stream.close(); move(); });
  addEventListener("pagehide", () => stream.close());
}

// Forms that are sent without leaving the page. Without a connection they wait; the
// number in them lets the server store each of them once.
const waiting = new Set();
const sendAll = () => waiting.forEach(send);
addEventListener("online", sendAll);
setInterval(sendAll, 4000);

async function send(form) {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const said = form.querySelector("[data-said]");
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { "X-Live": "1" }, body: new URLSearchParams(new FormData(form)) });
    waiting.delete(form);
    if (answer.status === 204) {
      const once = form.elements.once, base = form.elements.base;
      if (base) { // notes: what stands there is what was stored
        base.value = once.value;
        form.querySelectorAll("textarea").forEach(t => { t.defaultValue = t.value; });
      } else {
        form.reset();
        form.querySelectorAll("textarea, input.input").forEach(t => { t.value = t.defaultValue = ""; t.dispatchEvent(new Event("input")); });
      }
      once.value = crypto.randomUUID();
      said.textContent = said.dataset.sent;
      return true;
    }
    if (answer.redirected) { leaving = true; return location.assign(answer.url); } // signed out: what was typed is kept there
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = [...page.forms].find(f => f.getAttribute("action") === form.getAttribute("action"));
    if (!fresh) return void (said.textContent = page.querySelector("[role=alert], main p")?.textContent.trim() ?? "");
    form.replaceWith(fresh);
    ready(fresh);
    fresh.querySelectorAll("[data-guard]").forEach(watch);
    fresh.querySelector("[aria-invalid=true]")?.focus();
  } catch {
    waiting.add(form);
    said.textContent = said.dataset.waiting;
  } finally { delete form.dataset.busy; }
}

function ready(form) {
  form.addEventListener("submit", e => { e.preventDefault(); send(form); });
}
document.querySelectorAll("[data-send]").forEach(ready);
addEventListener("beforeunload", e => { if (waiting.size || !leaving && busy()) e.preventDefault(); });
open();

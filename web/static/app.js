// Everything works without this file; it only makes things quicker and calmer.
const nl = document.body.dataset.lang !== "en";
const csrf = document.body.dataset.csrf;

// The guard, while typing: after half a second of rest the text goes to our own
// server and nowhere else. The check on sending is the real one.
const rest = 500;
const words = nl
  ? { by: w => `Vervang door ‘${w}’`, certain: "Dit mag niet worden verstuurd.", likely: "Is dit nodig?" }
  : { by: w => `Replace by ‘${w}’`, certain: "This may not be sent.", likely: "Is this needed?" };

export function watch(field) {
  const box = document.createElement("div");
  box.className = "hits-live";
  box.setAttribute("role", "status");
  field.insertAdjacentElement("afterend", box);
  let timer, latest = 0;
  const check = async () => {
    const turn = ++latest, text = field.value;
    if (!text.trim()) return show([]);
    try {
      const answer = await fetch("/controle", { method: "POST", headers: { "X-CSRF": csrf }, body: new URLSearchParams({ text }) });
      if (turn === latest && answer.ok) show((await answer.json()).findings);
    } catch { /* no connection: the check on sending still stands */ }
  };
  const show = findings => {
    box.replaceChildren(...findings.map(one));
    field.classList.toggle("input--warning", findings.length > 0);
  };
  const one = f => {
    const p = document.createElement("div");
    p.className = "alert alert--warning stack-sm";
    const line = document.createElement("p");
    const strong = document.createElement("strong");
    strong.textContent = `‘${f.word}’ ${f.label}. `;
    line.append(strong, f.certain ? words.certain : words.likely);
    const row = document.createElement("p");
    row.className = "row";
    row.append(...f.instead.map(w => {
      const b = document.createElement("button");
      b.type = "button";
      b.className = "button button--secondary button--small";
      b.textContent = words.by(w);
      b.addEventListener("click", () => { replace(f.word, w); });
      return b;
    }));
    p.append(line, row);
    return p;
  };
  const replace = (word, by) => {
    const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    field.value = field.value.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "giu"), () => by);
    field.focus();
    check();
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, rest); });
}
if (csrf) document.querySelectorAll("[data-guard]").forEach(watch);

// Dates say back in words what was understood.
const months = ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"];
document.querySelectorAll("[data-date]").forEach(field => {
  const echo = document.createElement("p");
  echo.className = "field__hint";
  echo.setAttribute("role", "status");
  field.insertAdjacentElement("afterend", echo);
  field.addEventListener("input", () => { // not on change: the page must not move under a click
    const m = field.value.trim().match(/^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/);
    const day = m && new Date(Date.UTC(+m[3], m[2] - 1, +m[1]));
    const real = day && day.getUTCDate() === +m[1] && day.getUTCMonth() === m[2] - 1;
    echo.textContent = !real ? "" : nl
      ? `${["zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"][day.getUTCDay()]} ${+m[1]} ${months[m[2] - 1]} ${m[3]}`
      : day.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  });
});

// A name goes after a minute, also when the tab was asleep.
document.querySelectorAll("[data-countdown]").forEach(box => {
  const end = Date.now() + Number(box.dataset.countdown) * 1000;
  const text = box.querySelector("[data-countdown-text]");
  setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    text.textContent = left > 0 ? `(${left} s)` : "";
    if (left <= 0) { box.replaceChildren(); location.replace(box.dataset.back); }
  }, 1000);
  addEventListener("pagehide", () => box.replaceChildren());
});

// Single keys, never while typing and not with another key held. They can be switched
// off; ? shows them. A key on a field goes there, on anything else it presses it.
const off = () => localStorage.getItem("keys") === "off";
addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (e.target.closest("input, textarea, select, [contenteditable]")) {
    if (e.key === "Escape") e.target.blur(); // and on with single keys
    return;
  }
  if (e.key === "?" && document.querySelector("[data-key]")) { e.preventDefault(); return help(); }
  if (off()) return;
  const to = document.querySelector(`[data-key="${CSS.escape(e.key.toLowerCase())}"]`);
  if (!to) return;
  e.preventDefault();
  if (to.matches("textarea, input:not([type=checkbox], [type=radio]), select")) return to.focus();
  if (to.matches("details")) { to.open = true; return to.querySelector("input:not([type=hidden]), textarea, select")?.focus(); }
  to.click();
});

function help() {
  const box = document.createElement("dialog");
  box.className = "panel stack-sm";
  box.setAttribute("aria-label", nl ? "Sneltoetsen" : "Shortcuts");
  const list = document.createElement("dl");
  list.className = "keys";
  document.querySelectorAll("[data-key]").forEach(e => {
    const dt = document.createElement("dt"), dd = document.createElement("dd"), kbd = document.createElement("kbd");
    kbd.textContent = e.dataset.key.toUpperCase();
    dt.append(kbd);
    dd.textContent = e.dataset.keyLabel || e.textContent.trim();
    list.append(dt, dd);
  });
  const row = document.createElement("p"), check = document.createElement("input"), label = document.createElement("label");
  row.className = "choice";
  check.type = "checkbox";
  check.id = "keys-on";
  check.checked = !off();
  check.addEventListener("change", () => localStorage.setItem("keys", check.checked ? "on" : "off"));
  label.htmlFor = check.id;
  label.textContent = nl ? "Losse toetsen gebruiken" : "Use single keys";
  row.append(check, label);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button--secondary";
  close.textContent = nl ? "Sluiten" : "Close";
  close.addEventListener("click", () => box.close());
  const h = document.createElement("h2");
  h.textContent = nl ? "Sneltoetsen" : "Shortcuts";
  box.append(h, list, row, close);
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}
document.querySelectorAll("[data-keys-help]").forEach(b => { b.hidden = false; b.addEventListener("click", help); });

// A link that is shown once can be copied with one tap.
document.querySelectorAll("[data-copy]").forEach(text => {
  if (!navigator.clipboard) return;
  const b = document.createElement("button");
  b.type = "button";
  b.className = "button button--secondary button--small";
  b.textContent = nl ? "Kopieer de link" : "Copy the link";
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  b.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent.trim());
      said.textContent = nl ? " Gekopieerd." : " Copied.";
    } catch { said.textContent = nl ? " Kopiëren lukt niet: selecteer de link zelf." : " Copying failed: select the link yourself."; }
  });
  const row = document.createElement("p");
  row.append(b, said);
  text.insertAdjacentElement("afterend", row);
});

// A page with content that is printed is a line in the log.
const printed = document.querySelector("[data-printed]");
if (printed) addEventListener("beforeprint", () => {
  fetch(printed.dataset.printed, { method: "POST", keepalive: true, body: new URLSearchParams({ csrf: document.body.dataset.csrf }) }).catch(() => { /* the page prints all the same */ });
});

document.querySelectorAll("[data-print]").forEach(b => { b.hidden = false; b.addEventListener("click", () => print()); });

// Points of an agenda can be dragged; the arrows beside them do the same by keyboard.
document.querySelectorAll("[data-order]").forEach(list => {
  let held;
  list.querySelectorAll("[data-point]").forEach(li => {
    li.draggable = true;
    li.addEventListener("dragstart", e => { held = li; e.dataTransfer.effectAllowed = "move"; e.dataTransfer.setData("text/plain", ""); });
    li.addEventListener("dragover", e => {
      if (!held || held === li) return;
      e.preventDefault();
      const box = li.getBoundingClientRect();
      li[e.clientY < box.top + box.height / 2 ? "before" : "after"](held);
    });
    li.addEventListener("drop", e => e.preventDefault());
    li.addEventListener("dragend", async () => {
      held = undefined;
      const body = new URLSearchParams([...list.querySelectorAll("[data-point]")].map(p => ["points", p.dataset.point]));
      body.append("csrf", csrf);
      try { await fetch(list.dataset.order, { method: "POST", headers: { "X-Live": "1" }, body }); } finally { location.reload(); }
    });
  });
});

// A short number is sent when it changed; its button is for who has no script.
document.querySelectorAll("[data-autosend]").forEach(input => {
  input.addEventListener("change", () => input.form.requestSubmit());
});

// After a refused form the first field with an error gets the focus.
const wrong = document.querySelector("[aria-invalid=true]");
(wrong?.matches("fieldset") ? wrong.querySelector("input") : wrong)?.focus();

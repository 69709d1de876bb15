// Everything works without this file; it only makes things quicker and calmer.
const nl = document.body.dataset.lang !== "en";
const csrf = document.body.dataset.csrf;

// The guard, while typing: after half a second of rest the text goes to our own
// server and nowhere else. The check on sending is the real one.
const rest = 500;
const words = nl
  ? { by: w => `Vervang door ‘${w}’`, certain: "Dit mag niet worden verstuurd.", likely: "Is dit nodig?" }
  : { by: w => `Replace by ‘${w}’`, certain: "This may not be sent.", likely: "Is this needed?" };

function watch(field) {
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

// The clock of a point counts down, and on past zero.
document.querySelectorAll("[data-timer]").forEach(clock => {
  const end = Date.now() + Number(clock.dataset.timer) * 1000;
  const tick = () => {
    const s = Math.round((end - Date.now()) / 1000), a = Math.abs(s);
    clock.textContent = `${s < 0 ? "+" : ""}${String(Math.floor(a / 60)).padStart(2, "0")}:${String(a % 60).padStart(2, "0")}`;
  };
  setInterval(tick, 1000);
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

// The projector follows: it asks for two numbers, and only when they change for
// the page.
document.querySelectorAll("[data-follow]").forEach(page => {
  let known;
  const ask = async () => {
    try {
      const answer = await fetch(page.dataset.follow);
      if (!answer.ok) return;
      const { revision } = await answer.json();
      if (known !== undefined && revision !== known) location.reload();
      known = revision;
    } catch { /* try again at the next turn */ }
  };
  ask();
  setInterval(ask, 3000);
});

// Single keys, never while typing and not with another key held.
const keys = new Map([...document.querySelectorAll("[data-key]")].map(e => [e.dataset.key, e]));
addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || localStorage.getItem("keys") === "off") return;
  if (e.target.closest("input, textarea, select, [contenteditable]")) return;
  const to = keys.get(e.key.toLowerCase());
  if (to) { e.preventDefault(); to.click(); }
});

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

document.querySelectorAll("[data-print]").forEach(b => { b.hidden = false; b.addEventListener("click", () => print()); });

// After a refused form the first field with an error gets the focus.
const wrong = document.querySelector("[aria-invalid=true]");
(wrong?.matches("fieldset") ? wrong.querySelector("input") : wrong)?.focus();

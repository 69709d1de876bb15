// The log's pages: how far a check is, and the newest checkpoint that this browser saw.
const check = document.querySelector("[data-check]");
const bar = document.querySelector("[data-progress]");

async function wait() {
  for (;;) {
    await new Promise(r => setTimeout(r, 700));
    let state;
    try { state = await (await fetch("/logboek/stand")).json(); } catch { return; }
    if (!state.running) return location.assign(`${location.pathname}?vanzelf=1`);
    check.textContent = state.text;
    if (bar) { bar.max = state.of || 1; bar.value = state.done; }
  }
}
if (check) wait();

// A log that was rewritten and signed anew passes every check but one: against a checkpoint
// from before. This browser keeps the newest that it saw, and asks each time.
const head = document.querySelector("[data-head]");
if (head) compare();

async function compare() {
  const key = `zat-checkpoint-${head.dataset.log}`, now = head.textContent, kept = localStorage.getItem(key), said = document.querySelector("[data-compared]");
  let whole = true;
  if (kept && kept !== now) {
    const body = new URLSearchParams({ csrf: document.body.dataset.csrf, checkpoint: kept });
    try {
      const answer = await fetch("/logboek/vergelijken", { method: "POST", headers: { "X-Live": "1" }, body });
      if (!answer.ok) return;
      const r = await answer.json();
      whole = r.ok;
      if (said) {
        said.textContent = r.text;
        said.className = `alert alert--${r.ok ? "positive" : "negative"}`;
        said.hidden = false;
      }
    } catch { return; }
  }
  if (whole) localStorage.setItem(key, now); // one that no longer fits stays: it is the evidence
  document.querySelector("[data-kept]").hidden = false;
}

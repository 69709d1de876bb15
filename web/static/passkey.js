// Passkeys: the browser makes or uses one, and the form goes on as any other. What
// the passkey's function gives travels in a field of its own and never inside the
// credential: the credential's own toJSON() would carry it along.
const bytes = s => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
const text = b => !b ? "" : btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const csrf = document.body.dataset.csrf;

// Options come with bytes as text; an empty function input is refused by some
// authenticators, and ours never is.
function unpack(o) {
  o.challenge = bytes(o.challenge);
  if (o.user) o.user.id = bytes(o.user.id);
  for (const list of [o.allowCredentials, o.excludeCredentials]) list?.forEach(c => { c.id = bytes(c.id); });
  const first = o.extensions?.prf?.eval?.first;
  if (first) o.extensions.prf.eval.first = bytes(first);
  return o;
}

const pack = c => JSON.stringify({
  id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment ?? undefined, clientExtensionResults: {},
  response: c.response.attestationObject
    ? { clientDataJSON: text(c.response.clientDataJSON), attestationObject: text(c.response.attestationObject), transports: c.response.getTransports?.() ?? [] }
    : { clientDataJSON: text(c.response.clientDataJSON), authenticatorData: text(c.response.authenticatorData), signature: text(c.response.signature), userHandle: text(c.response.userHandle) },
});

const given = c => c.getClientExtensionResults().prf?.results?.first;

// Some authenticators evaluate their function only when they are used, not when
// they are made: they are asked a second time.
async function made(options) {
  const credential = await navigator.credentials.create({ publicKey: options });
  let prf = given(credential);
  if (!prf && credential.getClientExtensionResults().prf?.enabled) {
    const again = await navigator.credentials.get({ publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)), rpId: options.rp.id, userVerification: "required",
      allowCredentials: [{ type: "public-key", id: credential.rawId }], extensions: options.extensions } });
    prf = given(again);
  }
  return [credential, prf];
}

// A newcomer types his recovery code back before he makes a passkey: one made for a
// form that is refused would stay behind on his device. With a passkey he needs no
// password.
function ready(form) {
  const { typed, again, password } = form.elements;
  if (!typed || !again) return true;
  if (typed.value.replace(/[\s-]/g, "").length < 5) {
    const said = form.querySelector("[data-passkey-problem]");
    said.textContent = said.dataset.typed;
    said.hidden = false;
    typed.focus();
    return false;
  }
  password.value = again.value = "";
  return true;
}

async function run(form) {
  const answer = await fetch(form.dataset.begin, { method: "POST", headers: csrf ? { "X-CSRF": csrf } : {} });
  if (!answer.ok) throw new Error("refused");
  const options = unpack((await answer.json()).publicKey);
  let credential, prf;
  if (form.dataset.passkey === "make") [credential, prf] = await made(options);
  else { credential = await navigator.credentials.get({ publicKey: options }); prf = given(credential); }
  form.elements.credential.value = pack(credential);
  form.elements.prf.value = text(prf);
  form.submit();
}

if (window.PublicKeyCredential && isSecureContext) document.querySelectorAll("form[data-passkey]").forEach(form => {
  const problem = form.querySelector("[data-passkey-problem]");
  form.querySelectorAll("[data-passkey-show]").forEach(e => { e.hidden = false; });
  form.querySelectorAll("[data-passkey-go]").forEach(button => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (!ready(form)) return;
      button.disabled = true;
      problem.hidden = true;
      try { await run(form); } catch (e) {
        problem.textContent = e.name === "NotAllowedError" ? problem.dataset.cancelled : e.name === "InvalidStateError" ? problem.dataset.known : problem.dataset.failed;
        problem.hidden = false;
      } finally { button.disabled = false; }
    });
  });
});

// A debrief is saved as it is typed, and what is parked never leaves the browser.
const PARKED_DAYS = 30;
const WAIT = 600;

function parking(box) {
  const key = `notyet.parked.${box.dataset.park}`;
  const area = box.querySelector("textarea");
  const said = box.querySelector("[data-parked]");
  const kept = read(key);
  if (kept) area.value = kept.text;
  area.addEventListener("input", () => {
    if (!area.value) { localStorage.removeItem(key); said.textContent = ""; return; }
    localStorage.setItem(key, JSON.stringify({ text: area.value, at: kept ? kept.at : Date.now() }));
    said.textContent = "Kept in this browser only.";
  });
  box.querySelector("[data-unpark]").addEventListener("click", () => {
    localStorage.removeItem(key);
    area.value = "";
    said.textContent = "Thrown away.";
    area.focus();
  });
}

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

function forgetOld() {
  const oldest = Date.now() - PARKED_DAYS * 86400000;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("notyet.parked.") && !(read(key)?.at > oldest)) localStorage.removeItem(key);
  }
}

function saving(form) {
  const status = document.getElementById("debrief-saved");
  const waiting = new Map();
  const tell = (text) => { if (status) status.textContent = text; };
  const keyOf = (name) => `${form.dataset.kept}.${name}`;
  const value = (field) => {
    if (field.dataset.many) return [...form.querySelectorAll(`[data-many="${field.dataset.many}"]:checked`)].map((one) => one.value).join(";");
    if (field.type === "radio") return form.querySelector(`[name="${CSS.escape(field.name)}"]:checked`)?.value ?? "";
    return field.value;
  };
  const fieldsOf = (name) => form.querySelectorAll(`[data-field="${CSS.escape(name)}"],[data-many="${CSS.escape(name)}"]`);

  async function save(name, again = 0) {
    const [field] = fieldsOf(name);
    const text = value(field);
    waiting.delete(name);
    if (text === field.dataset.seen) { localStorage.removeItem(keyOf(name)); return; }
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("field", name); body.set("seen", field.dataset.seen); body.set("text", text);
    try {
      const answer = await fetch(form.dataset.debrief, { method: "POST", body, keepalive: true });
      const told = await answer.json();
      if (answer.ok) { seen(name, told.seen); if (value(field) === told.seen) localStorage.removeItem(keyOf(name)); tell("Saved"); return; }
      if (told.theirs !== undefined) { seen(name, told.theirs); tell(`${told.by} wrote “${told.theirs}” there meanwhile. Yours stands here and is saved when you change it.`); return; }
      tell(`Not saved: ${told.problem}`);
    } catch {
      tell("Not saved yet: no connection. It is kept in this browser and tried again.");
      if (again < 60) waiting.set(name, setTimeout(() => save(name, again + 1), 5000));
    }
  }

  function seen(name, text) {
    for (const one of fieldsOf(name)) one.dataset.seen = text;
    const hidden = form.querySelector(`input[type=hidden][name="seen.${CSS.escape(name)}"]`);
    if (hidden) hidden.value = text;
  }

  form.addEventListener("input", (event) => {
    const name = event.target.dataset.field ?? event.target.dataset.many;
    if (!name) return;
    localStorage.setItem(keyOf(name), JSON.stringify({ text: value(event.target), seen: event.target.dataset.seen }));
    tell("…");
    clearTimeout(waiting.get(name));
    waiting.set(name, setTimeout(() => save(name), event.target.type === "radio" || event.target.type === "checkbox" ? 0 : WAIT));
  });
  const flush = () => { for (const [name, timer] of waiting) { clearTimeout(timer); save(name); } };
  addEventListener("pagehide", flush);
  form.addEventListener("submit", () => { for (const timer of waiting.values()) clearTimeout(timer); waiting.clear(); for (const key of Object.keys(localStorage)) if (key.startsWith(`${form.dataset.kept}.`)) localStorage.removeItem(key); });

  // What an earlier visit could not save any more comes back, if nobody wrote something else meanwhile.
  for (const field of form.querySelectorAll("textarea[data-field],input[type=text][data-field]")) {
    const left = read(keyOf(field.dataset.field));
    if (left && left.seen === field.dataset.seen && left.text !== field.value) { field.value = left.text; save(field.dataset.field); }
  }
}

document.addEventListener("DOMContentLoaded", () => {
  forgetOld();
  for (const box of document.querySelectorAll("[data-park]")) parking(box);
  for (const form of document.querySelectorAll("[data-debrief]")) saving(form);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies]");
  if (button) navigator.clipboard?.writeText(document.getElementById(button.dataset.copies).value);
});

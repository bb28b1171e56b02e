// Keys of a page that shows their help. A letter presses what carries it as data-key, which is there without keys too;
// letters can be switched off. Ctrl+Enter saves the form one is in, Escape leaves it.
const OFF = "notyet-keys-off";
const isOff = () => localStorage.getItem(OFF) === "1";
const rows = () => [...document.querySelectorAll("[data-keys] a[data-row]")];

function move(step) {
  const all = rows();
  const here = all.findIndex((link) => link.closest("tr, li").contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
  all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
}

const always = {
  "/": () => { const field = document.getElementById("q"); field?.focus(); field?.select(); },
  j: () => move(1),
  k: () => move(-1),
  "?": () => { const help = document.querySelector(".keys-help"); help.open = true; help.querySelector("summary").focus(); },
};

// What is typed right after the key goes into the form that it opens: the browser tells of the opening only later.
function press(carrier) {
  carrier.click();
  const opened = carrier.matches("summary") && carrier.closest("details[open]");
  if (opened) opened.querySelector("textarea, input:not([type=hidden]), select")?.focus();
}

function act(key) {
  const carrier = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (carrier) press(carrier);
  else if (Object.hasOwn(always, key)) always[key]();
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.form;
    if (form?.method !== "post") return;
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (!document.querySelector(".keys-help") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea")) return;
  const inside = event.target.matches("[data-keys] a[data-row]");
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (inside && arrow) move(arrow);
  else if (isOff() || event.key.length !== 1 || !act(event.key)) return;
  event.preventDefault();
});

function showSwitch() {
  const toggle = document.querySelector("[data-keys-switch]");
  if (!toggle) return;
  toggle.checked = !isOff();
  toggle.onchange = () => localStorage.setItem(OFF, toggle.checked ? "0" : "1");
}
document.addEventListener("DOMContentLoaded", showSwitch);
document.addEventListener("htmx:afterSettle", showSwitch);

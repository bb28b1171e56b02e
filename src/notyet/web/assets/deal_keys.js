// Keys for the list of deals. They move the focus to links that are there anyway; letters can be switched off.
const OFF = "notyet-keys-off";
const isOff = () => localStorage.getItem(OFF) === "1";
const links = () => [...document.querySelectorAll("[data-keys] a[data-row]")];

function move(step) {
  const all = links();
  const here = all.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
  all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
}

const actions = {
  "/": () => { const field = document.getElementById("q"); field.focus(); field.select(); },
  j: () => move(1),
  k: () => move(-1),
  n: () => document.querySelector("[data-keys] a[rel=next]")?.click(),
  p: () => document.querySelector("[data-keys] a[rel=prev]")?.click(),
  "?": () => { const help = document.querySelector(".keys-help"); help.open = true; help.querySelector("summary").focus(); },
};

document.addEventListener("keydown", (event) => {
  if (!document.getElementById("q") || !document.querySelector(".keys-help")) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const inside = event.target.matches("[data-keys] a[data-row]");
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (inside && arrow) move(arrow);
  else if (!isOff() && Object.hasOwn(actions, event.key)) actions[event.key]();
  else return;
  event.preventDefault();
});

document.addEventListener("DOMContentLoaded", () => {
  const toggle = document.querySelector("[data-keys-switch]");
  if (!toggle) return;
  toggle.checked = !isOff();
  toggle.addEventListener("change", () => localStorage.setItem(OFF, toggle.checked ? "0" : "1"));
});

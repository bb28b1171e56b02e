// Today: the keys a and z belong to the line one is at, and after a line is settled the next one is at hand.
const list = () => document.getElementById("today");
const lines = () => [...document.querySelectorAll("#today li, [data-keys] .todo li")];

function carry(line) {
  for (const carrier of document.querySelectorAll(".todo [data-key]")) carrier.removeAttribute("data-key");
  line?.querySelector("[data-does]")?.setAttribute("data-key", "a");
  line?.querySelector("[data-puts-off]")?.setAttribute("data-key", "z");
}
const carryFirst = () => { if (document.querySelector(".todo")) carry(document.activeElement?.closest?.(".todo li") ?? lines()[0]); };
document.addEventListener("DOMContentLoaded", carryFirst);
document.addEventListener("focusin", (event) => {
  const line = event.target.closest(".todo li");
  if (line) carry(line);
});

document.addEventListener("click", (event) => {
  const opened = event.target.closest(".todo [data-cancels]")?.closest("details");
  if (!opened) return;
  opened.open = false;
  opened.querySelector("summary").focus();
});

// One form at a time: opening one closes the others.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".todo details[open]")) return;
  for (const other of document.querySelectorAll(".todo details[open]")) if (other !== event.target) other.open = false;
}, true);

let place = -1;
document.addEventListener("htmx:beforeRequest", (event) => {
  place = lines().indexOf(event.target.closest?.(".todo li"));
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (!list() || !event.detail.target?.closest?.("#today")) return;
  if (xhr.status === 400 && xhr.responseText.includes('id="today"')) Object.assign(event.detail, { shouldSwap: true, isError: false });
});
document.addEventListener("htmx:afterSettle", () => {
  if (!list()) return;
  const refused = document.querySelector("[data-refused] [role=alert]")?.closest("form")?.querySelector("input:not([type=hidden]), button");
  const next = place >= 0 ? lines()[Math.min(place, lines().length - 1)]?.querySelector("a[data-row], .what a") : null;
  if (refused || next) (refused ?? next).focus();
  place = -1;
  carryFirst();
});
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (!list()?.contains(event.target)) return;
    const text = "Nothing was changed: the server could not be asked. Try again, or load the page anew.";
    document.getElementById("said")?.replaceChildren(Object.assign(document.createElement("div"), { className: "alert alert-warning py-2", textContent: text }));
  });
}

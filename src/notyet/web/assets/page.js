// What a page does beyond links and forms. Everything here is a convenience: without it the pages still work.
import "./keys.js";
import "./process_edit.js";
import "./today_work.js";
import "./deal_work.js";
import "./debrief.js";

const root = document.documentElement;
root.classList.add("js");

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
applyTheme();
dark.addEventListener("change", applyTheme);
window.addEventListener("beforeprint", () => { root.dataset.bsTheme = "light"; });
window.addEventListener("afterprint", applyTheme);

document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-toggles]");
  if (toggle) {
    const open = toggle.getAttribute("aria-expanded") !== "true";
    toggle.setAttribute("aria-expanded", String(open));
    document.getElementById(toggle.dataset.toggles).classList.toggle("open", open);
    return;
  }
  if (event.target.closest("[data-print]")) window.print();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-submits]")) field.form.requestSubmit();
});

// Fields left empty are not part of an address that somebody passes on.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[method=get] :disabled")) field.disabled = false;
});

// A panel that could not be fetched says so instead of turning for ever.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const waiting = event.target.querySelector?.(".loading");
    if (waiting) waiting.textContent = "This could not be worked out just now. Load the page again.";
  });
}

// Files dropped on a place for files are chosen there, and named.
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    const zone = event.target.closest?.("[data-dropzone]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("over", type === "dragover");
    if (type !== "drop" || !event.dataTransfer.files.length) return;
    const field = zone.querySelector("input[type=file]");
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-dropzone]")?.querySelector(".chosen");
  if (list) list.replaceChildren(...[...event.target.files].map((file) => Object.assign(document.createElement("li"), { textContent: file.name })));
});

// Working on a deal without leaving the page: what was typed elsewhere stays, and the eye is led to what was made.
const deal = () => document.getElementById("deal");
const said = () => document.getElementById("said");

function say(text) {
  const told = Object.assign(document.createElement("div"), { className: "alert alert-warning py-2", textContent: text });
  said()?.replaceChildren(told);
}

function lead(field) {
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  field.scrollIntoView({ block: "center" });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-focuses]");
  const field = link && document.getElementById(link.dataset.focuses);
  if (field) {
    event.preventDefault();
    lead(field);
  }
  const fill = event.target.closest("[data-fills]");
  if (fill) {
    const filled = document.getElementById(fill.dataset.fills);
    filled.value = fill.dataset.value;
    filled.focus();
    fill.closest(".alike").remove();
  }
  returns = event.target.closest("[data-cancels]")?.dataset.cancels ?? "";
  event.target.closest("[data-closes]")?.closest(".alert").remove();
});

// A form that makes something makes it once, however often Enter is pressed.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent; });

// A missed call is a call, and most are the buyer's.
document.addEventListener("change", (event) => {
  if (event.target.id !== "talk-missed" || !event.target.checked) return;
  document.getElementById("talk-channel").value = "call";
  document.getElementById("talk-direction").value = "in";
});

// Escape leaves a form: what was opened is closed, and the focus goes back to what opened it.
document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest?.("#deal form, form[data-leaves]");
  if (!form) return;
  const opened = form.closest("details.opens");
  if (opened) opened.open = false;
  (opened?.querySelector("summary") ?? form.querySelector("[data-cancels]"))?.focus();
  if (!opened) {
    form.querySelector("[data-cancels]")?.click();
    event.target.blur();
  }
});

document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.opens[open]")) event.target.querySelector("textarea, input:not([type=hidden]), select")?.focus();
}, true);

// An answer replaces the deal. What somebody typed into another form meanwhile is put back where it stood.
let drafts = [];
let returns = "";
function typed(sent) {
  const fields = [...(deal()?.querySelectorAll("textarea, input[type=text], input[type=date], input[type=datetime-local]") ?? [])];
  return fields.filter((field) => field.id && (field.value !== field.defaultValue || field.closest("[data-draft]")) && !sent?.contains(field)).map((field) => [field.id, field.value]);
}
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (!target?.closest?.("#deal")) return;
  const ours = xhr.responseText.includes('id="deal"');
  if (ours && [400, 409].includes(xhr.status)) Object.assign(event.detail, { shouldSwap: true, isError: false });
  if (ours) drafts = typed(event.detail.requestConfig?.elt?.closest("form"));
  else if (xhr.status < 400) {
    event.detail.shouldSwap = false;
    say("Nothing was saved: you are signed out. Copy what you wrote, and sign in again.");
  }
});
// What is wrong comes first, then what was opened, what was made, and what one came from.
function land() {
  const told = document.querySelector("#said [data-focus]");
  const made = document.getElementById(told?.dataset.focus ?? returns);
  told?.removeAttribute("data-focus");
  returns = "";
  const place = document.querySelector("main [aria-invalid=true]") ?? document.querySelector("#deal [data-lands]") ?? made;
  if (place) lead(place);
}
document.addEventListener("htmx:afterSettle", (event) => {
  if (!deal()?.contains(event.target) && event.target !== deal()) return;
  for (const [id, value] of drafts) {
    const field = document.getElementById(id);
    if (field && !field.value) field.value = value;
  }
  drafts = [];
  land();
});
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (deal()?.contains(event.target)) say("Nothing was saved: the server could not be asked. What you wrote still stands here; try again.");
  });
}
document.addEventListener("DOMContentLoaded", land);

// A line is one line until it has to be more: Enter saves it, Shift+Enter breaks it. A pasted e-mail is read first.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("textarea[data-line]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
document.addEventListener("paste", (event) => {
  const field = event.target;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const mail = document.getElementById("mail-pasted");
  if (!mail || !field.matches?.("textarea[data-line]") || field.value || !/^[\w-]{2,15}: .*\n[\s\S]*^[\w-]{2,15}: /m.test(text)) return;
  event.preventDefault();
  mail.value = text;
  mail.form.requestSubmit();
});

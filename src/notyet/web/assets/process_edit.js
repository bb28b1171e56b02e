// The editor of the process: Alt with an arrow moves the line that one is in, Enter saves; a save that fails is told.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches?.("#editor .draft-line textarea")) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("input", (event) => {
  if (event.target.form?.id === "editor-form") document.querySelector("#saved-line span").textContent = "Saving …";
});

let came = "";
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const line = event.target.closest?.("#editor .draft-line") ?? event.target.closest?.("#editor .stage-head");
  if (!line || event.target.matches("select")) return;
  event.preventDefault();
  const button = line.querySelector(`[data-moves=${event.key === "ArrowUp" ? "up" : "down"}]:enabled`);
  if (button) came = event.target.id;
  button?.click();
});

const editor = () => document.getElementById("editor");
const form = () => document.getElementById("editor-form");

// One request after the other, in the order of the hand: a button waits for what was typed before it, and is known by
// what it asks for, since an answer may take it off the page meanwhile. Until its work is done the editor holds still:
// what is typed or pressed then would be lost unseen when it is drawn anew.
let pressed = null;
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#editor button[name=op]");
  if (!button || !window.htmx) return;
  event.preventDefault();
  if (editor().inert) return;
  pressed = button;
  editor().inert = true;
  const what = { source: form(), target: "#editor", swap: "outerHTML", values: { op: button.value } };
  window.htmx.ajax("POST", button.dataset.to ?? form().getAttribute("action"), what);
});
const isButtons = (event) => event.detail.target?.id === "editor";
const isTyped = (event) => event.detail.elt?.id === "editor-form" && !isButtons(event);
const isForms = (event) => event.detail.requestConfig?.elt.id === "editor-form";
// A button that only has the focus asks for nothing when what was typed is saved.
document.addEventListener("htmx:configRequest", (event) => { if (isTyped(event)) delete event.detail.parameters.op; });
document.addEventListener("htmx:afterRequest", (event) => {
  if (!pressed || event.detail.requestConfig?.parameters.op !== pressed.value) return;
  editor().inert = false;
  if (pressed.isConnected) pressed.focus();
  pressed = null;
});
document.addEventListener("htmx:afterSettle", () => {
  const drawn = document.querySelector("#editor[data-focus]");
  if (!drawn) return;
  const wanted = document.getElementById(came || drawn.dataset.focus);
  (wanted?.disabled ? wanted.parentElement.querySelector("button:enabled") : wanted)?.focus();
  delete drawn.dataset.focus;
  came = "";
});

// A press ends on the button it began on, also when an answer that came in between has drawn that button anew: the
// browser makes no click of such a press.
let down = null;
document.addEventListener("pointerdown", (event) => { down = event.target.closest?.("#editor button") ?? null; });
document.addEventListener("pointerup", (event) => {
  const under = event.target.closest?.("#editor button");
  const drawnAnew = down && under && !down.isConnected && down.value === under.value && down.textContent === under.textContent;
  down = null;
  if (drawnAnew) under.click();
});

// What is published or thrown away is what stands on the page: it waits until the last word is saved.
let unsaved = false, running = 0, waiting = "";
document.addEventListener("input", (event) => { if (event.target.form?.id === "editor-form") unsaved = true; });
// What is saved already is not sent again because the hand leaves the field.
document.addEventListener("change", (event) => {
  if (event.target.form?.id === "editor-form" && !unsaved) event.stopPropagation();
}, true);
document.addEventListener("htmx:beforeRequest", (event) => { if (isForms(event)) { unsaved = false; running += 1; } });
document.addEventListener("htmx:afterRequest", (event) => {
  if (!isForms(event)) return;
  running -= 1;
  if (!event.detail.successful || document.querySelector("#beside .wants")) waiting = "";
  if (!waiting || running || unsaved) return;
  document.querySelector(`#beside form[action="${waiting}"]`)?.requestSubmit();
  waiting = "";
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("#beside form") || !(unsaved || running)) return;
  event.preventDefault();
  waiting = event.target.getAttribute("action");
  if (unsaved) form().dispatchEvent(new Event("change", { bubbles: true }));
}, true);

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const line = document.getElementById("saved-line");
    if (!line || !event.target.closest?.("#editor")) return;
    unsaved = true;
    line.classList.add("wants");
    line.querySelector("span").textContent = "Not saved: the server could not be asked. It is tried again with your next change.";
  });
}

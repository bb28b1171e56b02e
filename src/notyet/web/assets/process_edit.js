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

// While a button does its work the form is drawn anew: what is typed or pressed meanwhile would be lost unseen.
const redraws = (event) => event.detail.target?.id === "editor";
const hold = (on) => { const form = document.getElementById("editor-form"); if (form) form.inert = on; };
document.addEventListener("htmx:beforeRequest", (event) => { if (redraws(event)) hold(true); });
document.addEventListener("htmx:afterRequest", (event) => { if (redraws(event) && !event.detail.successful) hold(false); });
document.addEventListener("htmx:afterSettle", () => {
  const editor = document.querySelector("#editor[data-focus]");
  if (!editor) return;
  const wanted = document.getElementById(came || editor.dataset.focus);
  (wanted?.disabled ? wanted.parentElement.querySelector("button:enabled") : wanted)?.focus();
  delete editor.dataset.focus;
  came = "";
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const line = document.getElementById("saved-line");
    if (!line || !event.target.closest?.("#editor")) return;
    line.classList.add("wants");
    line.querySelector("span").textContent = "Not saved: the server could not be asked. It is tried again with your next change.";
  });
}

// The editor of the process: Alt with an arrow moves the line that one is in, Enter saves; a save that fails is told.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches?.("#editor .draft-line textarea")) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const line = event.target.closest?.("#editor .draft-line") ?? event.target.closest?.("#editor .stage-head");
  if (!line || event.target.matches("select")) return;
  event.preventDefault();
  line.querySelector(`[data-moves=${event.key === "ArrowUp" ? "up" : "down"}]`)?.click();
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const line = document.getElementById("saved-line");
    if (!line || !event.target.closest?.("#editor")) return;
    line.classList.add("wants");
    line.querySelector("span").textContent = "Not saved: the server could not be asked. It is tried again with your next change.";
  });
}

// Messages about what was just done leave by themselves, one that can be undone later, and never while somebody points at
// them or has the focus there. What went wrong stays until it is dismissed. F8 moves to the newest, Escape dismisses it.
const STAYS = { plain: 8000, undo: 30000 };
const region = () => document.getElementById("notices");
const toasts = () => [...region().querySelectorAll(".toast-message")];
const isHeld = (toast) => toast.matches(":hover, :focus-within") || document.hidden;

const dismiss = (toast) => {
  const had = toast.contains(document.activeElement);
  toast.remove();
  if (had) (document.querySelector(".toast-message button") ?? document.getElementById("main")).focus({ preventScroll: true });
};
const leaveLater = (toast) => {
  if (!toast.matches(".alert-success")) return;
  let left = STAYS[toast.querySelector(".toast-undo") ? "undo" : "plain"];
  const step = 500;
  const clock = setInterval(() => {
    if (!toast.isConnected) return clearInterval(clock);
    if (!isHeld(toast)) left -= step;
    if (left <= 0) dismiss(toast);
  }, step);
};
const equip = (toast) => {
  if (toast.querySelector(".toast-dismiss")) return;
  toast.append(document.getElementById("dismiss").content.cloneNode(true));
  leaveLater(toast);
};

document.addEventListener("DOMContentLoaded", () => {
  // A live region says what is put into it, not what it came with.
  const came = [...region().children];
  region().replaceChildren();
  new MutationObserver(() => toasts().forEach(equip)).observe(region(), { childList: true });
  setTimeout(() => region().append(...came), 50);
});
// The page was left and is shown again as it was: what it said is long over.
window.addEventListener("pageshow", ({ persisted }) => persisted && toasts().forEach(dismiss));
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".toast-dismiss");
  if (button) dismiss(button.closest(".toast-message"));
});
document.addEventListener("keydown", (event) => {
  const newest = toasts().at(-1);
  if (!newest || event.defaultPrevented) return;
  if (event.key === "F8") {
    event.preventDefault();
    newest.querySelector("button").focus();
  }
  const typing = event.target.closest?.("input, textarea, select, details.menu[open]");
  if (event.key === "Escape" && !typing) dismiss(newest);
});
// A change that draws a part of the page makes what the last one said untrue.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "POST" || ctx.request.form?.classList.contains("builder")) return;
  for (const toast of toasts()) if (toast.matches(".alert-success")) dismiss(toast);
});

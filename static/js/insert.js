// "Insert a field": the chosen field goes where the caret was. Without this script the menu shows what to copy.
document.documentElement.classList.add("can-insert");
document.addEventListener("click", (event) => {
  const item = event.target.closest(".insert-item");
  if (!item) return;
  const panel = item.closest("[data-insert-into]");
  const field = document.getElementById(panel.dataset.insertInto);
  field.setRangeText(item.dataset.snippet, field.selectionStart, field.selectionEnd, "end");
  panel.closest("details").open = false;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

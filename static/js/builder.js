// Answers replace parts of the form. What was chosen or typed while one was on its way is put back.
const isBox = (one) => one.type === "checkbox";
const stateOf = (one) => (isBox(one) ? one.checked : one.value);
const values = (form) => new Map([...form.elements].filter((one) => one.id && one.type !== "hidden").map((one) => [one.id, stateOf(one)]));
// These renumber the rows, so the same id is another row's afterwards.
const renumbers = (element) => /^(remove|up|down)-/.test(element.id);

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement.form;
  if (form?.classList.contains("builder") && !renumbers(ctx.sourceElement)) ctx.sent = values(form);
});
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const form = document.querySelector("form.builder");
  if (!ctx.sent || !form) return;
  ctx.later = [...values(form)].filter(([id, value]) => ctx.sent.has(id) && ctx.sent.get(id) !== value);
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  for (const [id, value] of ctx.later ?? []) {
    const control = document.getElementById(id);
    if (!control || stateOf(control) === value) continue;
    const offered = control.tagName !== "SELECT" || [...control.options].some((option) => option.value === value);
    if (!offered) continue;
    if (isBox(control)) control.checked = value;
    else control.value = value;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

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

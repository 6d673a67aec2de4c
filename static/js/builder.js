// The form's requests go one after another, each with the form as it is when it leaves: answers never cross, and
// none draws what is no longer so. What was chosen or typed while one was on its way is put back.
const isBox = (one) => one.type === "checkbox";
const stateOf = (one) => (isBox(one) ? one.checked : one.value);
const values = (form) => new Map([...form.elements].filter((one) => one.id && one.type !== "hidden").map((one) => [one.id, stateOf(one)]));
// These renumber the rows, so the same id is another row's afterwards.
const renumbers = ({ id }) => /^(remove|up|down)-/.test(id);
// What is pressed again before it is answered is meant once.
const onceOf = (source) => (renumbers(source) ? "rows" : /^(test|send-\d+)$/.test(source.id) ? source.id : "");
// The others wait for it meanwhile.
const LONGEST_DRAWING = "10s";
const isRail = ({ id }) => id.endsWith("rail");
const formOf = ({ request: { form } }) => (form?.classList.contains("builder") ? form : null);

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const form = formOf(ctx);
  if (!form) return;
  ctx.once = onceOf(ctx.sourceElement);
  form.pressed ??= new Set();
  if (ctx.once && form.pressed.has(ctx.once)) return event.preventDefault();
  form.pressed.add(ctx.once);
  if (!isRail(ctx.target) && !ctx.selectOOB) return;
  ctx.turn = form.turns = (form.turns ?? 0) + 1;
  ctx.request.timeout = LONGEST_DRAWING;
});
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const form = formOf(ctx);
  if (!form) return;
  const told = isRail(ctx.target) && ctx.turn !== form.turns; // by a later one that waits
  if (!form.isConnected || told) return event.preventDefault();
  // What got no answer was not drawn: the next one draws all of the rule.
  const rule = form.querySelector("fieldset.rule-card");
  if (form.unanswered && ctx.turn && rule) Object.assign(ctx, { target: rule, select: `#${rule.id}`, selectOOB: ctx.selectOOB ?? ctx.select });
  // While it waited its place may have been drawn again, or be gone; the rail tells of the whole form.
  const place = document.getElementById(ctx.target.id);
  if (!place) Object.assign(ctx, { select: ctx.selectOOB, selectOOB: null });
  ctx.target = place ?? document.querySelector(ctx.select);
  ctx.request.body = new URLSearchParams(new FormData(form));
  const { name, type, value } = ctx.sourceElement;
  if (name && type === "submit") ctx.request.body.append(name, value);
  ctx.sent = values(form);
});
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (!ctx.sent) return;
  ctx.later = [...values(formOf(ctx))].filter(([id, value]) => ctx.sent.has(id) && ctx.sent.get(id) !== value);
  ctx.again = renumbers(ctx.sourceElement) && ctx.later.length > 0;
  if (ctx.again) return event.preventDefault();
  // Who has gone on to another field stays there.
  if (![ctx.sourceElement.id, ""].includes(document.activeElement?.id ?? "")) {
    for (const one of tasks.flatMap((task) => [...task.fragment.querySelectorAll("[autofocus]")])) one.removeAttribute("autofocus");
  }
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
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = formOf(ctx);
  if (!form) return;
  form.pressed.delete(ctx.once);
  if (ctx.turn && ctx.status !== "issuing") form.unanswered = ctx.status !== "swapped" || ctx.response.status >= 400;
  if (ctx.again) ctx.sourceElement.click();
});

// A button that is drawn again between the press and the release hears no click.
let down = null;
document.addEventListener("mousedown", ({ target }) => (down = target.closest("form.builder button")));
document.addEventListener("mouseup", ({ target }) => {
  const button = target.closest("form.builder button");
  if (down && !down.isConnected && button?.id && button.id === down.id && !renumbers(button)) button.click();
  down = null;
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

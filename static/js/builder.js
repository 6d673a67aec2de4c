// The form's requests run one after another, each with the form's values at the time it is sent, so responses never
// cross and none renders stale values. focus.js keeps what has the focus and what was chosen or typed meanwhile.
// These buttons renumber the rows, so an id belongs to another row afterwards.
const renumbers = ({ id }) => /^(remove|up|down|move|put-back)-/.test(id);
// The id that the control `id` has once the row of the edit is removed or moved; "" if it is gone.
const idAfter = (id, done) => {
  const [, edit, kind, place] = /^(remove|up|down|move|put-back)-(condition|action)-([\d-]+)$/.exec(done) ?? [];
  if (!edit) return id;
  const numbers = place.split("-").map(Number);
  const to = edit === "move" ? numbers.pop() : 0;
  const row = numbers.pop();
  const above = numbers.map((number) => `conditions-${number}-`).join("");
  const start = kind === "action" ? "actions-" : `${above}conditions-`;
  const [, number, rest] = (id.startsWith(start) && /^(\d+)(.*)$/.exec(id.slice(start.length))) || [];
  if (!rest) return id;
  if (edit === "move") return `${start}${moved(Number(number), row, to)}${rest}`;
  if (edit === "put-back") return `${start}${Number(number) < row ? number : Number(number) + 1}${rest}`;
  const step = { up: -1, down: 1 }[edit] ?? 0;
  const next = edit === "remove" ? (number > row ? number - 1 : number) : { [row]: row + step, [row + step]: row }[number] ?? number;
  return edit === "remove" && Number(number) === row ? "" : `${start}${next}${rest}`;
};
// The number of a row once another one went from one place to another.
const moved = (number, from, to) => {
  if (number === from) return to;
  return number - (number > from ? 1 : 0) + (number - (number > from ? 1 : 0) >= to ? 1 : 0);
};
// A button pressed again before its response arrives counts once.
const onceOf = (source) => (renumbers(source) ? "rows" : /^(test|send-\d+)$/.test(source.id) ? source.id : "");
// The other requests wait meanwhile.
const LONGEST_DRAWING = "10s";
const isRail = ({ id }) => id.endsWith("rail");
// A page of a proxy's failure is no answer: drawn in place of the rule it would be saved as an empty one. Our own failures
// name another place for what they say.
const lacks = ({ counts, keeps, select, response, hx }, tasks) => {
  if (counts || keeps || hx?.retarget) return false;
  return response.status >= 500 || Boolean(select && !tasks.some(({ fragment }) => fragment.querySelector?.(select)));
};
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
  const superseded = isRail(ctx.target) && ctx.turn !== form.turns; // a later request will update the rail
  if (!form.isConnected || superseded) return event.preventDefault();
  // A request without a response rendered nothing, so the next one renders the whole rule.
  const rule = form.querySelector("fieldset.rule-card");
  if (form.unanswered && ctx.turn && rule) Object.assign(ctx, { target: rule, select: `#${rule.id}`, selectOOB: isRail(ctx.target) ? ctx.select : ctx.selectOOB });
  // While it waited, its target may have been rendered again or removed; the rail shows the whole form.
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
  const form = formOf(ctx);
  if (!form) return;
  if (lacks(ctx, tasks)) {
    event.preventDefault();
    return tellUnreachable();
  }
  const changed = [...values(form)].some(([id, value]) => ctx.sent.has(id) && ctx.sent.get(id) !== value);
  ctx.again = renumbers(ctx.sourceElement) && changed;
  if (ctx.again) return event.preventDefault();
  ctx.idAfter = (id) => idAfter(id, ctx.sourceElement.value);
  // Do not move the focus of somebody who has gone on to another field.
  if (![ctx.sourceElement.id, ""].includes(document.activeElement?.id ?? "")) {
    for (const control of tasks.flatMap((task) => [...task.fragment.querySelectorAll("[autofocus]")])) control.removeAttribute("autofocus");
  }
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = formOf(ctx);
  if (!form) return;
  form.pressed.delete(ctx.once);
  if (ctx.turn && ctx.status !== "issuing") form.unanswered = ctx.status !== "swapped" || ctx.response.status >= 400;
  if (ctx.again) ctx.sourceElement.click();
});

// A button that is rendered again between mousedown and mouseup gets no click event.
let down = null;
document.addEventListener("mousedown", ({ target }) => (down = target.closest("form.builder button")));
document.addEventListener("mouseup", ({ target }) => {
  const button = target.closest("form.builder button");
  if (down && !down.isConnected && button?.id && button.id === down.id && !renumbers(button)) button.click();
  down = null;
});

// Enter in the number of a record tries the rule on it; elsewhere it saves.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.target.id !== "record-number") return;
  event.preventDefault();
  document.getElementById("test").click();
});

// Once something is typed, chosen, added or removed, there may be something to publish.
const mayPublish = (form) => {
  if (!form?.classList.contains("builder")) return;
  for (const button of document.querySelectorAll("button[data-changed]")) button.textContent = button.dataset.changed;
};
for (const kind of ["input", "change"]) document.addEventListener(kind, ({ target }) => mayPublish(target.form));
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("fieldset.rule-card button[name]");
  if (button) mayPublish(button.form);
});

// Whatever has the focus is not swapped: the response is drawn around it. A list that is replaced while somebody types
// "Payment" forgets the letters it has, and chooses what begins with the next one. What was typed or chosen while the
// request was under way is kept too.
const isBox = (control) => control.type === "checkbox" || control.type === "radio";
const stateOf = (control) => (isBox(control) ? control.checked : control.value);
const values = (form) => new Map([...form.elements].filter(({ id, type }) => id && !["hidden", "file"].includes(type)).map((control) => [control.id, stateOf(control)]));
const offers = (control, value) => control.tagName !== "SELECT" || [...control.options].some((option) => option.value === value);
const listed = (list) => [...list.options].map(({ value, label }) => `${value}=${label}`).join("\n");
const set = (control, value) => (isBox(control) ? (control.checked = value) : (control.value = value));
const isTyped = (control) => control.matches("input, select, textarea");
const wordsOf = (control) => [control.name, isTyped(control) ? "" : control.textContent.trim(), control.getAttribute("aria-label")].join("\n");

// The element of the response that stands for the focused one: the same id, or without one the same words, in the entry of
// the same id if it stands in one: others may have come before it.
const counterpart = (control, live, fresh, id) => {
  const entry = control.id ? null : control.parentElement.closest("section[id], li[id], .run[id]");
  if (entry && live !== entry && live.contains(entry)) {
    const same = fresh.querySelector(`#${CSS.escape(entry.id)}`);
    if (same) return counterpart(control, entry, same);
    // "Try again" of a run that is gone is not the same as that of another.
    if (entry.matches(".run")) return null;
  }
  const alike = (root) => [...root.querySelectorAll(control.tagName)].filter((other) => wordsOf(other) === wordsOf(control));
  if (control.id) return id && [...fresh.querySelectorAll(control.tagName), fresh].find((other) => other.id === id);
  return alike(fresh)[alike(live).indexOf(control)];
};
const pathTo = (root, control) => {
  const path = [control];
  while (path[0] !== root) path.unshift(path[0].parentElement);
  return path;
};
const copyAttributes = (live, fresh) => {
  // What somebody unfolded stays open, and a value attribute would overwrite what nobody has typed into yet.
  const kept = ["open", "value", "data-htmx-powered"];
  for (const { name } of [...live.attributes]) if (!fresh.hasAttribute(name) && !kept.includes(name)) live.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (!kept.includes(name) && live.getAttribute(name) !== value) live.setAttribute(name, value);
};
const fit = (control, fresh, unchanged) => {
  if (!isTyped(control)) return control.replaceChildren(...fresh.childNodes);
  const value = stateOf(control);
  if (control.tagName === "SELECT" && listed(control) !== listed(fresh)) control.replaceChildren(...fresh.childNodes);
  const next = unchanged || !offers(control, value) ? stateOf(fresh) : value;
  if (stateOf(control) !== next) set(control, next);
};
// Replace everything in `live` but the focused control and what it stands in; null if the response is built otherwise.
const drawAround = (live, fresh, control, other) => {
  const [inner, outer] = [pathTo(live, control), pathTo(fresh, other)];
  const same = inner.length === outer.length && inner.every((element, depth) => element.tagName === outer[depth].tagName && element.type === outer[depth].type);
  if (!same) return null;
  const added = [];
  inner.forEach((element, depth) => {
    copyAttributes(element, outer[depth]);
    const [child, its] = [inner[depth + 1], outer[depth + 1]];
    if (!child) return;
    const nodes = [...outer[depth].childNodes];
    const [before, after] = [nodes.slice(0, nodes.indexOf(its)), nodes.slice(nodes.indexOf(its) + 1)];
    for (const node of [...element.childNodes]) if (node !== child) node.remove();
    child.before(...before);
    child.after(...after);
    added.push(...before, ...after);
  });
  return added.filter(({ nodeType }) => nodeType === Node.ELEMENT_NODE);
};
// What somebody unfolded stays unfolded, and what they folded stays so unless something in it is wrong or gets the focus.
const keepFolds = (live, fresh, idAfter = (id) => id) => {
  for (const details of live.querySelectorAll("details[id]")) {
    const id = idAfter(details.id);
    const other = id && fresh.querySelector(`#${CSS.escape(id)}`);
    if (other && details.open) {
      other.open = true;
      // What was fetched on unfolding stands there until it is fetched again.
      const fetched = details.querySelector(":scope > .unfold-body");
      if (fetched) other.querySelector(":scope > .unfold-body")?.replaceChildren(...fetched.cloneNode(true).childNodes);
    }
    else if (other && "keeps" in details.dataset) other.open = "opens" in other.dataset || Boolean(other.querySelector("[autofocus]"));
  }
};

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.request.form) ctx.sent = values(ctx.request.form);
});
// On the window: after the builder's own listeners, which may refuse the response or move the focus.
window.addEventListener("htmx:before:swap", (event) => {
  if (event.defaultPrevented) return;
  const { ctx, tasks } = event.detail;
  const form = ctx.request.form;
  ctx.later = form && ctx.sent ? [...values(form)].filter(([id, value]) => ctx.sent.has(id) && ctx.sent.get(id) !== value) : [];
  for (const task of tasks) {
    const target = typeof task.target === "string" ? document.querySelector(task.target) : task.target;
    const [fresh, more] = task.fragment.children;
    if (!target || !fresh || more) continue;
    keepFolds(target, fresh, ctx.idAfter);
    const control = document.activeElement;
    const style = task.swapSpec.style ?? task.swapSpec;
    const moves = task.swapSpec.show || fresh.querySelector("[autofocus]"); // to what has to be seen first
    if (style !== "outerHTML" || moves || !control || !target.contains(control)) continue;
    const other = counterpart(control, target, fresh, ctx.idAfter?.(control.id) ?? control.id);
    const unchanged = Boolean(ctx.sent?.has(control.id)) && ctx.sent.get(control.id) === stateOf(control);
    const added = other && drawAround(target, fresh, control, other);
    if (!added) {
      ctx.lost = { control, place: fresh, start: control.selectionStart, end: control.selectionEnd };
      continue;
    }
    fit(control, other, unchanged);
    task.swapSpec = { style: "none" };
    (ctx.drawn ??= []).push(...added);
  }
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  for (const element of ctx.drawn ?? []) if (element.isConnected) htmx.process(element);
  for (const [id, value] of ctx.later ?? []) {
    const control = document.getElementById(id);
    if (!control || stateOf(control) === value || !offers(control, value)) continue;
    set(control, value);
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
  // What had the focus is another element now, or not in the response any more: go on beside it, not at the top of the page.
  const { place, control } = ctx.lost ?? {};
  if (!place?.isConnected || document.activeElement !== document.body) return;
  const same = control.id && place.querySelector(`#${CSS.escape(control.id)}`);
  const next = [...(same ? [same] : []), place, ...place.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  next.find((element) => element.tabIndex >= 0 || element.hasAttribute("tabindex"))?.focus({ preventScroll: true });
});

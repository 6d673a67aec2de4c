// A part of the page with data-follows asks for itself again and again while something in it waits. Not while the tab is
// hidden, its text is being selected, or a dialog is open, which gives the focus back to what had it. Entries that were
// unfolded whole come back whole, and the reader stays where they are although new entries come above. The focus and what is
// unfolded are kept by focus.js. Each request says what came last, and while nothing has changed the answer is an empty 304.
const follower = (ctx) => (ctx?.sourceElement?.matches?.("[data-follows]") ? ctx.sourceElement : null);
const selects = (part) => {
  const selection = getSelection();
  return !selection.isCollapsed && part.contains(selection.anchorNode);
};
const came = new WeakMap();
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const part = follower(ctx);
  if (!part) return;
  ctx.request.headers["X-Follows"] = "true";
  if (came.has(part)) ctx.request.headers["If-None-Match"] = came.get(part);
  const whole = [...part.querySelectorAll("[data-whole]")].map(({ id }) => id.split("-").pop());
  if (whole.length) ctx.request.headers["X-Whole"] = whole.join(" ");
});
document.addEventListener("htmx:before:request", (event) => {
  const part = follower(event.detail.ctx);
  if (part && (document.hidden || selects(part) || document.querySelector("dialog[open]"))) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const part of document.querySelectorAll("[data-follows]")) htmx.trigger(part, "every");
});
const seen = (part) => [...part.querySelectorAll("section[id], li[id]")].find((entry) => entry.getBoundingClientRect().bottom > 0);
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const part = follower(ctx);
  if (!part || part.getBoundingClientRect().top >= 0) return;
  const entry = seen(part);
  if (entry) ctx.reader = { id: entry.id, top: entry.getBoundingClientRect().top };
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const part = follower(ctx);
  // What is drawn by anything else is not what came last.
  if (!part) for (const one of document.querySelectorAll("[data-follows]")) came.delete(one);
  const [drawn, state] = [part && document.getElementById(part.id), ctx.response?.raw?.headers.get("ETag")];
  if (drawn && state) came.set(drawn, state);
  const entry = ctx.reader && document.getElementById(ctx.reader.id);
  if (entry) scrollBy({ top: entry.getBoundingClientRect().top - ctx.reader.top, behavior: "instant" });
});

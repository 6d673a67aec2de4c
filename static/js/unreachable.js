// A request without any response shows a notice; the next request that gets a response removes it, unless the page sent
// that one by itself: what somebody chose is still not answered then.
const notices = () => document.getElementById("notices");
const tellUnreachable = () => {
  notices().replaceChildren(document.getElementById("unreachable").content.cloneNode(true));
  notices().scrollIntoView({ block: "nearest" });
};
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  // A count that did not come says so in its own place, and so does a save; a page that looks again by itself will do so once more.
  if (!ctx || ctx.counts || ctx.keeps || ctx.sourceElement?.matches?.("[data-follows]")) return;
  tellUnreachable();
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const byItself = ctx.counts || ctx.keeps || ctx.sourceElement?.matches?.('[data-follows], [hx-trigger^="load"]');
  if (!byItself) notices().querySelector(".unreachable")?.remove();
});

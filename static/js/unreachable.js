// A request that got no answer at all is said so, and unsaid by the next one that gets one.
const notices = () => document.getElementById("notices");
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx) return;
  notices().replaceChildren(document.getElementById("unreachable").content.cloneNode(true));
  notices().scrollIntoView({ block: "nearest" });
});
document.addEventListener("htmx:after:request", () => notices().querySelector(".unreachable")?.remove());

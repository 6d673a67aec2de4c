// A request without any response shows a notice; the next request that gets a response removes it.
const notices = () => document.getElementById("notices");
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx) return;
  notices().replaceChildren(document.getElementById("unreachable").content.cloneNode(true));
  notices().scrollIntoView({ block: "nearest" });
});
document.addEventListener("htmx:after:request", () => notices().querySelector(".unreachable")?.remove());

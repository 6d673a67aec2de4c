// The builder's card about the past fetches its figures after each edit. The last ones stay until the new ones come; what
// takes longer than a moment says so, and what did not come can be counted again.
{
  const MOMENT = 300;
  const cardOf = (element) => element?.closest?.(".past");
  const live = () => document.querySelector(".past");
  const shown = (selector, show) => {
    for (const element of document.querySelectorAll(selector)) element.hidden = !show;
  };
  let timer = 0;
  const settle = () => {
    clearTimeout(timer);
    document.querySelector("form.builder")?.classList.remove("counting");
    shown(".past-busy, .reach-busy", false);
  };
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (!cardOf(ctx.sourceElement)) return;
    ctx.counts = true;
    settle();
    timer = setTimeout(() => {
      document.querySelector("form.builder")?.classList.add("counting");
      shown(".past-busy, .reach-busy", true);
    }, MOMENT);
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx, tasks } = event.detail;
    if (ctx.counts) {
      if (ctx.response.status >= 500) event.preventDefault();
      return;
    }
    // Another part of the page is drawn: the card that comes with it takes over the last figures.
    const card = live();
    for (const { fragment } of tasks) {
      const fresh = fragment.querySelector?.(".past .past-figure");
      const last = card?.querySelector(".past-figure");
      if (fresh && last) fresh.replaceChildren(...last.cloneNode(true).childNodes);
      if (fresh) ctx.recounts = card;
    }
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    // The card stayed where it is, because something in it has the focus.
    if (ctx.recounts && ctx.recounts.isConnected) htmx.trigger(ctx.recounts, "recount");
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (!ctx.counts) return;
    const came = ctx.status === "swapped" && ctx.response.status < 400;
    // A card that was drawn again meanwhile has a request of its own.
    if (!came && !cardOf(ctx.sourceElement)?.isConnected) return;
    settle();
    shown(".past-failed", !came);
    document.querySelector("form.builder")?.classList.toggle("count-failed", !came);
  });
}

// The rows of a backtest by keyboard, while one of them has the focus: the arrows choose another one, Enter opens the
// record of the chosen one, and P pins it with what the draft answers. Without scripts the rows are links.
{
  const rowOf = (element) => element.closest?.(".backtest-log > li");
  const choose = (row) => {
    const link = row?.querySelector(".log-link");
    if (!link) return;
    link.focus();
    htmx.trigger(link, "choose");
  };
  const press = (selector) => document.querySelector(`.backtest-chosen ${selector}`)?.click();

  document.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (!row || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const isChosen = row.hasAttribute("aria-current");
    const act = {
      ArrowDown: () => choose(row.nextElementSibling),
      ArrowUp: () => choose(row.previousElementSibling),
      Enter: isChosen && (() => press(".backtest-record")),
      p: isChosen && !event.repeat && (() => press(".backtest-pin-usual")),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

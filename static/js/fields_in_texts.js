// Fields in the texts of messages: inserted from the menu or completed after {{, and shown as chips with the names of the
// menu, conditions and loops in words. The text stays plain, so undoing, copying and sending it work as ever: it is only painted
// by a layer behind it. The caret steps over a chip as over one letter; a click or F2 opens it, then it shows what is typed.
// Without this script the menu shows what to copy.
{
  document.documentElement.classList.add("can-insert");
  const FIELDS = /\{\{.*?\}\}|\{%.*?%\}/gs;
  const BEGUN = /\{\{-?[ \t]*([^{}|\n]{0,60})$/;
  let list = null;
  let closedAt = null;

  // Typed as if by hand, so that the browser can undo it.
  const type = (field, text, start, end) => {
    field.focus();
    field.setSelectionRange(start, end);
    if (document.execCommand("insertText", false, text)) return;
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("click", (event) => {
    const item = event.target.closest(".insert-item");
    if (!item) return;
    const panel = item.closest("[data-insert-into]");
    const field = document.getElementById(panel.dataset.insertInto);
    panel.closest("details").open = false;
    type(field, item.dataset.snippet, field.selectionStart, field.selectionEnd);
  });

  const menuOf = (field) => field.id && document.querySelector(`[data-insert-into="${CSS.escape(field.id)}"]`);
  const offered = (menu) =>
    [...menu.querySelectorAll(".insert-item")].map((item) => {
      const group = item.closest(".insert-group").getAttribute("aria-label");
      const { snippet } = item.dataset;
      const label = item.querySelector("span").textContent;
      return { label, snippet, group, words: wordsToFind(label, group, snippet) };
    });
  const begun = (field) => {
    const before = field.value.slice(0, field.selectionStart);
    const match = field.selectionStart === field.selectionEnd && BEGUN.exec(before);
    return match && { start: match.index, typed: match[1] };
  };
  const close = () => {
    list?.popup.close();
    list = null;
  };
  const complete = ({ snippet }) => {
    const { field } = list;
    const start = begun(field)?.start ?? field.selectionStart;
    const rest = /^[ \t]*-?\}\}/.exec(field.value.slice(field.selectionStart))?.[0].length ?? 0;
    close();
    type(field, snippet, start, field.selectionStart + rest);
  };
  const follow = (field) => {
    const menu = menuOf(field);
    const here = menu && begun(field);
    if (!here) closedAt = null;
    if (!here || closedAt === here.start) return close();
    if (list?.field !== field) {
      close();
      const popup = openPopupList({ label: "Fields", options: offered(menu), at: () => caretOf(field), choose: complete, empty: "No field is called that." });
      list = { popup, field };
      popup.control(field);
      popup.show();
    }
    list.popup.filter(here.typed);
    list.popup.place();
  };
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("input, textarea")) return;
    follow(target);
    paint(target);
  });
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== list.field) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      closedAt = begun(list.field)?.start ?? null;
      close();
    } else if (!event.shiftKey) list.popup.key(event);
  }, true);
  document.addEventListener("keyup", ({ target, key }) => {
    if (list?.field === target && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) follow(target);
  });
  for (const kind of ["focusout", "mousedown"]) {
    document.addEventListener(kind, ({ target }) => {
      if (list && !list.popup.box.contains(target)) close();
    });
  }

  const named = (path) => {
    const words = path.split(".").at(-1).replaceAll("_", " ");
    return words[0].toUpperCase() + words.slice(1);
  };
  // The names of the menu by what they insert: of a list it inserts a loop. What a loop goes through has names of its own.
  const labelsOf = (field) => {
    const menu = menuOf(field);
    const labels = new Map();
    for (const { snippet, group, label } of menu ? offered(menu) : []) {
      const path = pathOfField(snippet) ?? /^\{% for \w+ in (\S+)/.exec(snippet)?.[1];
      if (path) labels.set(path, { group, label });
    }
    for (const [, one] of field.value.matchAll(/\{%-?\s*for\s+(\w+)\s+in\s/g)) {
      for (const [path] of field.value.matchAll(new RegExp(`\\b${one}\\.\\w+`, "g"))) {
        if (!labels.has(path)) labels.set(path, { group: named(one), label: named(path) });
      }
    }
    return labels;
  };
  const chipOf = (text) => Object.assign(document.createElement("mark"), { className: "chip", textContent: text });
  const fieldsIn = (field) => [...field.value.matchAll(FIELDS)].map(({ 0: text, index }) => ({ text, start: index, end: index + text.length }));
  const openOf = (field) => {
    if (document.activeElement !== field) return -1;
    const { selectionStart, selectionEnd } = field;
    return fieldsIn(field).findIndex(({ start, end }) => selectionStart < end && selectionEnd > start && selectionEnd - selectionStart < end - start);
  };
  // At the edge of a chip, Backspace and Delete take all of it: with one letter less it would be no field any more.
  // A key that deletes a word passes over the spaces before it, and knows no fields.
  const selectAtEdge = (field, key, isWord) => {
    const back = key === "Backspace";
    const place = field.selectionStart;
    const [before, after] = [field.value.slice(0, place), field.value.slice(place)];
    const spaces = isWord ? (back ? /[ \t]*$/.exec(before) : /^[ \t]*/.exec(after))[0].length : 0;
    const chip = fieldsIn(field).find(({ start, end }) => (back ? end + spaces : start - spaces) === place);
    if (!chip || place !== field.selectionEnd) return;
    field.setSelectionRange(back ? chip.start : place, back ? place : chip.end);
  };
  // The end of a selection that moves, and the one that stays.
  const endsOf = ({ selectionStart, selectionEnd, selectionDirection }) =>
    (selectionDirection === "backward" ? [selectionStart, selectionEnd] : [selectionEnd, selectionStart]);
  const moveTo = (field, place, anchor) =>
    field.setSelectionRange(Math.min(place, anchor), Math.max(place, anchor), place < anchor ? "backward" : "forward");
  const chipAround = (field, place) => fieldsIn(field).find(({ start, end }) => start < place && place < end);
  // Where an arrow takes the caret from the edge of a chip: to its other edge. Null where it is at no edge.
  const acrossChip = (field, key, isSelecting) => {
    if (!isSelecting && field.selectionStart !== field.selectionEnd) return null;
    const [caret] = endsOf(field);
    const [from, to] = key === "ArrowRight" ? ["start", "end"] : ["end", "start"];
    return fieldsIn(field).find((one) => one[from] === caret)?.[to] ?? null;
  };
  // Other keys that move the caret end at the edge of a chip that they lead into, in the direction of the move.
  let leave = null;
  const leaveChip = (field, before, around) => {
    leave = null;
    const [caret, anchor] = endsOf(field);
    const chip = chipAround(field, caret);
    if (!chip || chip.start === around?.start) return;
    const edge = caret > before ? chip.end : chip.start;
    moveTo(field, edge, anchor === caret ? edge : anchor);
  };
  const open = (field, { text, start, end }) => {
    const inner = field.selectionStart === end ? text.length - /\s*-?[%}]\}$/.exec(text)[0].length : /^\{[{%]-?\s*/.exec(text)[0].length;
    field.setSelectionRange(start + inner, start + inner);
  };
  const said = Object.assign(document.createElement("div"), { className: "visually-hidden", ariaLive: "assertive" });
  const say = (field, text) => {
    if (!said.isConnected) document.body.append(said);
    said.textContent = chipWords(text, labelsOf(field))[0] ?? text;
  };
  const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
  document.addEventListener("keydown", (event) => {
    const { target: field, key, shiftKey, ctrlKey, altKey, metaKey } = event;
    if (event.defaultPrevented || event.isComposing || !field.matches("input, textarea") || !layerOf(field)) return;
    leave?.();
    const isPlain = !ctrlKey && !altKey && !metaKey;
    if (["Backspace", "Delete"].includes(key) && !metaKey) selectAtEdge(field, key, !isPlain);
    const [caret, anchor] = endsOf(field);
    if (key === "F2" && isPlain && caret === anchor) {
      const beside = fieldsIn(field).find(({ start, end }) => caret === start || caret === end);
      if (beside) open(field, beside);
    }
    if (!MOVES.includes(key)) return;
    const across = ["ArrowLeft", "ArrowRight"].includes(key) && !metaKey ? acrossChip(field, key, shiftKey) : null;
    if (across === null) {
      const around = chipAround(field, caret);
      const mine = () => leave === mine && leaveChip(field, caret, around);
      leave = mine;
      setTimeout(mine);
      return;
    }
    event.preventDefault();
    say(field, fieldsIn(field).find(({ start, end }) => start === Math.min(caret, across) && end === Math.max(caret, across)).text);
    moveTo(field, across, shiftKey ? anchor : across);
  });
  // What a screen reader says of the text beside its words.
  const describe = (field, names) => {
    const id = `${field.id}-fields`;
    const layer = layerOf(field);
    const words = document.getElementById(id) ?? Object.assign(document.createElement("span"), { id, className: "visually-hidden" });
    words.textContent = names.length ? `Fields in it: ${names.join(", ")}. Beside a field, F2 edits it.` : "";
    if (!words.isConnected) layer.after(words);
    const ids = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
    if (names.length) ids.push(id);
    if (ids.length) field.setAttribute("aria-describedby", ids.join(" "));
    else field.removeAttribute("aria-describedby");
  };

  // The layer behind a text shows the same words, with the fields as chips.
  const layerOf = (field) => field.parentElement?.querySelector(":scope > .chip-layer");
  // Its measures are rules of a sheet of their own: no element of a page has a style attribute.
  const sheet = new CSSStyleSheet();
  const rules = new Map();
  document.adoptedStyleSheets.push(sheet);
  const align = (field, layer) => {
    const { borderLeftWidth, borderRightWidth, paddingTop, paddingRight, paddingBottom, paddingLeft, font } = getComputedStyle(field);
    const bar = field.offsetWidth - field.clientWidth - parseFloat(borderLeftWidth) - parseFloat(borderRightWidth);
    const padding = `${paddingTop} ${parseFloat(paddingRight) + bar}px ${paddingBottom} ${paddingLeft}`;
    const rule = `#${CSS.escape(field.id)} + .chip-layer { padding: ${padding}; font: ${font}; }`;
    if (rules.get(field.id) !== rule) sheet.replaceSync([...rules.set(field.id, rule).values()].join("\n"));
    layer.scrollTo(field.scrollLeft, field.scrollTop);
  };
  // Its lines break elsewhere when it is drawn as wrong, gets a scroll bar or is pulled larger.
  const widths = new WeakMap();
  const resized = new ResizeObserver((entries) => {
    for (const { target, contentRect: { width } } of entries) {
      if ((widths.get(target) ?? width) !== width) requestAnimationFrame(() => paint(target));
      widths.set(target, width);
    }
  });
  const paint = (field) => {
    const layer = layerOf(field);
    if (!layer) return;
    const parts = [];
    const chips = [];
    const [labels, names, open] = [labelsOf(field), new Set(), openOf(field)];
    let last = 0;
    for (const [place, { text, start, end }] of fieldsIn(field).entries()) {
      const chip = chipOf(text);
      const wordings = chipWords(text, labels);
      const { group, label } = labels.get(pathOfField(text)) ?? {};
      if (label) names.add(`${group} › ${label}`);
      if (wordings.length && place !== open) chips.push({ chip, wordings });
      parts.push(field.value.slice(last, start), chip);
      last = end;
    }
    layer.dataset.open = open;
    // A text that ends with a new line has one more line to scroll to.
    layer.replaceChildren(...parts, `${field.value.slice(last)}\u200b`);
    field.classList.add("is-painted");
    resized.observe(field);
    align(field, layer);
    nameChips(chips, getComputedStyle(field).font);
    describe(field, [...names]);
  };
  const caretOf = (field) => {
    const box = field.getBoundingClientRect();
    const layer = layerOf(field);
    if (!layer) return box;
    const walk = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
    let left = begun(field)?.start ?? field.selectionStart;
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (left > node.length) {
        left -= node.length;
        continue;
      }
      const range = document.createRange();
      range.setStart(node, left);
      range.setEnd(node, Math.min(left + 1, node.length));
      const spot = range.getBoundingClientRect();
      return { left: spot.left, top: spot.top, bottom: Math.min(spot.bottom, box.bottom), width: 0 };
    }
    return box;
  };
  const paintAll = () => {
    for (const layer of document.querySelectorAll(".chip-layer")) paint(layer.parentElement.querySelector("input, textarea"));
  };
  document.addEventListener("DOMContentLoaded", paintAll);
  addEventListener("pageshow", paintAll);
  for (const kind of ["selectionchange", "focusout"]) {
    document.addEventListener(kind, ({ type, target }) => {
      const field = type === "focusout" ? target : document.activeElement;
      const layer = field?.matches?.("input, textarea") && layerOf(field);
      if (layer && (type === "focusout" || layer.dataset.open !== String(openOf(field)))) requestAnimationFrame(() => paint(field));
    });
  }
  document.addEventListener("htmx:after:swap", paintAll);
  document.addEventListener("toggle", paintAll, true);
  document.addEventListener("scroll", ({ target }) => {
    const layer = target.matches?.("input, textarea") && layerOf(target);
    if (layer) align(target, layer);
    if (list) list.popup.place();
  }, { capture: true, passive: true });
}

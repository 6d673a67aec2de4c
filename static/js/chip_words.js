// What the chips of a text say: "Order › Total" for a field, "if Order total is set" for a condition around a part of it.
// Each has several wordings, the longest first, for a chip is as wide as what is typed.
const chipWords = (text, labels) => {
  const NUMBER = /^-?\d+(\.\d+)?$/;
  const NOTHING = /^(''|""|nil|null)$/;
  const QUOTED = /^(['"])(.*)\1$/s;
  const PATH = /^[A-Za-z_][\w-]*(\.[\w-]+|\[[^\]]+\])*$/;
  const COMPARED = /^(.+?)\s*(==|!=|<>|>=|<=|>|<|\scontains\s)\s*(.+)$/s;
  const OPERATORS = { "==": "is", "!=": "is not", "<>": "is not", ">": "is over", "<": "is under", ">=": "is at least", "<=": "is at most", contains: "contains" };
  const EMPTY = { "==": "is empty", "!=": "is set", "<>": "is set" };
  const ENDS = { else: "otherwise", endif: "end if", endunless: "end unless", endcase: "end of cases", endfor: "end for each", break: "stop here", continue: "next one" };
  const CONDITIONS = { if: "if", elsif: "or if", unless: "unless" };

  const lowered = (label) => (/^[A-Z][a-z]/.test(label) ? label[0].toLowerCase() + label.slice(1) : label);
  // A name within a sentence, with its group or without.
  const noun = (path, isShort) => {
    const named = labels.get(path);
    const counted = /^(.+)\.size$/.exec(path)?.[1];
    if (!named && counted) return noun(counted, true) && `number of ${lowered(noun(counted, true))}`;
    if (!named) return null;
    return isShort || named.label.startsWith(named.group) ? named.label : `${named.group} ${lowered(named.label)}`;
  };
  const operand = (source, isShort) => {
    const quoted = QUOTED.exec(source);
    if (quoted) return `“${quoted[2]}”`;
    if (NUMBER.test(source)) return source;
    return { true: "yes", false: "no" }[source] ?? noun(source, isShort);
  };
  // Null where it is more than comparisons joined by "and" and "or": then what is typed says it best.
  const condition = (source, isShort) => {
    const parts = source.split(/\s+(and|or)\s+(?=(?:[^'"]|'[^']*'|"[^"]*")*$)/);
    const words = parts.map((part, place) => {
      if (place % 2) return part;
      const [, left, operator, right] = COMPARED.exec(part) ?? [null, part];
      const name = noun(left.trim(), isShort);
      if (!operator) return name && `${name} is set`;
      if (NOTHING.test(right.trim())) return name && EMPTY[operator] && `${name} ${EMPTY[operator]}`;
      const value = operand(right.trim(), isShort);
      return name && value && `${name} ${OPERATORS[operator.trim()]} ${value}`;
    });
    return words.every(Boolean) ? words.join(" ") : null;
  };
  const tag = (name, rest, isShort) => {
    if (ENDS[name]) return rest ? null : ENDS[name];
    if (CONDITIONS[name]) {
      const words = condition(rest, isShort);
      return words && `${CONDITIONS[name]} ${words}`;
    }
    if (name === "case") return noun(rest, isShort) && `depending on ${noun(rest, isShort)}`;
    if (name === "when") {
      const values = rest.split(/\s*,\s*|\s+or\s+/).map((value) => operand(value, isShort));
      return values.every(Boolean) ? `when it is ${values.join(" or ")}` : null;
    }
    const [, list] = /^\w+\s+in\s+(\S+)/.exec(name === "for" ? rest : "") ?? [];
    return list && PATH.test(list) && noun(list, isShort) ? `for each of ${noun(list, isShort)}` : null;
  };

  const [, name, rest] = /^\{%-?\s*(\w+)\s*(.*?)\s*-?%\}$/s.exec(text) ?? [];
  if (name) return [...new Set([tag(name, rest, false), tag(name, rest, true)])].filter(Boolean);
  const named = labels.get(pathOfField(text));
  return named ? [...new Set([`${named.group} › ${named.label}`, named.label])] : [];
};
// The field that a text such as "{{ order.total | money }}" names: "order.total".
const pathOfField = (text) => /^\{\{-?\s*([^|}]+?)\s*-?(?:\|.*)?\}\}$/s.exec(text)?.[1];

// Writes the words of the chips of a layer over what is typed in them. A chip that runs over two lines is one chip still: its
// words stand where they fit, or run over both lines too.
const nameChips = (chips, font) => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const width = (words) => pen.measureText(words).width + 2;
  const fitting = (wordings, room) => wordings.find((words) => width(words) <= room);

  // The places of a text at which it goes on in the next line.
  const breaks = (node) => {
    const range = document.createRange();
    const found = [];
    let top = null;
    for (let place = 0; place < node.length; place += 1) {
      range.setStart(node, place);
      range.setEnd(node, place + 1);
      const box = [...range.getClientRects()].find((one) => one.width);
      if (box && top !== null && box.top > top + 2) found.push(place);
      if (box) top = box.top;
    }
    return found;
  };
  const spread = (words, rooms) => {
    const parts = rooms.map(() => "");
    let place = 0;
    for (const word of words.split(" ")) {
      const longer = () => `${parts[place]} ${word}`.trim();
      while (place < rooms.length && width(longer()) > rooms[place]) place += 1;
      if (place === rooms.length) return null;
      parts[place] = longer();
    }
    return parts;
  };
  const partsOf = (wordings, rooms) => {
    const widest = rooms.indexOf(Math.max(...rooms));
    const within = fitting(wordings, rooms[widest]);
    const only = (words) => rooms.map((_, place) => (place === widest ? words : ""));
    if (within) return only(within);
    return wordings.map((words) => spread(words, rooms)).find(Boolean) ?? only(wordings.at(-1));
  };
  const cut = (chip) => {
    const text = chip.textContent;
    const places = [0, ...breaks(chip.firstChild), text.length];
    const lines = places.slice(1).map((end, number) => text.slice(places[number], end));
    const pieces = lines.map((line) => Object.assign(document.createElement("span"), { className: "chip-piece", textContent: line.trimEnd() }));
    // The space at which a line ends belongs to no piece: the piece would begin the next line too, and its words stand nowhere.
    chip.replaceChildren(...pieces.flatMap((piece, number) => [piece, lines[number].slice(piece.textContent.length)]));
    return pieces;
  };

  // First everything is measured, then written: each change in between would lay the page out anew.
  const measured = chips.map(({ chip, wordings }) => ({ chip, wordings, boxes: [...chip.getClientRects()].filter((box) => box.width) }));
  for (const { chip, wordings, boxes } of measured) {
    if (boxes.length < 2) {
      chip.dataset.name = fitting(wordings, boxes[0]?.width ?? 0) ?? wordings.at(-1);
      continue;
    }
    const pieces = cut(chip);
    const parts = partsOf(wordings, pieces.map((piece) => piece.getBoundingClientRect().width));
    for (const [number, piece] of pieces.entries()) piece.dataset.name = parts[number];
  }
};

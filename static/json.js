// A JSON parser that keeps what JSON.parse loses: the digits of every number and the way every
// string was written. A value is {kind, ...}:
//   object {members: [{key, value}]}   key is a string value
//   array  {items: [value]}
//   string {source, text}              source with quotes and escapes, text decoded
//   number {source}
//   literal {source}                   true, false, null

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;

/** @throws {SyntaxError} when the text is no JSON. */
export function parseJson(text) {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

/** The value of a member of an object; the last one wins. Undefined where there is none. */
export function member(value, name) {
  if (value?.kind !== "object") return undefined;
  return value.members.findLast(({ key }) => key.text === name)?.value;
}

export function isNull(value) {
  return value?.kind === "literal" && value.source === "null";
}

/** A string, number, boolean or null. */
export function isScalar(value) {
  return value !== undefined && value.kind !== "object" && value.kind !== "array";
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  value() {
    switch (this.peek()) {
      case "{": return { kind: "object", members: this.list("}", () => this.pair()) };
      case "[": return { kind: "array", items: this.list("]", () => this.value()) };
      case '"': return this.string();
      case "t": case "f": case "n": return { kind: "literal", source: this.match(LITERAL) };
      default: return { kind: "number", source: this.match(NUMBER) };
    }
  }

  pair() {
    if (this.peek() !== '"') this.fail();
    const key = this.string();
    this.expect(":");
    return { key, value: this.value() };
  }

  list(close, element) {
    const elements = [];
    this.at += 1;
    if (this.peek() !== close) {
      do elements.push(element());
      while (this.accept(","));
    }
    this.expect(close);
    return elements;
  }

  string() {
    const source = this.text.slice(this.at, this.stringEnd());
    this.at += source.length;
    return { kind: "string", source, text: JSON.parse(source) };
  }

  /** A quote closes the string unless an odd number of backslashes stands before it. */
  stringEnd() {
    for (let quote = this.at; ;) {
      quote = this.text.indexOf('"', quote + 1);
      if (quote < 0) this.fail();
      let first = quote;
      while (this.text[first - 1] === "\\") first -= 1;
      if ((quote - first) % 2 === 0) return quote + 1;
    }
  }

  peek() {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.text)[0].length;
    return this.text[this.at];
  }

  accept(character) {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }

  expect(character) {
    if (!this.accept(character)) this.fail();
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const source = pattern.exec(this.text)?.[0];
    if (!source) this.fail();
    this.at += source.length;
    return source;
  }

  end() {
    if (this.peek() !== undefined) this.fail();
  }

  fail() {
    throw new SyntaxError(`no JSON at character ${this.at}`);
  }
}

// Decimal numbers as digits, never as floating point: what is shown is what was published.

const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const LONGEST = 400;

/** The digits of a number, or of a string that holds one; undefined for anything else. */
export function digits(value) {
  const text = value?.kind === "number" ? value.source : value?.kind === "string" ? value.text : "";
  return DECIMAL.test(text) ? text : undefined;
}

/** The exact sum as digits; undefined when one of them is too long or too large to add. */
export function sum(numbers) {
  const parts = numbers.map(scaled);
  if (parts.includes(undefined)) return undefined;
  const scale = Math.max(0, ...parts.map((part) => part.scale));
  const units = parts.reduce((total, part) => total + raise(part, scale), 0n);
  return write(units, scale);
}

export function equal(left, right) {
  const [a, b] = [scaled(left), scaled(right)];
  if (!a || !b) return left === right;
  const scale = Math.max(a.scale, b.scale);
  return raise(a, scale) === raise(b, scale);
}

/** Groups the digits and adds zeros up to `places`; an exponent stays as it was published. */
export function group(text, locale, places = 0) {
  const [, sign, whole, fraction = "", exponent] = DECIMAL.exec(text) ?? [];
  if (whole === undefined || exponent !== undefined) return text;
  const { thousands, point } = separators(locale);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  const padded = fraction.padEnd(places, "0");
  return sign + grouped + (padded && point + padded);
}

function scaled(text) {
  const [, sign, whole, fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  const shift = Number(exponent);
  if (whole === undefined || text.length > LONGEST || Math.abs(shift) > LONGEST) return undefined;
  const units = BigInt(sign + whole + fraction);
  const scale = fraction.length - shift;
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
}

function raise({ units, scale }, to) {
  return units * 10n ** BigInt(to - scale);
}

function write(units, scale) {
  const sign = units < 0n ? "-" : "";
  const text = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale);
  return sign + whole + (fraction && `.${fraction}`);
}

function separators(locale) {
  const parts = new Intl.NumberFormat(locale).formatToParts(1234567.8);
  const find = (type) => parts.find((part) => part.type === type)?.value ?? "";
  return { thousands: find("group"), point: find("decimal") };
}

const decimalText = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

/**
 * Whether the double that a JSON reader makes of this number, printed again, is the same decimal number. `0.1` and
 * `12.50` are; `9007199254740993`, a 20th digit and `1e400` are not.
 *
 * @param text a number as JSON or a warehouse writes it
 */
export function doubleKeeps(text: string): boolean {
  const double = Number(text);
  return Number.isFinite(double) && canonical(text) === canonical(String(double));
}

/** Sign, digits without zeros around them, and the power of ten of the last digit: equal for equal numbers. */
function canonical(text: string): string | null {
  const parts = decimalText.exec(text);
  if (parts === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  let start = 0;
  while (digits[start] === '0') start += 1;
  if (start === digits.length) return '0';
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return `${sign}${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

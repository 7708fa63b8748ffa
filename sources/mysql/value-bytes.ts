/** The bytes of a canonical text, made of those that the server sent. */
export type Finish = (bytes: Buffer) => Buffer;

const NO_DAY = Buffer.from('0000-00-00');
const ZERO = 48;

/**
 * A date whose month or day is zero is none. MySQL keeps such dates where its sql_mode allows it; `0000-…` is what the
 * mapping knows to be beyond every calendar.
 */
export function withoutZeroDay(bytes: Buffer): Buffer {
  const monthIsZero = bytes[5] === ZERO && bytes[6] === ZERO;
  const dayIsZero = bytes[8] === ZERO && bytes[9] === ZERO;
  return monthIsZero || dayIsZero ? Buffer.concat([NO_DAY, bytes.subarray(NO_DAY.length)]) : bytes;
}

/** The shortest digits that say this value of 32 bits, of its digits as a double. */
export function shortestFloat(bytes: Buffer): Buffer {
  const exact = Number(bytes.toString('latin1'));
  const single = Math.fround(exact);
  // Six digits always survive a float, nine always say it: IEEE 754.
  for (let digits = 6; digits <= 9; digits += 1) {
    const text = single.toPrecision(digits);
    if (Math.fround(Number(text)) === single) return Buffer.from(String(Number(text)), 'latin1');
  }
  return bytes;
}

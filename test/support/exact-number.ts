/** A decimal number without loss: `digits` × 10^`exponent`. */
interface Exact {
  digits: bigint;
  exponent: number;
}

function exact(text: string): Exact {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(`${whole}${fraction}`), exponent: Number(exponent) - fraction.length };
}

/** Whether two texts say the same decimal number, to the last digit. Exponents up to some thousands. */
export function sameNumber(one: string, other: string): boolean {
  const a = exact(one);
  const b = exact(other);
  const least = Math.min(a.exponent, b.exponent);
  return a.digits * 10n ** BigInt(a.exponent - least) === b.digits * 10n ** BigInt(b.exponent - least);
}

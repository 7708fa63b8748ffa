import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** An option that is a number from 1 on. @throws usage */
export function asCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new BackhaulError('usage', `${text} is no count`);
  return count;
}

import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** Code and place of the error that the work ends with; null when it does not fail. */
export function failureOf(work: () => unknown): { code: string; where: string } | null {
  try {
    work();
  } catch (error) {
    if (error instanceof BackhaulError) return { code: error.code, where: error.where };
    throw error;
  }
  return null;
}

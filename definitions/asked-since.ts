import type { AlertDefinition } from './alert.ts';

/** What an alert said, and from when on. */
export interface AlertVersion {
  definition: AlertDefinition;
  at: Date;
}

/**
 * Since when an alert asks for something without a break; null when it does not now.
 *
 * @param versions the newest first
 * @example
 * // users came to `syncs` with the second of three versions
 * askedSince(versions, (definition) => isFor(definition, 'users')) // when the second was applied
 */
export function askedSince(
  versions: readonly AlertVersion[],
  asks: (definition: AlertDefinition) => boolean,
): Date | null {
  const broken = versions.findIndex(({ definition }) => !asks(definition));
  const unbroken = broken === -1 ? versions : versions.slice(0, broken);
  return unbroken.at(-1)?.at ?? null;
}

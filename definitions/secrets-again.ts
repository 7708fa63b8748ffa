import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ConnectionDefinition } from './connection.ts';
import { canonicalJson } from './difference.ts';
import { storedSecretsIn } from './reference-syntax.ts';

/** What they say changes neither where a secret is sent nor what for: how long, how much, how fast. */
const HARMLESS: ReadonlySet<string> = new Set([
  'origin',
  'statementTimeout',
  'jobTimeout',
  'timeout',
  'pageRows',
  'fetchRows',
  'readsPerMinute',
  'maximumBytesBilled',
  'priority',
  'labels',
  'eventsPerSecond',
  'rateLimitGroup',
  'client',
]);

/**
 * Whoever changes a connection by the HTTP API has to know the secrets that it goes on using: another host would be sent what is
 * stored, and nobody gets that back.
 *
 * @param given secrets that come with it, by field
 * @throws secret_needed_again
 */
export function requireSecretsAgain(
  name: string,
  before: ConnectionDefinition | undefined,
  after: ConnectionDefinition,
  given: Readonly<Record<string, string>> = {},
): void {
  if (before === undefined || !changesUse(before, after)) return;
  const stored = storedSecretsIn(before);
  const missing = storedSecretsIn(after).filter(
    (field) => stored.includes(field) && !Object.hasOwn(given, field),
  );
  if (missing.length === 0) return;
  throw new BackhaulError('secret_needed_again', `connection ${name}: ${[...new Set(missing)].join(', ')}`);
}

function changesUse(before: object, after: object): boolean {
  const old = new Map<string, unknown>(Object.entries(before));
  const now = new Map<string, unknown>(Object.entries(after));
  return [...new Set([...old.keys(), ...now.keys()])].some((field) => {
    const was: unknown = old.get(field);
    const is: unknown = now.get(field);
    const isSame = canonicalJson(was ?? null) === canonicalJson(is ?? null);
    return !isSame && !(HARMLESS.has(field) && storedSecretsIn({ is }).length === 0);
  });
}

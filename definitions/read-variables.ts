import type { z } from 'zod';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/**
 * Variables of a process by their schema. One that is set to nothing counts as not set. Throws `usage`, naming every
 * variable that is wrong, without its value, which may be a secret.
 */
export function readVariables<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const set = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, env[name] === '' ? undefined : env[name]]),
  );
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.')}: ${message.replace(/\.$/, '')}`,
  );
  throw new BackhaulError('usage', faults.join('; '), {
    action: 'Set the variables that are named to what they must be.',
  });
}

import type { ValidateConnectionResult } from '../activities/validate-connection.ts';
import { forRole } from './for-role.ts';
import { validateConnection } from './steps.ts';

/** A connection, checked for real on a worker: fails with what is wrong, returns what is merely worth knowing. */
export async function checkConnection(input: {
  connection: string;
  sendTest?: boolean;
  draft?: string;
  /** Workers with roles are there: one of `plan` does it. */
  roles?: boolean;
}): Promise<ValidateConnectionResult> {
  const { roles, ...checked } = input;
  return validateConnection.executeWithOptions(
    { summary: input.connection, retry: { maximumAttempts: 1 }, ...forRole({ roles }, 'plan') },
    [checked],
  );
}

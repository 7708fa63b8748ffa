import { temporalError } from './temporal-error.ts';

/** The same, whose calls fail with an error of ours when Temporal is away: also those of the handles and plans that it gives. */
export const withTemporalErrors = <T extends object>(given: T): T => wrapped(given) as T;

function wrapped(value: unknown): unknown {
  if (isMethod(value)) return (...args: unknown[]) => wrapped(value(...args));
  if (value instanceof Promise) return settled(value);
  if (isGenerator(value)) return generated(value);
  if (!hasMethods(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, wrapped(one)]));
}

async function settled(promise: Promise<unknown>): Promise<unknown> {
  try {
    return wrapped(await promise);
  } catch (error) {
    throw temporalError(error);
  }
}

async function* generated(values: AsyncGenerator<unknown, unknown>): AsyncGenerator<unknown, unknown> {
  try {
    return yield* values;
  } catch (error) {
    throw temporalError(error);
  }
}

const isMethod = (value: unknown): value is (...args: unknown[]) => unknown => typeof value === 'function';
const isGenerator = (value: unknown): value is AsyncGenerator<unknown, unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** Documents are left as they are. */
const hasMethods = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).some((one) => isMethod(one) || hasMethods(one));

import { isObject } from './rules.ts';

export interface ReceivedUser {
  /** Of all identifies in order of arrival: the later one wins, and null is a value. */
  traits: Record<string, unknown>;
  identifies: number;
}

/** How many users the page shows. */
const NEWEST_USERS = 50;

export interface Users {
  identify(id: string, traits: unknown): void;
  all(): Map<string, ReceivedUser>;
  get(id: string): ReceivedUser | undefined;
  count(): number;
  /** Those identified last, the last one first. */
  newest(): [string, ReceivedUser][];
}

export function collectUsers(): Users {
  const users = new Map<string, ReceivedUser>();
  const newest = new Set<string>();
  return {
    identify: (id, traits) => {
      const known = users.get(id);
      users.set(id, {
        traits: { ...known?.traits, ...(isObject(traits) ? traits : {}) },
        identifies: (known?.identifies ?? 0) + 1,
      });
      newest.delete(id);
      newest.add(id);
      const [oldest] = newest;
      if (newest.size > NEWEST_USERS && oldest !== undefined) newest.delete(oldest);
    },
    all: () => new Map(users),
    get: (id) => users.get(id),
    count: () => users.size,
    newest: () =>
      [...newest].reverse().flatMap((id) => {
        const user = users.get(id);
        return user === undefined ? [] : [[id, user]];
      }),
  };
}

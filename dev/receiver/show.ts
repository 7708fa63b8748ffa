import type { Counts } from './tally.ts';
import type { Users } from './users.ts';

export interface Shown {
  store: 'events' | 'counts';
  counts: Counts;
  users: Users;
  /** Null: every one is known. */
  writeKeys: ReadonlySet<string> | null;
  url: string;
}

export interface Page {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const SETTINGS = /^\/v1\/projects\/([^/]+)\/settings$/;
const USER = /^\/users\/(.+)\.json$/;

/** What there is to read. */
export function show(path: string, query: URLSearchParams, shown: Shown): Page {
  const { store, counts, users, writeKeys, url } = shown;
  const writeKey = decoded(SETTINGS.exec(path)?.[1]);
  if (writeKey !== undefined) return settings(writeKey, writeKeys);
  if (path === '/state.json') return json(200, { url, store, counts, users: users.count() });
  const id = decoded(USER.exec(path)?.[1]);
  const user = id === undefined ? undefined : users.get(id);
  if (user !== undefined) return json(200, { id, ...user });
  return json(404, { success: false, message: 'Not found.' });
}

/** The settings that libraries load from Segment's CDN: what a write key can be checked by. */
const settings = (writeKey: string, known: Shown['writeKeys']): Page =>
  known === null || known.has(writeKey)
    ? json(200, { integrations: { 'Segment.io': { apiKey: writeKey } }, plan: {}, edgeFunction: {} })
    : json(404, { success: false, message: 'Not found.' });

function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const json = (status: number, content: unknown): Page => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(content),
});

import { documentOf, type Answered } from './document.ts';
import { page, type Shown } from './page.ts';

const SETTINGS = /^\/v1\/projects\/([^/]+)\/settings$/;
const USER = /^\/users\/(.+)\.json$/;

/** What there is to read. */
export function show(path: string, query: URLSearchParams, shown: Shown): Answered {
  const { store, counts, users, writeKeys, url } = shown;
  const writeKey = decoded(SETTINGS.exec(path)?.[1]);
  if (writeKey !== undefined) return settings(writeKey, writeKeys);
  if (path === '/') return documentOf(page(shown, query.get('user')));
  if (path === '/state.json') return json(200, { url, store, counts, users: users.count() });
  const id = decoded(USER.exec(path)?.[1]);
  const user = id === undefined ? undefined : users.get(id);
  if (user !== undefined) return json(200, { id, ...user });
  return json(404, { success: false, message: 'Not found.' });
}

/** The settings that libraries load from Segment's CDN: what a write key can be checked by. */
const settings = (writeKey: string, known: Shown['writeKeys']): Answered =>
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

const json = (status: number, content: unknown): Answered => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(content),
});

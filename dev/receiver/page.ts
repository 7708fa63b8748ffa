import { html, type Html } from './html.ts';
import { lookedUp, newestUsers } from './page-users.ts';
import { dropReasons, type DropReason } from './reasons.ts';
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

const figure = new Intl.NumberFormat('en');

const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** What the receiver is and what came, for a person. `user` is the id that was searched for. */
export function page(shown: Shown, user: string | null): Html {
  const { store, counts, users, writeKeys, url } = shown;
  return html`<header>
      <h1>A stand-in for Segment</h1>
      <p>
        This is not Segment. It takes what is sent to Segment's Tracking API, keeps to Segment's rules, shows
        what arrived and passes nothing on. It runs on this machine, as <code>${url}</code>.
        ${knownKeys(writeKeys)}
      </p>
      <p class="faint">
        Segment answers 200 to most events that it drops, and so does this: see what was dropped below.
      </p>
      <form action="/" role="search">
        <input name="user" value="${user ?? ''}" aria-label="userId" placeholder="userId or anonymousId" />
        <button>Find</button>
      </form>
    </header>
    <p id="gone" class="alarm" role="status">The receiver does not answer any more.</p>
    <main>
      ${tiles(counts, store === 'events' ? users.count() : null)}
      ${user === null || user === '' ? '' : lookedUp(user, users.get(user))} ${dropped(counts)}
      ${statuses(counts)} ${store === 'events' ? arrived(shown) : onlyCounted}
    </main>`;
}

function knownKeys(writeKeys: Shown['writeKeys']): string {
  if (writeKeys === null) return 'Every write key is known.';
  return writeKeys.size === 1
    ? 'One write key is known.'
    : `${figure.format(writeKeys.size)} write keys are known.`;
}

const onlyCounted = html`<p class="faint">
  This one counts events and keeps none, so there is no user to show.
</p>`;

const arrived = ({ users, url, writeKeys }: Shown): Html =>
  users.count() === 0
    ? nothingYet(url, writeKeys === null ? 'any' : '<a known write key>')
    : newestUsers(users.newest(), users.count());

function tiles(counts: Counts, users: number | null): Html {
  const tile = (name: string, count: number): Html =>
    html`<li><strong>${figure.format(count)}</strong>${name}</li>`;
  return html`<ul class="tiles">
    ${tile('events accepted', counts.accepted)} ${users === null ? '' : tile('users', users)}
    ${tile('requests', counts.requests)} ${tile('duplicates', counts.duplicates)}
    ${tile('events dropped', sum(counts.dropped))} ${tile('events refused', counts.refused)}
  </ul>`;
}

function dropped(counts: Counts): Html {
  const reasons = Object.entries(counts.dropped) as [DropReason, number][];
  if (reasons.length === 0) return html``;
  return html`<h2>Dropped, and answered 200</h2>
    <table class="narrow">
      ${reasons.map(
        ([reason, events]) =>
          html`<tr>
            <td class="number">${figure.format(events)}</td>
            <td><code>${reason}</code></td>
            <td>${dropReasons[reason]}</td>
          </tr>`,
      )}
    </table>`;
}

function statuses({ requestsByStatus, requests }: Counts): Html {
  if (requests === (requestsByStatus['200'] ?? 0)) return html``;
  return html`<h2>Requests by answer</h2>
    <table class="narrow">
      ${Object.entries(requestsByStatus).map(
        ([status, count]) =>
          html`<tr>
            <td class="number">${figure.format(count)}</td>
            <td>${status === 'reset' ? 'connection broken' : `HTTP ${status}`}</td>
          </tr>`,
      )}
    </table>`;
}

const nothingYet = (url: string, writeKey: string): Html =>
  html`<h2>No user has arrived yet</h2>
    <p>Run a sync, or send one by hand:</p>
    <pre>
curl ${url}/v1/identify -H 'content-type: application/json' \\
  -d '{"writeKey":"${writeKey}","userId":"user-1","traits":{"plan":"pro"}}'</pre>`;

import { html, type Html } from './html.ts';
import type { ReceivedUser } from './users.ts';

/** More are one click away. */
const SHOWN_TRAITS = 12;
const SHOWN_CHARACTERS = 120;

const figure = new Intl.NumberFormat('en');

/** As JSON, so that a number is told from a string, and what cannot be seen is escaped. */
function shortened(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

/** Through a buffer, since half a surrogate pair has no place in an address. */
const jsonOf = (id: string): string => `/users/${encodeURIComponent(Buffer.from(id).toString())}.json`;

function row([id, { traits, identifies }]: [string, ReceivedUser]): Html {
  const all = Object.entries(traits);
  return html`<tr>
    <td class="id">
      <a href="${jsonOf(id)}"><bdi>${id}</bdi></a>
    </td>
    <td>
      <div class="traits">
        ${all.slice(0, SHOWN_TRAITS).map(
          ([name, value]) =>
            html`<span
              ><b><bdi>${name}</bdi></b> <bdi>${shortened(value)}</bdi></span
            >`,
        )}
        ${all.length > SHOWN_TRAITS ? html`<span class="faint">and ${all.length - SHOWN_TRAITS} more</span>` : ''}
      </div>
    </td>
    <td class="number">${figure.format(identifies)}</td>
  </tr>`;
}

export function newestUsers(newest: [string, ReceivedUser][], count: number): Html {
  const title =
    newest.length < count
      ? `The newest ${newest.length} of ${figure.format(count)} users`
      : 'Users, newest first';
  return html`<h2>${title}</h2>
    <div class="scroll">
      <table>
        <tr>
          <th>id</th>
          <th>traits</th>
          <th class="number">identifies</th>
        </tr>
        ${newest.map(row)}
      </table>
    </div>`;
}

/** What the search found. */
export function lookedUp(id: string, user: ReceivedUser | undefined): Html {
  if (user === undefined) {
    return html`<h2>Search</h2>
      <p>No identify of <code>${id}</code> has been accepted.</p>`;
  }
  return html`<h2>
      <a href="${jsonOf(id)}"><bdi>${id}</bdi></a>
    </h2>
    <pre>${JSON.stringify(user, null, 2)}</pre>`;
}

import { has, isFields, type Fields } from './checked.ts';
import type { Finding } from './issues.ts';
import { parseTraitPath } from './trait-path.ts';

/** What Backhaul says of itself in the context of every message. */
const ownContext = ['app', 'library'];

/** What a sync says of its messages beside the traits. */
export const envelopeFindings = (sync: Fields): Finding[] => [
  ...exclusionFindings(sync),
  ...contextFindings(sync.context),
  ...integrationFindings(sync.integrations),
];

const exclusionFindings = (sync: Fields): Finding[] =>
  has(sync, 'exclude') && sync.properties !== 'all'
    ? [
        {
          path: ['exclude'],
          at: 'key',
          message: '"exclude" is for properties: all only',
          fix: 'Leave it out: only what "mapping" names is sent.',
        },
      ]
    : [];

const contextFindings = (context: unknown): Finding[] =>
  Array.isArray(context)
    ? context.flatMap((entry: unknown, index): Finding[] => {
        const name = isFields(entry) && typeof entry.to === 'string' ? parseTraitPath(entry.to)?.[0] : null;
        if (name == null || !ownContext.includes(name)) return [];
        const message = `"${name}" of the context says which program sends the message`;
        return [{ path: ['context', index, 'to'], at: 'value', message, fix: 'Give it another name.' }];
      })
    : [];

/** Their names are case-sensitive: https://segment.com/docs/connections/spec/common/#integrations */
const integrationFindings = (integrations: unknown): Finding[] =>
  isFields(integrations)
    ? Object.keys(integrations)
        .filter((name) => name !== 'All' && name.toLowerCase() === 'all')
        .map((name) => ({
          path: ['integrations', name],
          at: 'key',
          message: `"${name}" is no integration`,
          fix: 'Write All.',
        }))
    : [];

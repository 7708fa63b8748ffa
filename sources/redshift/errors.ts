import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import { placeOf, postgresError, type Wrapped } from '../postgres/errors.ts';

/**
 * What Redshift says in words only: the Data API gives no SQLSTATE, and Redshift's own limits have no SQLSTATE of their
 * own. The first that fits.
 */
const byWords: readonly (readonly [RegExp, ErrorCode])[] = [
  [/permission denied for/i, 'source_permission'],
  [/syntax error|unterminated quoted/i, 'source_syntax'],
  [/database "[^"]*" does not exist/i, 'source_database_missing'],
  [/password authentication failed|(?:user|role) "[^"]*" does not exist/i, 'source_credentials'],
  // A table was replaced while it was read, as loaders do.
  [/could not open relation with OID|dropped by concurrent transaction|concurrent DDL/i, 'source_changed'],
  [/serializable isolation violation/i, 'source_interrupted'],
  [/column .*does not exist/i, 'source_column_missing'],
  [/(?:relation|schema|table) .*(?:does not exist|not found)/i, 'source_table_missing'],
  [/read-only transaction/i, 'not_a_select'],
  [/SSL off/i, 'source_tls'],
  [/NoSuchBucket|PermanentRedirect/, 'source_database_missing'],
  [/S3ServiceException.*(?:SlowDown|Status 50[03])/s, 'source_busy'],
  [
    /S3ServiceException.*(?:AccessDenied|Status 403)|not authorized to (?:assume|get credentials)/s,
    'source_permission',
  ],
  [
    /exceeded (?:the )?(?:maximum )?(?:result )?size limit|cursor.*exceeds.*(?:limit|maximum)/i,
    'source_result_too_large',
  ],
  [
    /cancel+ed on user's request|statement timeout|cancel+ing statement|query cancel+ed|aborted by|abort action/i,
    'source_timeout',
  ],
  [/connection (?:limit|slots)|too many connections/i, 'source_busy'],
  [/terminating connection|connection (?:reset|refused|closed|attempt failed)/i, 'source_interrupted'],
];

/** What stands in quotation marks may be a value of a row, which decides nothing. */
const codeByWords = (message: string): ErrorCode | undefined => {
  const words = message.replace(/"[^"]*"/g, '""');
  return byWords.find(([pattern]) => pattern.test(words))?.[1];
};

/** A failure of a session. Redshift's text is left out: it may quote a value. */
export function sessionError(connection: string, error: unknown, wrapped?: Wrapped): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const known = postgresError(connection, error, wrapped);
  const message = error instanceof Error ? error.message : '';
  // Redshift keeps XX000 and 28000 for many things.
  const told = codeByWords(message);
  const { code } = error as { code?: unknown };
  const vague = known.code === 'source_query_failed' || code === '28000';
  const found = vague ? (told ?? known.code) : known.code;
  return new BackhaulError(found, known.where, { ...advice(found, message, known.action), cause: error });
}

/** A failure of a statement of the Data API: its text is all that there is. */
export function statementError(connection: string, text: string, wrapped?: Wrapped): BackhaulError {
  const code = codeByWords(text) ?? 'source_query_failed';
  const position = /Position: (\d+)/.exec(text)?.[1];
  const where = [
    `connection ${connection}`,
    ...(wrapped === undefined ? [] : [`model ${wrapped.model}`]),
    ...(wrapped === undefined || position === undefined ? [] : [placeOf(wrapped, Number(position))]),
  ].join(', ');
  return new BackhaulError(code, where, advice(code, text));
}

function advice(code: ErrorCode, message: string, otherwise?: string): { action?: string } {
  if (code === 'source_permission') {
    const [, kind = '', object = ''] = /permission denied for (\w+) "?([\w$.]+)"?/.exec(message) ?? [];
    if (kind === 'schema') return { action: `Grant it: grant usage on schema ${object} to the user.` };
    if (object !== '') {
      return { action: `Grant it: grant select on ${object} to the user, and grant usage on its schema.` };
    }
    if (/S3Service|authorized/.test(message)) {
      return { action: 'Let unloadRole write to unloadTo (s3:PutObject), and attach it to the cluster.' };
    }
  }
  if (/NoSuchBucket/.test(message)) return { action: 'Check the bucket in unloadTo.' };
  if (/PermanentRedirect/.test(message)) {
    return { action: 'The bucket of unloadTo is in another region: set region to it.' };
  }
  return otherwise === undefined ? {} : { action: otherwise };
}

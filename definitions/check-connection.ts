import { has, checkSchema, isFields, textsIn, type Checked, type Fields } from './checked.ts';
import {
  connectionSchemas,
  isConnectionType,
  unavailableConnectionTypes,
  type ConnectionDefinition,
} from './connection.ts';
import type { Finding } from './issues.ts';
import { nearestName, suggestName } from './nearest.ts';
import { POSTGRES_URL } from './postgres-connection.ts';
import { formatReference, isOwnVariable, piecesOf } from './reference-syntax.ts';
import { isLiteralSecret, suggestVariable } from './secrets.ts';

export function checkConnection(name: string, value: unknown): Checked<ConnectionDefinition> {
  const findings = isFields(value) ? [...typeFindings(name, value), ...referenceFindings(value)] : [];
  const type = isFields(value) ? value.type : 'postgres';
  // Without a type that we know, no other field can be judged.
  if (typeof type !== 'string' || !isConnectionType(type))
    return { definition: null, findings, warnings: [] };

  const title = isFields(value) ? `the ${type} connection "${name}"` : `the connection "${name}"`;
  const { data, findings: found } = checkSchema({
    schema: connectionSchemas[type].written,
    title,
    value,
    quoteValues: false,
  });
  findings.push(...found);
  if (isFields(value) && type === 'postgres') findings.push(...postgresFindings(value, title));
  return {
    definition: findings.length === 0 ? data : null,
    findings,
    warnings: isFields(value) ? secretWarnings(name, value) : [],
  };
}

function typeFindings(name: string, fields: Fields): Finding[] {
  const known = Object.keys(connectionSchemas);
  const { type } = fields;
  if (typeof type === 'string' && isConnectionType(type)) return [];
  if (!has(fields, 'type')) {
    const message = `"type" is missing in the connection "${name}"`;
    return [{ path: ['type'], at: 'key', absence: true, message, fix: `Add type: ${known.join(' or ')}.` }];
  }
  if (typeof type === 'string' && unavailableConnectionTypes.includes(type)) {
    const message = `not_available_yet: connections of type ${type} are not available yet`;
    return [
      {
        path: ['type'],
        at: 'value',
        code: 'not_available_yet',
        message,
        fix: `Use one of ${known.join(', ')}.`,
      },
    ];
  }
  const fix = typeof type === 'string' ? suggestName(type, known, '') : `Use one of ${known.join(', ')}.`;
  return [{ path: ['type'], at: 'value', message: '"type" is not a type of connection', fix }];
}

function referenceFindings(fields: Fields): Finding[] {
  return [...textsIn(fields)].flatMap(({ path, text }) =>
    piecesOf(text).flatMap((piece): Finding[] => {
      if (piece.kind === 'malformed') {
        return [
          {
            path,
            at: 'value',
            message: `"${path.join('.')}" holds \${ that begins no reference`,
            fix: 'Write ${VARIABLE} or ${file:/absolute/path}; a plain ${ is written $${.',
          },
        ];
      }
      if (piece.kind !== 'variable' || !isOwnVariable(piece.name)) return [];
      const message = `${formatReference(piece)} is a variable of Backhaul or Temporal itself, which no connection may read`;
      return [{ path, at: 'value', message, fix: 'Set a variable of another name and refer to that.' }];
    }),
  );
}

const partFields = ['host', 'port', 'database', 'user', 'password'] as const;
const requiredParts = ['host', 'database', 'user'] as const;

function postgresFindings(fields: Fields, title: string): Finding[] {
  const parts = partFields.filter((part) => has(fields, part));
  if (has(fields, 'url')) {
    const both = parts.map((part): Finding => ({
      path: [part],
      at: 'key',
      message: `"${part}" is given beside "url"`,
      fix: 'Write either url, or host, port, database, user and password.',
    }));
    return [...both, ...urlFindings(fields.url)];
  }
  if (parts.length > 0) {
    return requiredParts
      .filter((part) => !has(fields, part))
      .map((part) => missing(part, `Add ${part}, or write a url.`, title));
  }
  const slip = Object.keys(fields).some((field) => nearestName(field, ['url', ...partFields]) !== null);
  return slip
    ? []
    : [missing('url', 'Add url: ${WAREHOUSE_URL}, or host, database, user and password.', title)];
}

const missing = (field: string, fix: string, title: string): Finding => ({
  path: [field],
  at: 'key',
  absence: true,
  message: `"${field}" is missing in ${title}`,
  fix,
});

function urlFindings(url: unknown): Finding[] {
  const first = typeof url === 'string' ? piecesOf(url)[0] : undefined;
  if (first?.kind !== 'text' || first.text.trim() === '' || POSTGRES_URL.test(first.text)) return [];
  return [
    {
      path: ['url'],
      at: 'value',
      message: '"url" does not begin with postgres:// or postgresql://',
      fix: 'Write postgres://user@host:5432/database, or ${WAREHOUSE_URL}.',
    },
  ];
}

const secretWarnings = (name: string, fields: Fields): Finding[] =>
  Object.entries(fields)
    .filter(([field, value]) => isLiteralSecret(field, value))
    .map(([field]) => ({
      path: [field],
      at: 'value',
      code: 'literal_secret',
      message: `"${field}" of the connection "${name}" holds a secret, which is stored with the definition`,
      fix: `Write \${${suggestVariable(name, field)}} and set that variable for the workers.`,
    }));

import { checkSchema, has, isFields, textsIn, type Checked, type Fields } from './checked.ts';
import { connectionSchemas, isConnectionType, schemasOf, type ConnectionDefinition } from './connection.ts';
import type { Finding } from './issues.ts';
import { suggestName } from './nearest.ts';
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
  if (isFields(value)) findings.push(...(schemasOf(type).check?.(value, title) ?? []));
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

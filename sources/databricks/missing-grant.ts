const DENIED =
  /does not have (?:permission )?([A-Z]+(?: [A-Z]+)*) on ([A-Za-z]+(?: [A-Za-z]+)*) ('[^'\n]+'|`[^`\n]+`(?:\.`[^`\n]+`)*)/;
const GENERAL =
  'Have an owner run: GRANT USE CATALOG ON CATALOG … TO `principal`; GRANT USE SCHEMA ON SCHEMA … TO `principal`; GRANT SELECT ON TABLE … TO `principal`.';

/** Which privilege Databricks misses, and the statement that gives it, as far as its message tells. */
export function missingGrant(message: string): { missing: string | null; action: string } {
  const [, privilege, kind, quoted] = DENIED.exec(message) ?? [];
  if (privilege === undefined || kind === undefined || quoted === undefined) {
    return { missing: null, action: GENERAL };
  }
  const name = quoted.replace(/^'|'$|`/g, '');
  const written = name
    .split('.')
    .map((part) => `\`${part}\``)
    .join('.');
  return {
    missing: `${privilege} on ${name} is missing`,
    action: `Have an owner run: GRANT ${privilege} ON ${kind.toUpperCase()} ${written} TO \`principal\`.`,
  };
}

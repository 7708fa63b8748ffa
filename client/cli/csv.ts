/**
 * A line of CSV: https://www.rfc-editor.org/rfc/rfc4180. Null is an empty field, and an empty string a pair of quotes, so that
 * readers which know both tell them apart.
 */
export const csvLine = (fields: readonly (string | null)[]): string =>
  `${fields.map((field) => (field === null ? '' : quoted(field))).join(',')}\r\n`;

const quoted = (field: string): string =>
  field === '' || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

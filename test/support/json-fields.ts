/** The paths of the fields of a JSON document: `run.rows.read`, `changes[].name`. */
const fieldsOf = (value: unknown, path = ''): string[] => {
  if (typeof value !== 'object' || value === null) return [path];
  if (Array.isArray(value))
    return [path, ...value.flatMap((one) => (typeof one === 'object' ? fieldsOf(one, `${path}[]`) : []))];
  const fields = Object.entries(value);
  return fields.length === 0
    ? [path]
    : fields.flatMap(([name, one]) => fieldsOf(one, path === '' ? name : `${path}.${name}`));
};

/** The fields that only one of two JSON documents has. */
export function otherFields(one: string, other: string): string[] {
  const [ours, theirs] = [one, other].map((text) => new Set(fieldsOf(JSON.parse(text))));
  return [
    ...[...(ours ?? [])].filter((field) => theirs?.has(field) !== true),
    ...[...(theirs ?? [])].filter((field) => ours?.has(field) !== true),
  ];
}

const SECRET_FIELDS = ['writeKey', 'password', 'url', 'token'];

/** A definition as it may be shown: a secret is shown only when it is a reference. */
export const withoutSecrets = (definition: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(definition).map(([field, value]: [string, unknown]) => [
      field,
      SECRET_FIELDS.includes(field) && typeof value === 'string' && !/^\$\{[^}]+\}$/.test(value)
        ? '(not shown)'
        : value,
    ]),
  );

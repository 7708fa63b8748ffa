import { isLiteralSecret } from '../../definitions/secrets.ts';

/** A definition as it may be shown: a secret is shown only when it is a reference. */
export const withoutSecrets = (definition: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(definition).map(([field, value]: [string, unknown]) => [
      field,
      isLiteralSecret(field, value) ? '(not shown)' : value,
    ]),
  );

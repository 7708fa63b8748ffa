/** Connections, models and syncs: safe in a workflow id, a path, a URL and a shell. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

export const NAME_RULE =
  'Use letters, digits, "_", "-" and ".", at most 100 of them, beginning with a letter or a digit.';

export const isName = (name: string): boolean => NAME_PATTERN.test(name);

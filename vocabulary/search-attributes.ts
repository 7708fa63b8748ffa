/** What runs are found by in Temporal. Registered by `dev` and `migrate`; a run does without where they are missing. */
export const searchAttributeNames = [
  'BackhaulSync',
  'BackhaulStatus',
  'BackhaulMode',
  'BackhaulInstallation',
] as const;

/** Those that a namespace does not have, by the custom ones that it has. */
export const missingSearchAttributes = (custom: object): (typeof searchAttributeNames)[number][] =>
  searchAttributeNames.filter((name) => !(name in custom));

/** PostgreSQL reads PG*, LC_* and TZ of its environment; none of ours is meant for it. */
export const postgresEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

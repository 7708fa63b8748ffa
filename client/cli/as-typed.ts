/** Commands as texts name them: `backhaul run`, but not the product, and not what is behind `npx` already. */
const COMMAND = /(?<![\w./@:=-]|npx )backhaul (?=(?:--)?[a-z])/g;

/** How the command was called: `npx` and `npm exec` say so to what they start. */
export const commandName = (env: NodeJS.ProcessEnv): string =>
  env.npm_command === 'exec' ? 'npx backhaul' : 'backhaul';

/** A text with its commands as this person types them, to be copied as they stand. */
export const asTyped = (text: string, env: NodeJS.ProcessEnv): string =>
  text.replace(COMMAND, `${commandName(env)} `);

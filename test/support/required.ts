/** What the global set-up of the test run has put into the environment. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: tests are started by jest, with test/support/global-setup.js.`);
  return value;
}

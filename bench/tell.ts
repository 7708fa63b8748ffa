/** How a process of the bench tells the one that started it what it found: one line of JSON. */
export const tell = (found: object): void => void process.stdout.write(`${JSON.stringify(found)}\n`);

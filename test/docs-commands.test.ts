import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { colorsFor } from '../client/cli/io.ts';
import { runCli } from '../client/cli/run-cli.ts';
import { blocksOf, headingsOf, pages, readPage, spansOf } from './support/pages.ts';
import { BACKHAUL } from './support/worker-process.ts';

/** The whole command as a process: it has commands besides those of the client. */
function saidByProcess(...args: string[]): string | null {
  try {
    return execFileSync(process.execPath, [BACKHAUL, ...args], { env: {}, encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return null;
  }
}

/** The client's part of it, in this process, which takes a fraction of the time. */
async function saidHere(...args: string[]): Promise<string | null> {
  const lines: string[] = [];
  const exit = await runCli(args, {
    env: {},
    cwd: '/',
    out: (line) => void lines.push(line),
    err: () => undefined,
    isTerminal: false,
    confirm: async () => undefined,
    ask: null,
    readStdin: async () => '',
    interrupted: new AbortController().signal,
    colors: colorsFor(false, {}),
  });
  return exit === 0 ? lines.join('\n') : null;
}

const helps = new Map<string, string | null>();

/** What `backhaul help COMMAND` says, and its own commands do; null when there is no such command. */
async function helpOf(command: string): Promise<string | null> {
  const known = helps.get(command);
  if (known !== undefined) return known;
  const own = (await saidHere('help', command)) ?? saidByProcess('help', command);
  const parts = [...(/^Commands:$(.*)/ms.exec(own ?? '')?.[1] ?? '').matchAll(/^ {2}([a-z]+) /gm)]
    .map(([, part = '']) => part)
    .filter((part) => part !== 'help');
  const helpOfParts = await Promise.all(parts.map((part) => saidHere(command, part, '--help')));
  const help = own === null ? null : [own, ...helpOfParts].join('\n');
  helps.set(command, help);
  return help;
}

const optionsIn = (help: string): string[] =>
  [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option);

/** `backhaul COMMAND …` in blocks, spans and headings, but not as a name in a path, a URL or an option. */
const COMMAND = /(?<![\w./@:='"-])backhaul (?!help)([a-z]+(?:-[a-z]+)*)([^|;#&]*)/g;

const linesOf = (page: string): string[] => [
  ...headingsOf(page).filter((heading) => heading.startsWith('backhaul ')),
  ...blocksOf(page).flatMap(({ text }) => text.split('\n')),
  ...spansOf(page),
];

describe('the commands', () => {
  it('that pages name are there, with their options', async () => {
    const used = pages.flatMap((page) =>
      linesOf(page)
        .flatMap((line) => [...line.matchAll(COMMAND)])
        .map(([, command = '', rest = '']) => ({
          page,
          command,
          options: rest.match(/(?<!\S)--[a-z-]+/g) ?? [],
        })),
    );
    expect(used.length).toBeGreaterThan(20);
    const unknown: string[] = [];
    for (const { page, command, options } of used) {
      const help = await helpOf(command);
      if (help === null) unknown.push(`${page}: backhaul ${command}`);
      else {
        const missing = options.filter((option) => !optionsIn(help).includes(option));
        unknown.push(...missing.map((option) => `${page}: backhaul ${command} ${option}`));
      }
    }
    expect(unknown).toEqual([]);
  });

  it('that are there have a place in docs/cli.md, with their options', async () => {
    const list = saidByProcess('--help') ?? '';
    const commands = [...list.matchAll(/^ {2}([a-z]+) /gm)]
      .map(([, command = '']) => command)
      .filter((command) => command !== 'help');
    expect(commands).toEqual(expect.arrayContaining(['run', 'worker']));
    // Every command has its place among the groups of the help.
    expect(list).not.toContain('More:');
    const helps = await Promise.all(commands.map(helpOf));
    const text = readPage('docs/cli.md');
    const missing = [
      ...commands.map((command) => `backhaul ${command}`),
      ...helps.flatMap((help) => optionsIn(help ?? '')),
    ].filter((name) => name !== '--help' && !text.includes(name));
    expect(missing).toEqual([]);
  });
});

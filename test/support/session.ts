/** A command of a session that a page shows, and what it says there. */
export interface Exchange {
  command: string;
  says: string[];
}

/** `$ command`, and below it what it says. A command goes on behind `\`. */
export function exchangesOf(text: string): Exchange[] {
  const exchanges: Exchange[] = [];
  let goesOn = false;
  for (const line of text.trimEnd().split('\n')) {
    const last = exchanges.at(-1);
    if (line.startsWith('$ ')) exchanges.push({ command: line.slice(2), says: [] });
    else if (last === undefined) throw new Error(`a session begins with a command, not with: ${line}`);
    else if (goesOn) last.command += `\n${line}`;
    else last.says.push(line);
    goesOn = (line.startsWith('$ ') || goesOn) && line.endsWith('\\');
  }
  return exchanges;
}

/** What is another one each time. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID'],
  [/\b[0-9a-f]{64}\b/g, 'SHA256'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/\b\d+(\.\d+)? (s|min|ms)\b/g, 'DURATION'],
  [/127\.0\.0\.1:\d+/g, 'LOCALHOST'],
  [/\s+/g, ' '],
];

const levelled = (line: string): string =>
  CHANGING.reduce((text, [what, by]) => text.replaceAll(what, by), line).trim();

const ELLIPSIS = '…';

/**
 * The first line of a page that a command did not say, or null. Ids, times and durations may be others; `…` stands for anything in
 * a line, and alone in a line for any lines.
 */
export function firstNotSaid(says: readonly string[], said: string): string | null {
  const lines = said.trimEnd().split('\n').map(levelled);
  let at = 0;
  let skips = false;
  for (const line of says) {
    if (line.trim() === ELLIPSIS) {
      skips = true;
      continue;
    }
    const pattern = patternOf(levelled(line));
    const found = lines.findIndex((one, index) => index >= at && pattern.test(one));
    if (found === -1 || (found > at && !skips)) return line;
    [at, skips] = [found + 1, false];
  }
  return skips || at >= lines.filter((line) => line !== '').length ? null : `nothing more after ${at} lines`;
}

const patternOf = (line: string): RegExp =>
  new RegExp(
    `^${line
      .split(ELLIPSIS)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );

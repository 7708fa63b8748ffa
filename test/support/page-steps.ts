import { readPage } from './pages.ts';

/** What a reader of a page does at one of its blocks. */
export interface PageStep {
  /** `docs/segment.md:57`, the line of its first line. */
  at: string;
  /** `answer`: the JSON that the command above it says, by its fields. */
  kind: 'file' | 'shell' | 'session' | 'program' | 'answer';
  text: string;
  /** Of a file: its name. */
  name: string;
  /** Why it is not run; null when it is. */
  notRun: string | null;
  /** It stays up, and the next step begins when it has said this. */
  staysUpAfter: string | null;
  /** The exit code. */
  endsWith: number;
}

/** `<!-- not run: why -->` and its like, above a block. They are seen in the source of a page, and not on it. */
const MARK = /^<!-- (not run|stays up after|ends with|answer): (.+) -->$/;
const FENCE = /^```(\w*)$/;
const FILE_NAME = /^(?:#|--) ([\w./-]+\.\w+)/;

const kinds: Readonly<Record<string, PageStep['kind']>> = {
  sh: 'shell',
  bash: 'shell',
  console: 'session',
  ts: 'program',
  yaml: 'file',
  sql: 'file',
  python: 'file',
};

/**
 * The blocks of a page that do something, in its order: shells, sessions of a shell with what it says, programs, and files, which
 * carry their name in a comment in their first line. JSON is an answer where its mark says so.
 */
export function stepsOf(page: string): PageStep[] {
  const steps: PageStep[] = [];
  let marks = new Map<string, string>();
  let block: { language: string; lines: string[]; from: number } | null = null;
  readPage(page)
    .split('\n')
    .forEach((line, index) => {
      if (block !== null) {
        if (line !== '```') return void block.lines.push(line);
        const step = stepOf(page, block, marks);
        if (step !== null) steps.push(step);
        block = null;
        marks = new Map();
        return;
      }
      const language = FENCE.exec(line)?.[1];
      const [, mark, value = ''] = MARK.exec(line) ?? [];
      if (language !== undefined) block = { language, lines: [], from: index + 2 };
      else if (mark !== undefined) marks.set(mark, value);
      else if (line !== '' && marks.size > 0)
        throw new Error(`${page}:${index + 1}: a mark without its block`);
    });
  return steps;
}

function stepOf(
  page: string,
  { from, language, lines }: { language: string; lines: readonly string[]; from: number },
  marks: ReadonlyMap<string, string>,
): PageStep | null {
  const kind = language === 'json' && marks.has('answer') ? 'answer' : kinds[language];
  const name = FILE_NAME.exec(lines[0] ?? '')?.[1] ?? '';
  if (kind === undefined || (kind === 'file' && name === '')) return null;
  return {
    at: `${page}:${from}`,
    kind,
    text: `${lines.join('\n')}\n`,
    name,
    notRun: marks.get('not run') ?? null,
    staysUpAfter: marks.get('stays up after') ?? null,
    endsWith: Number(marks.get('ends with') ?? 0),
  };
}

import { errorTable, type ErrorCode, type ErrorEntry } from './errors.ts';

const intro = `# Errors

<!-- Written by scripts/write-docs.js from vocabulary/errors.ts: change that, then run \`npm run docs\`. -->

Whatever Backhaul ends with has a code of this page. It is \`error.code\` of a run, the type of the failure in the Temporal
UI, and \`code\` of the library's \`BackhaulError\`. Beside it stand \`message\`, what happened and where, and \`action\`,
what to do. Neither holds a value of a row or a secret. Codes stay; texts may change, so let programs look at codes only.

**Retried by itself**: Backhaul goes on trying, for as long as the limits of the sync allow, and there is nothing to do
unless it lasts. All others fail at once, since a person must mend something first.

The exit code is that of the command line: 1 the run failed, or went beyond the sync's limits; 2 usage; 3 definitions
invalid; 4 a server cannot be reached.
`;

/** `docs/errors.md`, as it has to be. */
export function errorsPage(): string {
  const codes = (Object.keys(errorTable) as ErrorCode[]).sort();
  return [intro, ...codes.map((code) => section(code, errorTable[code]))].join('\n');
}

const section = (code: ErrorCode, { meaning, action, retryable, exit }: ErrorEntry): string => `## ${code}

${asMarkdown(meaning)}

**What to do:** ${asMarkdown(action)}

Retried by itself: ${retryable ? 'yes' : 'no'} · exit code ${exit}
`;

/** Outside of code, Markdown takes `<name>` for HTML. */
const asMarkdown = (text: string): string =>
  text
    .split('`')
    .map((part, position) => (position % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`');

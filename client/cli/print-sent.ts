import { invalidReasons } from '../../vocabulary/invalid.ts';
import type { SentRow } from '../send-row.ts';
import type { CliIo } from './io.ts';
import { printError } from './output.ts';

/** A row that was sent by itself, for people: what became of it, the message, the request, the answer. */
export function printSent(io: CliIo, sent: SentRow): void {
  const { colors } = io;
  const { answer, payload, posts, request, run } = sent;
  io.out(`${colors.bold(run.sync)} run ${run.number ?? '-'}: ${outcomeText(io, sent)}`);
  if (sent.change === 'unchanged')
    io.out('  unchanged since Segment last took it: it was sent all the same, since you asked for it');
  if (payload !== null) {
    io.out(colors.bold('message'));
    io.out(indented(JSON.stringify(payload, null, 2)));
  }
  if (request !== null) {
    io.out(colors.bold('request'));
    io.out(`  ${request.method} ${request.url}`);
    for (const [name, value] of Object.entries(request.headers)) io.out(`  ${name}: ${value}`);
    io.out('');
    io.out(`  ${request.body}`);
  }
  if (posts.length > 0) {
    io.out(colors.bold('answer'));
    io.out(`  ${answer === null ? 'none' : `HTTP ${answer.status}`}`);
    if (answer !== null && answer.body !== '') io.out(indented(answer.body));
    const earlier = posts.slice(0, -1).map(({ outcome, status }) => status ?? outcome ?? 'no answer');
    if (earlier.length > 0) io.out(`  asked before: ${earlier.join(', ')}`);
  }
  io.out(`  id        ${run.id}`);
  if (run.temporal.url !== null) io.out(`  Temporal  ${run.temporal.url}`);
  for (const warning of run.warnings) io.err(`  ${colors.yellow('warning')} ${warning}`);
  if (sent.outcome === 'not_in_model')
    io.err('  Keys are compared as they are sent, letter by letter: see them with `backhaul preview`.');
  if (run.error !== null) printError(io, run.error);
}

function outcomeText({ colors }: CliIo, { change, column, outcome, reason, run }: SentRow): string {
  switch (outcome) {
    case 'accepted':
      return `${colors.green('accepted')}${change === null ? '' : ` (${change})`}`;
    case 'rejected':
      return `${colors.red('rejected')} by Segment: ${reason ?? 'no reason is known'}`;
    case 'invalid':
      return `${colors.red('invalid')}, nothing was sent: ${meaningOf(reason)}${column === null ? '' : `, column ${column}`}`;
    case 'in_doubt':
      return `${colors.yellow('in doubt')}: it left, and the answer is not known`;
    case 'unsent':
    case 'adopted':
      return `${colors.red('not sent')}`;
    case 'not_in_model':
      return `${colors.red('no row of the model has this key')}, nothing was sent`;
    case 'not_kept':
      return `${run.status}; the blobs of the run cannot be read from here, so what became of the row is not known`;
    case null:
      return `${colors.red(run.status)}, nothing was sent`;
  }
}

function meaningOf(reason: string | null): string {
  const known = Object.entries(invalidReasons).find(([name]) => name === reason);
  return known === undefined ? String(reason) : `${known[1]} (${known[0]})`;
}

const indented = (text: string): string => text.replace(/^/gm, '  ');

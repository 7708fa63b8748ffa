/**
 * `npm run bench:sources [-- -t TYPE]`: what a read costs. For each source the peak memory of a process that brings 100,000
 * rows to rest, and then ten and thirty times as many, with rows per second, and the peak of one that only reads them; where
 * the server is no stand-in, also rows per second of the source alone and of the warehouse's own client with nobody who uses
 * the rows, in turns. It judges nothing.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from '@jest/globals';
import type { ReadFigures, ReadOrder } from '../../bench/sources/read-source.ts';
import type { ResolvedModel } from '../../sources/source.ts';
import { resolvedConnection } from '../conformance/resolved-connection.ts';
import type { Service } from '../conformance/subject.ts';
import { subjects } from '../conformance/subjects.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';

const PATIENCE_MS = 30 * 60_000;
const ROUNDS = 3;
const MB = 1024 * 1024;
const READER = join(import.meta.dirname, '../../dist/bench/sources/read-source.js');
/** Their servers are real, so that a ratio to the bare client says something. */
const REAL = ['postgres', 'mysql', 'elasticsearch', 'databricks'];

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

for (const { type, start } of subjects) {
  it(
    type,
    async () => {
      const service = await startOrSkip(type, start);
      if (service === null) return;
      try {
        await measure(type, service);
      } finally {
        await service.close();
      }
    },
    PATIENCE_MS,
  );
}

async function measure(type: string, service: Service): Promise<void> {
  const order = (model: ResolvedModel, how: ReadOrder['how']): ReadOrder => ({
    connection: resolvedConnection(type, service.connection),
    allowedEndpoints: service.allowedEndpoints,
    model,
    how,
  });
  const repeated = async (times: number): Promise<ResolvedModel> =>
    (await service.repeated?.(times)) ?? repeatedSql(service.models.rows, times);
  const million = await repeated(10);
  for (const model of [service.models.rows, million, await repeated(30)]) {
    const alone = await read(order(model, 'source'));
    const figures = await read(order(model, 'snapshot'));
    tell(
      `${type}: ${figures.rows} rows to rest ${perSecond(figures)}/s, peak ${megabytes(figures)} MB ` +
        `(of the source alone ${megabytes(alone)} MB)`,
    );
  }
  if (!REAL.includes(type)) return;
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const bare = await read(order(million, 'bare'));
    const ours = await read(order(million, 'source'));
    ratios.push(bare.seconds / bare.rows / (ours.seconds / ours.rows));
    tell(`${type}: source ${perSecond(ours)}/s, bare client ${perSecond(bare)}/s`);
  }
  const median = ratios.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)];
  tell(`${type}: ${median?.toFixed(2)} of the bare client (median of ${ROUNDS})`);
}

/** So many times the standard rows, in a dialect that all of them read. */
function repeatedSql(model: ResolvedModel, times: number): ResolvedModel {
  if (!('sql' in model)) throw new Error(`${model.name} is no SQL: its service has to repeat it`);
  const numbers = Array.from({ length: times }, (_, n) => `select ${n} as n`).join(' union all ');
  return { name: model.name, sql: `select u.* from (${model.sql}) u cross join (${numbers}) times` };
}

const perSecond = ({ rows, seconds }: ReadFigures): string => Math.round(rows / seconds).toLocaleString('en');
const megabytes = ({ peakRssBytes }: ReadFigures): number => Math.round(peakRssBytes / MB);

/** In a process of its own, whose memory is that of this read. */
function read(order: ReadOrder): Promise<ReadFigures> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [READER], { maxBuffer: MB }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as ReadFigures);
      else reject(new Error(`the read failed: ${stderr.slice(-2000)}`, { cause: error }));
    });
    child.stdin?.end(JSON.stringify(order));
  });
}

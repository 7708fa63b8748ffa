interface YamlError {
  message: string;
  fix: string;
}

const malformed: YamlError = {
  message: 'this is not YAML that can be read',
  fix: 'Check indentation, quotes and colons here and on the line before.',
};
const indentation: YamlError = {
  message: 'the indentation does not fit',
  fix: 'Indent the fields of one object by the same number of spaces, and close every bracket and quote.',
};
const anchors: YamlError = {
  message:
    'an alias (*name) has no anchor (&name) before it, stands inside its own anchor, or unfolds too often',
  fix: 'Write the anchor first, or write the value out.',
};

/**
 * Our words for the codes of the `yaml` package. Its own messages quote the file, which may hold a password.
 */
export const yamlErrors: Readonly<Record<string, YamlError>> & {
  readonly UNEXPECTED_TOKEN: YamlError;
  readonly BAD_ALIAS: YamlError;
} = {
  UNEXPECTED_TOKEN: malformed,
  BAD_ALIAS: anchors,
  BAD_INDENT: indentation,
  TAB_AS_INDENT: {
    message: 'a tab is used for indentation',
    fix: 'YAML takes spaces only: put spaces in its place.',
  },
  DUPLICATE_KEY: {
    message: 'this name occurs twice in the same object',
    fix: 'Remove one, or give it another name.',
  },
  MISSING_CHAR: {
    message: 'a quote, bracket, comma, colon or space is missing',
    fix: 'Close what was opened before, and put a space after each colon.',
  },
  MULTIPLE_DOCS: {
    message: 'a file holds one document, and here a second one begins',
    fix: 'Remove the line "---", or move what follows to a file of its own.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second colon makes this line ambiguous',
    fix: 'Put the value in quotes, or begin a new line for what is nested.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a name runs over several lines',
    fix: 'A colon is missing here, or a quote before.',
  },
  BLOCK_IN_FLOW: {
    message: 'an indented block stands inside { } or [ ]',
    fix: 'Use commas inside the brackets.',
  },
  BAD_SCALAR_START: {
    message: 'a plain value cannot begin with this character',
    fix: 'Put the value in quotes.',
  },
  BAD_DQ_ESCAPE: {
    message: 'a backslash in double quotes begins an escape that YAML does not know',
    fix: 'Use single quotes, or write the backslash twice.',
  },
  TAG_RESOLVE_FAILED: {
    message: 'a tag (!name) is used that definitions do not have',
    fix: 'Remove the tag.',
  },
  NON_STRING_KEY: { message: 'the name of a field must be text', fix: 'Put the name in quotes.' },
};

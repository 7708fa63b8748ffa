import { html, type Html } from './html.ts';

/** No fonts, no images, no files: the page works without a network. */
export const style: Html = html`<style>
  :root {
    color-scheme: light dark;
    --line: light-dark(#d8dce2, #363c46);
    --faint: light-dark(#5d6673, #9aa4b2);
    --card: light-dark(#f6f7f9, #1d2127);
    --accent: light-dark(#1f6f4a, #6fcf97);
    --alarm: light-dark(#a4342a, #f2917f);
  }
  * {
    box-sizing: border-box;
  }
  body {
    margin: 0 auto;
    max-width: 72rem;
    padding: 2rem 1.25rem 4rem;
    font:
      16px/1.5 system-ui,
      sans-serif;
    background: light-dark(#fff, #14171b);
    color: light-dark(#1b1f24, #e6e9ee);
  }
  h1 {
    font-size: 1.5rem;
    margin: 0;
  }
  h2 {
    font-size: 1.05rem;
    margin: 2.25rem 0 0.5rem;
  }
  p {
    margin: 0.4rem 0;
    max-width: 46rem;
  }
  a {
    color: var(--accent);
  }
  code,
  pre {
    font:
      0.875em/1.5 ui-monospace,
      monospace;
  }
  pre {
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 8px;
    padding: 0.75rem 1rem;
    overflow-x: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .faint {
    color: var(--faint);
  }
  .alarm {
    color: var(--alarm);
  }
  .tiles {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
    gap: 0.75rem;
    margin: 1.5rem 0 0;
    padding: 0;
    list-style: none;
  }
  .tiles li {
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 8px;
    padding: 0.6rem 0.9rem;
  }
  .tiles strong {
    display: block;
    font-size: 1.5rem;
    font-variant-numeric: tabular-nums;
  }
  form {
    display: flex;
    gap: 0.5rem;
    margin-top: 1.25rem;
    max-width: 32rem;
  }
  input,
  button {
    font: inherit;
    padding: 0.35rem 0.7rem;
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--card);
    color: inherit;
  }
  input {
    flex: 1;
    min-width: 0;
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    border-collapse: collapse;
    width: 100%;
  }
  .narrow {
    width: auto;
  }
  th,
  td {
    text-align: left;
    vertical-align: top;
    padding: 0.45rem 0.75rem 0.45rem 0;
    border-top: 1px solid var(--line);
  }
  th {
    font-weight: 600;
    border-top: 0;
  }
  .number {
    text-align: right;
    font-variant-numeric: tabular-nums;
  }
  .traits {
    display: flex;
    flex-wrap: wrap;
    gap: 0.1rem 1.1rem;
    overflow-wrap: anywhere;
  }
  .traits b {
    font-weight: 500;
    color: var(--faint);
  }
  .id {
    overflow-wrap: anywhere;
    min-width: 8rem;
  }
  body:not(.gone) #gone {
    display: none;
  }
</style>`;

import { html, type Html } from './html.ts';

/** Asks whether anything changed, and only then for the page. */
export const script: Html = html`<script type="module">
  const main = document.querySelector('main');
  let seen;
  async function refresh() {
    if (document.hidden) return;
    try {
      const state = await (await fetch('/state.json')).text();
      document.body.classList.remove('gone');
      if (state === seen) return;
      const page = await (await fetch(location.href)).text();
      main.replaceChildren(
        ...new DOMParser().parseFromString(page, 'text/html').querySelector('main').children,
      );
      seen = state;
    } catch {
      document.body.classList.add('gone');
    }
  }
  setInterval(refresh, 2000);
</script>`;

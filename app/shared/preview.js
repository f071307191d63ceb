// @ts-check
// What a choice of filters leads to, on the screen before the run that follows it. A route of the server makes the same
// page as the run (preview.py) and answers without Streamlit's round trip; the run is the truth, and finds its page shown.

/** @typedef {(address: string, token: string) => Promise<void>} AskPreview */

const PATIENCE = 8000; // milliseconds after which a choice that no run has followed is no longer shown as made

/**
 * The preview of the last choice.
 * @template Data
 */
export class Preview {
  /**
   * @param {(data: Data) => void} show
   * @param {() => void} giveUp no run has followed: what the last one brought is to be shown again
   */
  constructor(show, giveUp) {
    this.show = show;
    this.giveUp = giveUp;
    /** @type {string | null} the choice whose run has not come yet */
    this.token = null;
    this.shown = false;
    this.offered = true; // until the server turns out to have no such route
  }

  /**
   * Show what a choice leads to, if the server can tell. An answer that comes after the next choice, after the choice's own
   * run, or after the page was left, is dropped.
   * @param {string} address
   * @param {string} token
   */
  async ask(address, token) {
    this.end();
    if (!this.offered) return;
    const { signal } = (this.asking = new AbortController());
    this.token = token;
    const data = await this.fetch(address, signal);
    if (!data || signal.aborted) return;
    this.shown = true;
    this.timer = setTimeout(() => {
      this.end();
      this.giveUp();
    }, PATIENCE);
    this.show(data);
  }

  /**
   * Whether what a run brings is older than what is shown: it came before the run of the choice.
   * @param {string} acknowledged the last choice that the run has followed
   */
  outdates(acknowledged) {
    if (acknowledged === this.token) this.end();
    return this.shown;
  }

  /** What runs bring is shown from now on. */
  end() {
    this.asking?.abort();
    clearTimeout(this.timer);
    this.token = null;
    this.shown = false;
  }

  /**
   * What the server answers; null where it has no preview, or does not have the route: then it sends the app's own HTML.
   * @param {string} address
   * @param {AbortSignal} signal
   * @returns {Promise<Data | null>}
   */
  async fetch(address, signal) {
    try {
      const answer = await fetch(address, { signal });
      this.offered = !answer.headers.get("content-type")?.startsWith("text/html");
      return answer.status === 200 ? await answer.json() : null;
    } catch {
      return null; // taken back, or lost: the run shows the page
    }
  }
}

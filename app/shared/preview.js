// @ts-check
// A preview of the result of a choice of filters, on the screen before the run. A route of the server makes the same page as
// the run (preview.py) and answers without Streamlit's round trip. The run is the truth, and finds its page on the screen.

/** @typedef {(address: string, token: string) => Promise<void>} AskPreview */

const PATIENCE = 8000; // milliseconds; after them, a choice that no run has handled is shown as not made

/**
 * The preview of the last choice.
 * @template Data
 */
export class Preview {
  /**
   * @param {(data: Data) => void} show
   * @param {() => void} giveUp no run has followed: show the data of the last run again
   */
  constructor(show, giveUp) {
    this.show = show;
    this.giveUp = giveUp;
    /** @type {string | null} the token of the choice whose run has not come yet */
    this.token = null;
    this.shown = false;
    this.offered = true; // false once the server turns out to have no such route
  }

  /**
   * Show the result of a choice, if the server can preview it. The answer is dropped if it comes after the next choice, after
   * the run of this choice, or after the user has left the page.
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
   * Whether the data of a run is older than the preview on the screen: the run came before the run of the choice.
   * @param {string} acknowledged token of the last choice that the run has handled
   */
  outdates(acknowledged) {
    if (acknowledged === this.token) this.end();
    return this.shown;
  }

  /** Show the data of runs from now on. */
  end() {
    this.asking?.abort();
    clearTimeout(this.timer);
    this.token = null;
    this.shown = false;
  }

  /**
   * The server's answer; null if it has no preview, or lacks the route: then it sends the app's own HTML.
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
      return null; // aborted, or lost: the run shows the page
    }
  }
}

// @ts-check
// Navigates once to the address from Python.

import { Component, defineComponent, navigate } from "./common.js";

/** @typedef {{ address: string, once: string }} Data data from Python; once: a new token for each navigation */

/** @extends {Component<Data>} */
class Go extends Component {
  /** @param {Data} data */
  update(data) {
    if (data.once !== this.data?.once) navigate(data.address);
    this.data = data;
  }
}

export default defineComponent(Go);

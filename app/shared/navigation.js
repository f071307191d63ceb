// @ts-check
// Goes where Python says, once.

import { Component, defineComponent, navigate } from "./common.js";

/** @typedef {{ address: string, once: string }} Data what Python sends; once: another one for each time */

/** @extends {Component<Data>} */
class Go extends Component {
  /** @param {Data} data */
  update(data) {
    if (data.once !== this.data?.once) navigate(data.address);
    this.data = data;
  }
}

export default defineComponent(Go);

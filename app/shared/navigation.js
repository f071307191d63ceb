// Goes where Python says, once.

import { mounted, navigate } from "./common.js";

class Go {
  constructor() {}

  stop() {}

  update({ address, once }) {
    if (once !== this.once) navigate(address);
    this.once = once;
  }
}

export default mounted(Go);

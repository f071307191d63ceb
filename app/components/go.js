// Goes where Python says, once.

class Go {
  constructor() {}

  stop() {}

  update({ address, once }) {
    if (once !== this.once) navigate(address);
    this.once = once;
  }
}

export default mounted(Go);

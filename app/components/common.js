// What all components share; it is put in front of each one's own script.

// One object of class Kind a mounted component, kept over reruns so that focus and cursor stay where they are.
function mounted(Kind) {
  const instances = new WeakMap();
  return ({ data, parentElement, setTriggerValue }) => {
    if (!instances.has(parentElement)) instances.set(parentElement, new Kind(parentElement));
    const instance = instances.get(parentElement);
    instance.send = setTriggerValue;
    instance.update(data);
    return () => {
      instance.stop();
      instances.delete(parentElement);
    };
  };
}

// Text from data goes in as text, never as markup.
function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

function number(n) {
  return n.toLocaleString("en");
}

// Keys are for a component when it has the focus, or when nothing has.
function listens(root) {
  return document.activeElement === document.body || Boolean(root.getRootNode().activeElement);
}

// Show a character, or its code points where no font of this computer has it.
function character(element, text, codes) {
  const drawn = text && [...text].every((each) => drawable(each));
  element.textContent = drawn ? text : codes.replaceAll("U+", "");
  element.classList.toggle("codes", !drawn);
}

const known = new Map();
const MARKS = '40px "Noto Naskh Arabic", Amiri, "Scheherazade New", "Geeza Pro", "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';

// A character without a glyph is drawn as the same box as a code point that no font can have.
function drawable(text) {
  if (!known.has(text)) {
    const context = new OffscreenCanvas(64, 64).getContext("2d", { willReadFrequently: true });
    const picture = (each) => {
      context.clearRect(0, 0, 64, 64);
      context.font = MARKS;
      context.fillText(each, 8, 44);
      return context.getImageData(0, 0, 64, 64).data.join();
    };
    if (!known.has("")) known.set("", picture("\u{10FFFE}"));
    known.set(text, /[\p{Format}\p{Separator}]/u.test(text) || picture(text) !== known.get(""));
  }
  return known.get(text);
}

// @ts-check
// All points of the map, drawn by WebGL: one call a frame for half a million of them.

import { rgb } from "../shared/paint.js";
import { SHAPES } from "./markers.js";

const SIGNS = [...SHAPES, "cross"];
const MOST_KINDS = 16;

const VERTEX = `#version 300 es
in vec2 place;
in float kind;
in float visible;
uniform vec2 middle, scale;
uniform float side, wanted;
uniform vec3 colours[${MOST_KINDS}];
uniform int shapes[${MOST_KINDS}];
flat out int shape;
flat out vec3 colour;
void main() {
  int k = int(kind + 0.5);
  colour = colours[k];
  shape = shapes[k];
  gl_PointSize = side;
  gl_Position = visible == wanted ? vec4((place - middle) * scale, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
}`;

// The same signs as in markers.js, as distances from their edges in units of the radius; an edge is one pixel wide.
const FRAGMENT = `#version 300 es
precision highp float; // as in the vertex shader, with which it shares uniforms
flat in int shape;
flat in vec3 colour;
uniform float side, radius, opacity;
out vec4 ink;
void main() {
  vec2 q = (gl_PointCoord - 0.5) * side / radius, a = abs(q);
  float d = length(q) - 1.0;
  if (shape == 1) d = max(a.x, a.y) - 0.85;
  else if (shape == 2) d = (a.x + a.y - 1.15) * 0.707;
  else if (shape == 3) d = max(q.y - 0.9, 0.876 * a.x - 0.482 * (q.y + 1.1));
  else if (shape == 4) d = abs(length(q) - 0.8) - 0.275;
  else if (shape == 5) {
    vec2 t = abs(vec2(q.x + q.y, q.x - q.y)) * 0.707;
    d = min(max(t.x - 1.414, t.y - 0.275), max(t.y - 1.414, t.x - 0.275));
  }
  float alpha = clamp(0.5 - d * radius, 0.0, 1.0) * opacity;
  ink = vec4(colour * alpha, alpha);
}`;

/**
 * Whether the processor stands in for a graphics card: it takes a second for half a million points, and a part of them is
 * drawn faster without WebGL. Chromium does not count that as a major performance caveat.
 * @param {WebGL2RenderingContext} gl
 */
function bySoftware(gl) {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  return /swiftshader|llvmpipe|softpipe|basic render/i.test(info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "");
}

/**
 * The section in view: its middle in map units, pixels of the screen a map unit, and the size of the stage in pixels.
 * @typedef {{ cx: number, cy: number, scale: number, width: number, height: number, ratio: number, radius: number }} Section
 */

export class PointLayer {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { antialias: false });
    this.n = 0;
    /** @type {HTMLCanvasElement | null} */
    this.plain = null;
    if (this.gl && !bySoftware(this.gl)) this.prepare(this.gl);
    else this.gl = null;
  }

  /** Whether points can be drawn here; a browser without WebGL, or one that has taken it away, cannot. */
  works() { return Boolean(this.gl && !this.gl.isContextLost()); }

  /** The canvas for drawing without WebGL; one that has had WebGL draws nothing else, and another one takes its place. */
  plainCanvas() {
    if (!this.plain) {
      this.plain = /** @type {HTMLCanvasElement} */ (this.canvas.cloneNode());
      this.canvas.replaceWith(this.plain);
    }
    return this.plain;
  }

  /** @param {WebGL2RenderingContext} gl */
  prepare(gl) {
    const program = /** @type {WebGLProgram} */ (gl.createProgram());
    for (const [kind, text] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
      const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      this.gl = null; // a driver that does not know this much: points are drawn without it
      return;
    }
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.uniform = (/** @type {string} */ name) => gl.getUniformLocation(program, name);
    this.buffers = { place: gl.createBuffer(), kind: gl.createBuffer(), visible: gl.createBuffer(), order: gl.createBuffer() };
    const attribute = (/** @type {"place" | "kind" | "visible"} */ name, /** @type {number} */ size, /** @type {number} */ type) => {
      const at = gl.getAttribLocation(program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers?.[name] ?? null);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, type, false, 0, 0);
    };
    attribute("place", 2, gl.FLOAT);
    attribute("kind", 1, gl.UNSIGNED_BYTE);
    attribute("visible", 1, gl.UNSIGNED_BYTE);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.order);
  }

  /**
   * @param {Float32Array} x
   * @param {Float32Array} y
   */
  setPlaces(x, y) {
    const xy = new Float32Array(2 * x.length);
    for (let i = 0; i < x.length; i++) [xy[2 * i], xy[2 * i + 1]] = [x[i], y[i]];
    this.n = x.length;
    this.fill("place", xy);
  }

  /**
   * @param {Uint8Array} kind of each point
   * @param {Uint32Array} order in which points are drawn
   * @param {import("./markers.js").Kind[]} kinds
   */
  setKinds(kind, order, kinds) {
    if (!this.works()) return;
    const gl = /** @type {WebGL2RenderingContext} */ (this.gl);
    this.fill("kind", kind);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.STATIC_DRAW);
    const colours = new Float32Array(3 * MOST_KINDS), shapes = new Int32Array(MOST_KINDS);
    kinds.forEach(({ colour, shape }, k) => {
      const [red, green, blue] = rgb(colour);
      colours.set([red / 255, green / 255, blue / 255], 3 * k);
      shapes[k] = SIGNS.indexOf(shape);
    });
    gl.uniform3fv(this.uniform?.("colours") ?? null, colours);
    gl.uniform1iv(this.uniform?.("shapes") ?? null, shapes);
  }

  /** @param {Uint8Array} visible */
  setVisible(visible) { this.fill("visible", visible); }

  /**
   * @param {"place" | "kind" | "visible"} name
   * @param {Float32Array | Uint8Array} values
   */
  fill(name, values) {
    if (!this.works()) return;
    const gl = /** @type {WebGL2RenderingContext} */ (this.gl);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers?.[name] ?? null);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
  }

  /**
   * Draw the points: the faded ones faint, then the visible ones over them.
   * @param {Section} section
   * @param {boolean} faded whether some are not visible
   */
  draw({ cx, cy, scale, width, height, ratio, radius }, faded) {
    if (!this.works()) return;
    const gl = /** @type {WebGL2RenderingContext} */ (this.gl), at = (/** @type {string} */ name) => this.uniform?.(name) ?? null;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) [this.canvas.width, this.canvas.height] = [w, h];
    gl.viewport(0, 0, w, h);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(at("middle"), cx, cy);
    gl.uniform2f(at("scale"), (2 * scale) / width, (-2 * scale) / height);
    gl.uniform1f(at("radius"), radius * ratio);
    gl.uniform1f(at("side"), (2 * radius + 4) * ratio);
    for (const [wanted, opacity] of faded ? [[0, 0.1], [1, 0.75]] : [[1, 0.75]]) {
      gl.uniform1f(at("wanted"), wanted);
      gl.uniform1f(at("opacity"), opacity);
      gl.drawElements(gl.POINTS, this.n, gl.UNSIGNED_INT, 0);
    }
  }
}

// Drawing with WebGL: opaque threads of their real width, in order, in linear light.

import { linearColor } from "./light.js";
import { asked, clamp, fineness, plan } from "./winding.js";

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const MOST_FINE_GPU = 25e6;
const MOST_FINE_DRAFT = 1.5e6;
const SLICE_MS = 25;
const SLOW_MS = 60; // a painter whose full picture takes longer shows drafts while things move

const VERTEX = `#version 300 es
layout(location=0) in vec4 ends; layout(location=1) in float half_mm; layout(location=2) in vec3 color;
uniform vec2 origin, size; uniform float scale;
out float distance_px; flat out float half_px; flat out vec3 paint;
void main() {
  vec2 a = (ends.xy - origin) * scale, b = (ends.zw - origin) * scale, way = b - a;
  float len = max(length(way), 1e-6);
  way /= len; half_px = half_mm * scale; paint = color;
  float across = (gl_VertexID & 1) == 0 ? -1.0 : 1.0, along = gl_VertexID < 2 ? 0.0 : len;
  distance_px = across * (half_px + 1.0);
  vec2 at = a + way * along + vec2(-way.y, way.x) * distance_px;
  gl_Position = vec4(at / size * 2.0 - 1.0, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in float distance_px; flat in float half_px; flat in vec3 paint; out vec4 light;
void main() { light = vec4(paint, clamp(min(half_px + 0.5 - abs(distance_px), 2.0 * half_px), 0.0, 1.0)); }`;

const WHOLE = `#version 300 es
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }`;

// The mean light of the fine pixels of a pixel, as sRGB. Row 0 of the fine picture is its upper edge.
const AVERAGE = `#version 300 es
precision highp float; precision highp sampler2D;
uniform sampler2D fine; uniform int n, rows; out vec4 shown;
void main() {
  ivec2 at = ivec2(int(gl_FragCoord.x), rows - 1 - int(gl_FragCoord.y)) * n; vec3 sum = vec3(0.0);
  for (int r = 0; r < n; r++) for (int c = 0; c < n; c++) sum += texelFetch(fine, at + ivec2(c, r), 0).rgb;
  vec3 light = sum / float(n * n);
  shown = vec4(mix(light * 12.92, 1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, light)), 1.0);
}`;

export class GpuPainter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("no WebGL 2");
    const chip = gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
    if (SOFTWARE.test(chip) && asked("draw") !== "webgl")
      throw new Error("WebGL without a graphics chip: slower than we are");
    this.canvas = canvas;
    this.gl = gl;
    this.done = -1;
    this.share = 500;
    this.slow = false;
    this.probe = new Uint8Array(4);
    this.lines = this.program(VERTEX, FRAGMENT);
    this.mean = this.program(WHOLE, AVERAGE);
    this.buffers = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
    this.array = gl.createVertexArray();
    this.empty = gl.createVertexArray();
    this.target = gl.createFramebuffer();
    this.texture = /** @type {WebGLTexture?} */ (null);
    this.width = this.height = 0;
    this.n = 1;
    this.draft = false;
    this.steps = /** @type {import("./types").Steps} */ (/** @type {unknown} */ (null));
    this.view = /** @type {import("./types").View} */ (/** @type {unknown} */ (null));
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
  }

  /**
   * @param {string} vertex
   * @param {string} fragment
   */
  program(vertex, fragment) {
    const gl = this.gl;
    const program = gl.createProgram();
    for (const [kind, source] of /** @type {[number, string][]} */ ([
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ])) {
      const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) || "WebGL");
    return program;
  }

  /** @param {import("./types").Steps} steps */
  select(steps) {
    const gl = this.gl;
    this.steps = steps;
    this.done = -1;
    [steps.ends, steps.half, steps.color].forEach((data, k) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[k]);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    });
  }

  /** @param {import("./types").View} view
   * @param {boolean} draft
   */
  look(view, draft) {
    const gl = this.gl,
      most = Math.floor(this.largest / Math.max(view.width, view.height));
    this.view = view;
    this.done = -1;
    this.draft = draft;
    this.n = Math.max(Math.min(fineness(view, draft ? MOST_FINE_DRAFT : MOST_FINE_GPU), most), 1);
    const width = view.width * this.n,
      height = view.height * this.n;
    if (this.texture && this.width === width && this.height === height) return;
    if (this.texture) gl.deleteTexture(this.texture);
    this.width = width;
    this.height = height;
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.SRGB8_ALPHA8, width, height); // linear light in, sRGB kept
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) throw new Error("no sRGB target");
  }

  // Lays threads for a moment; returns whether the step is reached. Called again until it is.
  /** @param {number} step */
  show(step) {
    const wanted = this.steps.upto[step],
      begun_ms = performance.now();
    if (this.done < 0 || this.done > wanted) this.clear();
    while (this.done < wanted && performance.now() - begun_ms < SLICE_MS) {
      const stop = Math.min(this.done + this.share, wanted),
        slice_ms = performance.now();
      this.lay(this.done, stop);
      this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, this.probe); // waits until it is drawn
      this.share = clamp(performance.now() - slice_ms < SLICE_MS / 3 ? this.share * 2 : this.share / 2, 50, 1e5) | 0;
      this.done = stop;
    }
    this.present();
    this.slow ||= performance.now() - begun_ms > SLOW_MS || this.done < wanted;
    return this.done === wanted;
  }

  clear() {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    const [red, green, blue] = linearColor(plan.board.color);
    gl.clearColor(red, green, blue, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.done = 0;
  }

  /**
   * @param {number} first
   * @param {number} stop
   */
  lay(first, stop) {
    if (stop <= first) return;
    const gl = this.gl,
      { view, n } = this,
      uniform = (/** @type {string} */ what) => gl.getUniformLocation(this.lines, what);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    gl.viewport(0, 0, this.width, this.height);
    gl.useProgram(this.lines);
    gl.bindVertexArray(this.array);
    gl.uniform2f(uniform("origin"), view.left_mm, view.top_mm);
    gl.uniform2f(uniform("size"), this.width, this.height);
    gl.uniform1f(uniform("scale"), view.scale * n);
    [4, 1, 3].forEach((size, k) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[k]);
      gl.enableVertexAttribArray(k);
      gl.vertexAttribPointer(k, size, gl.FLOAT, false, 4 * size, first * 4 * size);
      gl.vertexAttribDivisor(k, 1);
    });
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, stop - first);
    gl.disable(gl.BLEND);
  }

  present() {
    const gl = this.gl,
      { width, height } = this.view;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, width, height);
    gl.useProgram(this.mean);
    gl.bindVertexArray(this.empty);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(gl.getUniformLocation(this.mean, "n"), this.n);
    gl.uniform1i(gl.getUniformLocation(this.mean, "rows"), height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

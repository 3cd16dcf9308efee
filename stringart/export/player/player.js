"use strict";
// The winding of one plan, drawn as `stringart paint` draws it: opaque threads of their real width, in order, mixed in
// linear light. WebGL does the work; where it is missing, the same sums are done without it.

const plan = JSON.parse(document.getElementById("plan-data").textContent);
const TEXT = JSON.parse(document.getElementById("text-data").textContent);
const $ = (id) => document.getElementById(id);
const say = (key, values = {}) => TEXT[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const count = (n) => n.toLocaleString("en");
const length = (mm) => (mm >= 1e6 ? `${(mm / 1e6).toFixed(2)} km` : `${(mm / 1e3).toFixed(mm < 1e4 ? 2 : 0)} m`);
const asked = (key) => new URLSearchParams(location.hash.slice(1)).get(key);  // page.html#step=120&draw=plain
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// ---------------------------------------------------------------- the winding as flat arrays

function readWinding() {
  const layers = plan.layers.filter((layer) => layer.pins.length > 1);
  const total = layers.reduce((sum, layer) => sum + layer.pins.length - 1, 0);
  const winding = { total, layers, begins: [], from: new Int32Array(total), to: new Int32Array(total),
    layer: new Int32Array(total), thread: new Int32Array(total), laid_mm: new Float64Array(total + 1) };
  let step = 0;
  layers.forEach((layer, number) => {
    winding.begins.push(step);
    for (let k = 1; k < layer.pins.length; k++, step++) {
      const [a, b] = [layer.pins[k - 1], layer.pins[k]];
      const [p, q] = [plan.pins[a], plan.pins[b]];
      winding.from[step] = a; winding.to[step] = b; winding.layer[step] = number; winding.thread[step] = layer.thread;
      winding.laid_mm[step + 1] = winding.laid_mm[step] + Math.hypot(p[0] - q[0], p[1] - q[1]);
    }
  });
  return winding;
}

const winding = readWinding();
const isRim = (step) => {
  const gap = Math.abs(winding.from[step] - winding.to[step]);
  return gap <= 1 || gap === plan.pins.length - 1;
};
const toLinear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const toSrgb = (v) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);
const linearColor = (code) => [1, 3, 5].map((k) => toLinear(parseInt(code.slice(k, k + 2), 16) / 255));

// Steps of the threads that are shown: `upto[n]` of them are among the first n steps of the winding.
function selectSteps(shown) {
  const upto = new Int32Array(winding.total + 1);
  const ends = [], half = [], color = [];
  const colors = plan.threads.map((thread) => linearColor(thread.color));
  for (let step = 0; step < winding.total; step++) {
    const thread = winding.thread[step];
    upto[step + 1] = upto[step];
    if (!shown.has(thread)) continue;
    const [p, q] = [plan.pins[winding.from[step]], plan.pins[winding.to[step]]];
    upto[step + 1]++;
    ends.push(p[0], p[1], q[0], q[1]);
    half.push(plan.threads[thread].diameter_mm / 2);
    color.push(...colors[thread]);
  }
  return { upto, ends: new Float32Array(ends), half: new Float32Array(half), color: new Float32Array(color) };
}

// Fine pixels along a pixel's side: as `paint` chooses, and no more than the memory at hand allows.
function fineness(view, mostFine) {
  const thinnest = Math.min(...plan.threads.map((thread) => thread.diameter_mm));
  const wanted = clamp(Math.ceil(1 / view.scale / (0.6 * thinnest)), 2, 8);
  return Math.max(Math.min(wanted, Math.floor(Math.sqrt(mostFine / (view.width * view.height)))), 1);
}

// ---------------------------------------------------------------- drawing with WebGL

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const MOST_FINE_GPU = 25e6, MOST_FINE_CPU = 9e6, MOST_FINE_DRAFT = 1.5e6;
const SLICE_MS = 25, SLOW_MS = 60;  // a painter whose full picture takes longer shows drafts while things move

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

class GpuPainter {
  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("no WebGL 2");
    const chip = gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
    if (SOFTWARE.test(chip) && asked("draw") !== "webgl") throw new Error("WebGL without a graphics chip: slower than we are");
    this.canvas = canvas; this.gl = gl; this.done = -1; this.share = 500; this.slow = false; this.probe = new Uint8Array(4);
    this.lines = this.program(VERTEX, FRAGMENT); this.mean = this.program(WHOLE, AVERAGE);
    this.buffers = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
    this.array = gl.createVertexArray(); this.empty = gl.createVertexArray();
    this.target = gl.createFramebuffer(); this.texture = null;
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
  }

  program(vertex, fragment) {
    const gl = this.gl, program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source); gl.compileShader(shader); gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) || "WebGL");
    return program;
  }

  select(steps) {
    const gl = this.gl;
    this.steps = steps; this.done = -1;
    [steps.ends, steps.half, steps.color].forEach((data, k) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[k]); gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    });
  }

  look(view, draft) {
    const gl = this.gl, most = Math.floor(this.largest / Math.max(view.width, view.height));
    this.view = view; this.done = -1; this.draft = draft;
    this.n = Math.max(Math.min(fineness(view, draft ? MOST_FINE_DRAFT : MOST_FINE_GPU), most), 1);
    const width = view.width * this.n, height = view.height * this.n;
    if (this.texture && this.width === width && this.height === height) return;
    if (this.texture) gl.deleteTexture(this.texture);
    this.width = width; this.height = height; this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.SRGB8_ALPHA8, width, height);  // linear light in, sRGB kept
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) throw new Error("no sRGB target");
  }

  // Lays threads for a moment; returns whether the step is reached. Called again until it is.
  show(step) {
    const wanted = this.steps.upto[step], begun_ms = performance.now();
    if (this.done < 0 || this.done > wanted) this.clear();
    while (this.done < wanted && performance.now() - begun_ms < SLICE_MS) {
      const stop = Math.min(this.done + this.share, wanted), slice_ms = performance.now();
      this.lay(this.done, stop);
      this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, this.probe);  // waits until it is drawn
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
    gl.clearColor(...linearColor(plan.board.color), 1); gl.clear(gl.COLOR_BUFFER_BIT);
    this.done = 0;
  }

  lay(first, stop) {
    if (stop <= first) return;
    const gl = this.gl, { view, n } = this, uniform = (name) => gl.getUniformLocation(this.lines, name);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target); gl.viewport(0, 0, this.width, this.height);
    gl.useProgram(this.lines); gl.bindVertexArray(this.array);
    gl.uniform2f(uniform("origin"), view.left_mm, view.top_mm); gl.uniform2f(uniform("size"), this.width, this.height);
    gl.uniform1f(uniform("scale"), view.scale * n);
    [4, 1, 3].forEach((size, k) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[k]); gl.enableVertexAttribArray(k);
      gl.vertexAttribPointer(k, size, gl.FLOAT, false, 4 * size, first * 4 * size); gl.vertexAttribDivisor(k, 1);
    });
    gl.enable(gl.BLEND); gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, stop - first);
    gl.disable(gl.BLEND);
  }

  present() {
    const gl = this.gl, { width, height } = this.view;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    gl.bindFramebuffer(gl.FRAMEBUFFER, null); gl.viewport(0, 0, width, height);
    gl.useProgram(this.mean); gl.bindVertexArray(this.empty); gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(gl.getUniformLocation(this.mean, "n"), this.n);
    gl.uniform1i(gl.getUniformLocation(this.mean, "rows"), height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

// ---------------------------------------------------------------- the same without WebGL

const TOP = 65535;

function flood(values, color, factor) {
  for (let k = 0; k < 3; k++) values[k] = color[k] * factor;
  for (let done = 3; done < values.length; done *= 2) values.copyWithin(done, 0, Math.min(done, values.length - done));
}

class CpuPainter {
  constructor(canvas) {
    this.canvas = canvas; this.context = canvas.getContext("2d", { alpha: false }); this.done = -1; this.slow = true;
    this.level = Uint8ClampedArray.from({ length: TOP + 1 }, (_, k) => toSrgb(k / TOP) * 255);
  }

  select(steps) {
    this.steps = steps; this.ends = steps.ends; this.color = steps.color.map((v) => v * TOP); this.done = -1;
  }

  look(view, draft) { this.view = view; this.done = -1; this.draft = draft; }

  clear() {
    const { width, height } = this.view, ground = linearColor(plan.board.color).map((v) => Math.round(v * TOP));
    this.n = fineness(this.view, this.draft ? MOST_FINE_DRAFT : MOST_FINE_CPU);
    const fine = width * height * this.n ** 2 * 3, size = width * height * 3;
    this.pixel = Int32Array.from({ length: Math.max(width, height) * this.n }, (_, k) => Math.floor(k / this.n));
    if (!this.fine || this.fine.length !== fine) this.fine = new Uint16Array(fine);
    if (!this.sum || this.sum.length !== size) { this.sum = new Float64Array(size); this.image = null; }
    flood(this.fine, ground, 1);
    flood(this.sum, ground, this.n ** 2);
    this.done = 0; this.shown_ms = performance.now();
  }

  // Lays threads for a moment; returns whether the step is reached. Called again until it is.
  show(step) {
    const wanted = this.steps.upto[step], until = performance.now() + SLICE_MS;
    if (this.done < 0 || this.done > wanted) this.clear();
    while (this.done < wanted && performance.now() < until) {
      for (const stop = Math.min(this.done + 50, wanted); this.done < stop; this.done++) this.lay(this.done);
    }
    const now = performance.now();
    if (this.done === wanted || now - this.shown_ms > 150) { this.present(); this.shown_ms = now; }
    return this.done === wanted;
  }

  lay(step) {
    const { view, n, ends, fine, sum, pixel, color } = this, scale = view.scale * n, cols = view.width * n, rows = view.height * n;
    const c0 = (ends[4 * step] - view.left_mm) * scale, r0 = (ends[4 * step + 1] - view.top_mm) * scale;
    const dc = (ends[4 * step + 2] - ends[4 * step]) * scale, dr = (ends[4 * step + 3] - ends[4 * step + 1]) * scale;
    const long = Math.sqrt(dc * dc + dr * dr);
    if (long === 0) return;
    const half = this.steps.half[step] * scale, uc = dc / long, ur = dr / long, steep = Math.abs(dr) > Math.abs(dc);
    const slope = steep ? uc / ur : ur / uc, reach = (half + 0.5) / Math.abs(steep ? ur : uc);
    const begin = steep ? r0 : c0, side = steep ? c0 : r0, end = begin + (steep ? dr : dc);
    const majors = steep ? rows : cols, minors = steep ? cols : rows;
    let low = Math.max(Math.floor(Math.min(begin, end)), 0), high = Math.min(Math.ceil(Math.max(begin, end)), majors);
    if (slope !== 0) {  // only where the thread can touch the view
        const one = begin + (-reach - 1 - side) / slope, two = begin + (minors + reach + 1 - side) / slope;
        low = Math.max(low, Math.floor(Math.min(one, two))); high = Math.min(high, Math.ceil(Math.max(one, two)) + 1);
    }
    const most = Math.min(1, 2 * half), whole = half + 0.5, way = steep ? ur : uc, turn = steep ? uc : ur;
    for (let major = low; major < high; major++) {
      const middle = side + (major + 0.5 - begin) * slope;
      const near = Math.max(Math.floor(middle - reach), 0), far = Math.min(Math.ceil(middle + reach) + 1, minors);
      const along = (major + 0.5 - begin) * turn;
      for (let minor = near; minor < far; minor++) {
        const alpha = Math.min(whole - Math.abs((minor + 0.5 - side) * way - along), most);
        if (alpha <= 0) continue;
        const row = steep ? major : minor, col = steep ? minor : major;
        const at = 3 * (row * cols + col), mean = 3 * (pixel[row] * view.width + pixel[col]);
        for (let k = 0; k < 3; k++) {
          const old = fine[at + k], now = (old + alpha * (color[3 * step + k] - old) + 0.5) | 0;
          fine[at + k] = now; sum[mean + k] += now - old;
        }
      }
    }
  }

  present() {
    const { width, height } = this.view, share = 1 / this.n ** 2;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.image ??= this.context.createImageData(width, height);
    if (this.image.width !== width || this.image.height !== height) this.image = this.context.createImageData(width, height);
    const out = this.image.data;
    for (let i = 0, j = 0; i < out.length; i += 4, j += 3) {
      for (let k = 0; k < 3; k++) out[i + k] = this.level[Math.round(this.sum[j + k] * share)];
      out[i + 3] = 255;
    }
    this.context.putImageData(this.image, 0, 0);
  }
}

// ---------------------------------------------------------------- state, and the view of the board

const state = { step: winding.total, playing: false, shown: new Set(plan.threads.keys()), zoom: 1, x_mm: 0, y_mm: 0,
  pace: 0, sub: 0, settled: false, stale: true, moved_ms: -1e9 };
const stage = $("stage"), overlay = $("overlay"), pen = overlay.getContext("2d");
const middle_mm = [plan.board.width_mm / 2, plan.board.height_mm / 2];
const MARGIN_REM = 2.4, MOST_ZOOM = 40;
[state.x_mm, state.y_mm] = middle_mm;
let painter, box, frameAsked = false;
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

function makePainter() {
  try {
    if (asked("draw") === "plain") throw new Error("WebGL is not wanted");
    return new GpuPainter($("piece"));
  } catch {  // a canvas that has given a WebGL context gives no other: take a fresh one
    const fresh = $("piece").cloneNode();
    $("piece").replaceWith(fresh);
    return new CpuPainter(fresh);
  }
}

function fitPieces() {
  const around = stage.getBoundingClientRect(), margin = Math.min(MARGIN_REM * rem(), around.width / 11);
  const ratio = window.devicePixelRatio || 1;
  const { width_mm, height_mm } = plan.board;
  const fit = Math.min((around.width - 2 * margin) / width_mm, (around.height - 2 * margin) / height_mm);
  const whole = Math.max(Math.floor(width_mm * fit * ratio), 8);  // device pixels: the board's picture is never resampled
  const scale = (whole / width_mm) * state.zoom;
  const left = around.width * ratio / 2 - state.x_mm * scale, top = around.height * ratio / 2 - state.y_mm * scale;
  const first = [Math.max(Math.round(left), 0), Math.max(Math.round(top), 0)];
  const stop = [Math.min(Math.round(left + width_mm * scale), Math.round(around.width * ratio)),
    Math.min(Math.round(top + height_mm * scale), Math.round(around.height * ratio))];
  const exact = [Math.round(left), Math.round(top)];
  const before = JSON.stringify(box);
  box = { ratio, scale, width: Math.max(stop[0] - first[0], 1), height: Math.max(stop[1] - first[1], 1), first,
    left_mm: (first[0] - exact[0]) / scale, top_mm: (first[1] - exact[1]) / scale, left: exact[0], top: exact[1],
    stageWidth: around.width, stageHeight: around.height };
  Object.assign($("piece").style, { left: `${first[0] / ratio}px`, top: `${first[1] / ratio}px`,
    width: `${box.width / ratio}px`, height: `${box.height / ratio}px`, clipPath: edge() });
  if (JSON.stringify(box) !== before) painter.look(box, moving());
  ask();
}

// A round board is shown round; its picture keeps the corners, as every other picture of it does.
function edge() {
  if (!["circle", "ellipse"].includes(plan.board.shape)) return "none";
  const css = (mm) => (mm * box.scale) / box.ratio, [x, y] = middle_mm;
  return `ellipse(${css(x) + 1}px ${css(y) + 1}px at ${css(x - box.left_mm)}px ${css(y - box.top_mm)}px)`;
}

function ask() {
  state.settled = false; state.stale = true;
  if (!frameAsked) { frameAsked = true; requestAnimationFrame(draw); }
}

// While things move, a slow painter shows drafts; when they rest, the picture is laid again as fine as `paint`'s.
const moving = () => painter.slow && (state.playing || performance.now() - state.moved_ms < 250);

let last_ms = 0;
function draw(now_ms) {
  frameAsked = false;
  if (painter.draft !== moving()) painter.look(box, moving());
  const passed_s = Math.min((now_ms - last_ms) / 1000, 0.25);
  last_ms = now_ms;
  if (state.playing) advance(passed_s);
  const reached = painter.show(state.step);
  if (state.stale) drawOverlay();
  state.stale = false;
  state.settled = reached && !state.playing && !painter.draft;
  $("note").hidden = state.settled || state.playing;
  if (!state.settled) { frameAsked = true; requestAnimationFrame(draw); }
}

function advance(passed_s) {
  state.sub += passed_s * (state.pace || winding.total / WHOLE_S);
  const steps = Math.floor(state.sub);
  state.sub -= steps;
  if (steps) moveTo(state.step + steps);
  if (state.step >= winding.total) setPlaying(false);
}

// ---------------------------------------------------------------- pins and the current chord over the picture

const onStage = (pin) => [(box.left + plan.pins[pin][0] * box.scale) / box.ratio, (box.top + plan.pins[pin][1] * box.scale) / box.ratio];

function drawOverlay() {
  const { ratio, stageWidth, stageHeight } = box, style = getComputedStyle(document.documentElement);
  const width = Math.round(stageWidth * ratio), height = Math.round(stageHeight * ratio);
  if (overlay.width !== width || overlay.height !== height) Object.assign(overlay, { width, height });
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, stageWidth, stageHeight);
  const ink = style.getPropertyValue("--ink"), ground = style.getPropertyValue("--ground"), accent = style.getPropertyValue("--accent");
  if ($("show-pins").checked) drawPins(ink, ground);
  if ($("show-numbers").checked) drawNumbers(ink, ground);
  if ($("show-chord").checked && state.step > 0) drawChord(accent, ground, ink);
}

function drawPins(ink, ground) {
  const radius = clamp((plan.pin_diameter_mm / 2) * box.scale / box.ratio, 1.2, 40);
  pen.fillStyle = ink; pen.strokeStyle = ground; pen.lineWidth = 1;
  for (let pin = 0; pin < plan.pins.length; pin++) {
    const [x, y] = onStage(pin);
    if (x < -50 || y < -50 || x > box.stageWidth + 50 || y > box.stageHeight + 50) continue;
    pen.beginPath(); pen.arc(x, y, radius, 0, 7); pen.fill();
    if (radius > 2) pen.stroke();
  }
}

function outward(pin) {  // away from the board, at right angles to the line between the pin's neighbours
  const n = plan.pins.length, a = plan.pins[(pin + n - 1) % n], b = plan.pins[(pin + 1) % n];
  const [x, y] = [b[1] - a[1], a[0] - b[0]], long = Math.hypot(x, y) || 1;
  return [x / long, y / long];
}

function labelEvery() {
  const [a, b] = [onStage(0), onStage(1)], pitch = Math.hypot(a[0] - b[0], a[1] - b[1]);
  return [1, 2, 5, 10, 20, 50, 100].find((every) => every * pitch >= 2.2 * rem()) || 100;
}

function label(pin, text, ink, ground, weight, size) {
  const [x, y] = onStage(pin), [u, v] = outward(pin), radius = (plan.pin_diameter_mm / 2) * box.scale / box.ratio;
  pen.font = `${weight} ${size}px system-ui, sans-serif`;
  pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineJoin = "round";
  const wide = pen.measureText(text).width, away = clamp(radius, 1.2, 40) + 4 + size / 2 + (Math.abs(u) * wide) / 3;
  let at_x = x + u * away;
  if (x > 0 && x < box.stageWidth) at_x = clamp(at_x, wide / 2 + 2, box.stageWidth - wide / 2 - 2);  // whole, at the edge too
  pen.strokeStyle = ground; pen.lineWidth = 3; pen.strokeText(text, at_x, y + v * away);
  pen.fillStyle = ink; pen.fillText(text, at_x, y + v * away);
}

function drawNumbers(ink, ground) {
  const every = labelEvery(), n = plan.pins.length, size = 0.74 * rem();
  const chord = $("show-chord").checked && state.step > 0 ? [winding.from[state.step - 1], winding.to[state.step - 1]] : [];
  for (let pin = 0; pin < n; pin += every) {
    const crowded = chord.some((end) => Math.min(Math.abs(end - pin), n - Math.abs(end - pin)) < every);
    if (crowded || (n - pin < every && pin)) continue;  // no room beside a larger label or before pin 0
    label(pin, String(pin), ink, ground, pin % 10 ? 400 : 700, size);
  }
}

function drawChord(accent, ground, ink) {
  const from = winding.from[state.step - 1], to = winding.to[state.step - 1];
  const [a, b] = [onStage(from), onStage(to)];
  for (const [color, width] of [["#000", 6], ["#fff", 4.5], [accent, 2]]) {  // seen on any thread
    pen.strokeStyle = color; pen.lineWidth = width;
    pen.beginPath(); pen.moveTo(...a); pen.lineTo(...b); pen.stroke();
  }
  for (const [point, filled] of [[a, false], [b, true]]) {
    pen.beginPath(); pen.arc(...point, 5.5, 0, 7);
    pen.fillStyle = filled ? accent : ground; pen.fill();
    pen.strokeStyle = accent; pen.lineWidth = 2.5; pen.stroke();
  }
  for (const pin of [from, to]) label(pin, String(pin), accent, ground, 700, rem());
}

// ---------------------------------------------------------------- moving through the winding

const WHOLE_S = 20;

function moveTo(step) {
  state.moved_ms = performance.now();
  state.step = clamp(Math.round(step), 0, winding.total);
  $("scrub").value = state.step;
  tell();
  ask();
}

function tell() {
  const { step } = state, at = Math.max(step - 1, 0), total = winding.total;
  const thread = total ? plan.threads[winding.thread[at]] : null;
  $("from").textContent = step ? winding.from[at] : "";
  $("to").textContent = total ? (step ? winding.to[at] : winding.from[0]) : "";
  $("from-label").hidden = !step;
  $("to").previousElementSibling.textContent = say(step ? "to" : "begin");
  $("swatch").style.background = thread ? thread.color : "none";
  $("thread-name").textContent = thread ? thread.name : "";
  $("layer").textContent = total ? say("layer", { a: winding.layer[at] + 1, b: winding.layers.length }) : "";
  $("step").textContent = say("of", { a: count(step), b: count(total) });
  $("laid").textContent = say("of", { a: length(winding.laid_mm[step]), b: length(winding.laid_mm[total]) });
  $("piece").setAttribute("aria-label", say("drawn", { step, total }));
  $("scrub").setAttribute("aria-valuetext", $("step").textContent);
  if (!state.playing) announce(at, thread);
}

function announce(at, thread) {
  const { step } = state;
  const values = { step, from: winding.from[at], to: step ? winding.to[at] : winding.from[0], thread: thread?.name, layer: winding.layer[at] + 1 };
  $("said").textContent = say(thread ? (step ? "saidStep" : "saidBegin") : "saidNothing", values);
}

function setPlaying(playing) {
  if (playing && state.step >= winding.total) moveTo(0);
  state.playing = playing && winding.total > 0;
  $("play").classList.toggle("playing", state.playing);
  name($("play"), say(state.playing ? "pause" : "play"));
  if (!state.playing) tell();
  last_ms = performance.now();
  ask();
}

function byHand(step) {
  setPlaying(false);
  moveTo(step);
}

function toLayer(by) {
  const starts = [...winding.begins, winding.total];
  const next = by > 0 ? starts.find((begin) => begin > state.step) : starts.findLast((begin) => begin < state.step);
  byHand(next ?? state.step);
}

// ---------------------------------------------------------------- threads that are shown

function showThreads(shown) {
  state.shown = shown;
  document.querySelectorAll("#threads li").forEach((row) => {
    const number = Number(row.dataset.thread), alone = shown.size === 1 && shown.has(number) && plan.threads.length > 1;
    row.querySelector("input").checked = shown.has(number);
    const only = row.querySelector("button");
    if (!only) return;
    only.setAttribute("aria-pressed", alone);
    only.textContent = say(alone ? "all" : "only");
    name(only, alone ? say("showAll") : say("onlyThis", { name: plan.threads[number].name }));
  });
  painter.select(selectSteps(shown));
  ask();
}

function only(number) {
  if (number >= plan.threads.length) return;
  const alone = state.shown.size === 1 && state.shown.has(number);
  showThreads(new Set(alone ? plan.threads.keys() : [number]));
}

function listThreads() {
  const chords = plan.threads.map(() => 0), laid_mm = plan.threads.map(() => 0);
  for (let step = 0; step < winding.total; step++) {
    chords[winding.thread[step]] += isRim(step) ? 0 : 1;
    laid_mm[winding.thread[step]] += winding.laid_mm[step + 1] - winding.laid_mm[step];
  }
  plan.threads.forEach((thread, number) => {
    const facts = say("threadFacts", { chords: count(chords[number]), length: length(laid_mm[number]) });
    const box = element("input", { type: "checkbox", checked: true });
    const words = element("span", {}, thread.name, element("small", { textContent: facts }));
    const swatch = element("i", { className: "swatch" });
    swatch.style.background = thread.color;
    const row = element("li", {}, element("label", {}, box, swatch, words));
    row.dataset.thread = number;
    box.addEventListener("change", () => {
      const shown = new Set(state.shown);
      if (box.checked) shown.add(number); else shown.delete(number);
      showThreads(shown);
    });
    if (plan.threads.length > 1) {
      const button = element("button", { type: "button" });
      button.addEventListener("click", () => only(number));
      row.append(button);
    }
    $("threads").append(row);
  });
  return chords.reduce((a, b) => a + b, 0);
}

// ---------------------------------------------------------------- zoom and pan

function zoomBy(factor, x, y) {
  const around = stage.getBoundingClientRect();
  const [dx, dy] = x === undefined ? [0, 0] : [x - around.left - around.width / 2, y - around.top - around.height / 2];
  const before = box.scale / box.ratio, zoom = clamp(state.zoom * factor, 1, MOST_ZOOM), after = before * zoom / state.zoom;
  state.x_mm += dx / before - dx / after;
  state.y_mm += dy / before - dy / after;
  state.zoom = zoom;
  settle();
}

function settle() {
  state.moved_ms = performance.now();
  const { width_mm, height_mm } = plan.board;
  const free_x = Math.max(width_mm / 2 - width_mm / (2 * state.zoom), 0), free_y = Math.max(height_mm / 2 - height_mm / (2 * state.zoom), 0);
  state.x_mm = clamp(state.x_mm, middle_mm[0] - free_x, middle_mm[0] + free_x);
  state.y_mm = clamp(state.y_mm, middle_mm[1] - free_y, middle_mm[1] + free_y);
  fitPieces();
}

function panBy(dx, dy) {
  state.x_mm -= dx * box.ratio / box.scale;
  state.y_mm -= dy * box.ratio / box.scale;
  settle();
}

function showWhole() {
  state.zoom = 1;
  [state.x_mm, state.y_mm] = middle_mm;
  fitPieces();
}

function listenToPointers() {
  const held = new Map();
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX, event.clientY);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, [event.clientX, event.clientY]);
    stage.classList.add("dragged");
  });
  stage.addEventListener("pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    const [x, y] = held.get(event.pointerId), others = [...held].filter(([id]) => id !== event.pointerId);
    if (others.length === 1) {
      const [ox, oy] = others[0][1];
      const factor = Math.hypot(event.clientX - ox, event.clientY - oy) / (Math.hypot(x - ox, y - oy) || 1);
      zoomBy(factor, (event.clientX + ox) / 2, (event.clientY + oy) / 2);
    }
    panBy((event.clientX - x) / held.size, (event.clientY - y) / held.size);
    held.set(event.pointerId, [event.clientX, event.clientY]);
  });
  const release = (event) => { held.delete(event.pointerId); stage.classList.toggle("dragged", held.size > 0); };
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", release);
}

// ---------------------------------------------------------------- keys

function toggle(id) { $(id).checked = !$(id).checked; ask(); }

const KEYS = {
  " ": () => setPlaying(!state.playing),
  ArrowLeft: (event) => byHand(state.step - (event.shiftKey ? 10 : 1)),
  ArrowRight: (event) => byHand(state.step + (event.shiftKey ? 10 : 1)),
  Home: () => byHand(0), End: () => byHand(winding.total),
  "[": () => toLayer(-1), "]": () => toLayer(1),
  "+": () => zoomBy(1.4), "=": () => zoomBy(1.4), "-": () => zoomBy(1 / 1.4), 0: showWhole,
  p: () => toggle("show-pins"), n: () => toggle("show-numbers"), c: () => toggle("show-chord"),
};

function onKey(event) {
  const typing = event.target.closest("select, input[type=number]"), own = event.key === " " && event.target.closest("button, input, summary");
  if (typing || own || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = /^[1-9]$/.test(event.key) ? () => only(Number(event.key) - 1) : KEYS[event.key] || KEYS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action(event);
}

// ---------------------------------------------------------------- the page

function element(tag, values, ...children) {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...children);
  return made;
}

function name(made, words) { made.setAttribute("aria-label", words); made.title = words; }

function writeText() {
  document.querySelectorAll("[data-text]").forEach((made) => { made.textContent = say(made.dataset.text); });
  document.querySelectorAll("[data-label]").forEach((made) => { name(made, say(made.dataset.label)); });
  stage.removeAttribute("title");
  $("note").textContent = say("drawing");
  const chords = listThreads(), { width_mm, height_mm } = plan.board;
  const threads = plan.threads.length === 1 ? say("oneThread") : say("manyThreads", { n: plan.threads.length });
  $("title").textContent = plan.title;
  $("summary").textContent = say("summary", { chords: count(chords), threads, pins: plan.pins.length, size: `${width_mm} × ${height_mm} mm` });
  TEXT.keyList.forEach(([keys, words]) => $("keys").append(element("dt", { textContent: keys }), element("dd", { textContent: words })));
  const about = say("about", { software: plan.notes.Software, plan: plan.notes.Plan.slice(0, 12) });
  $("about").textContent = plan.notes.Comment ? `${about}, ${say("command")}: ${plan.notes.Comment}` : about;
  [[0, say("speedWhole", { s: WHOLE_S })], ...[1, 5, 25, 100, 500].map((n) => [n, say("speedSteps", { n })])].forEach(
    ([value, textContent]) => $("speed").append(element("option", { value, textContent })));
  winding.layers.forEach((layer, number) => {
    const part = element("i", {});
    Object.assign(part.style, { flex: `${layer.pins.length - 1} 0 0`, background: plan.threads[layer.thread].color });
    part.addEventListener("click", () => byHand(winding.begins[number]));
    $("strip").append(part);
  });
}

function setTheme(theme) { document.documentElement.dataset.theme = theme; if (box) ask(); }

function listen() {
  const click = (id, action) => $(id).addEventListener("click", action);
  click("play", () => setPlaying(!state.playing));
  click("first", () => byHand(0)); click("last", () => byHand(winding.total));
  click("back", () => byHand(state.step - 1)); click("next", () => byHand(state.step + 1));
  click("zoom-in", () => zoomBy(1.4)); click("zoom-out", () => zoomBy(1 / 1.4)); click("zoom-fit", showWhole);
  click("theme", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  $("scrub").addEventListener("input", () => byHand(Number($("scrub").value)));
  $("speed").addEventListener("change", () => { state.pace = Number($("speed").value); state.sub = 0; });
  $("jump").addEventListener("submit", (event) => { event.preventDefault(); byHand(Number($("jump-to").value) || 0); });
  for (const id of ["show-pins", "show-numbers", "show-chord"]) $(id).addEventListener("change", ask);
  document.addEventListener("keydown", onKey);
  listenToPointers();
  new ResizeObserver(fitPieces).observe(stage);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  setTheme(dark.matches ? "dark" : "light");
}

function begin() {
  painter = makePainter();
  $("piece").addEventListener("webglcontextlost", (event) => event.preventDefault());
  $("piece").addEventListener("webglcontextrestored", () => { painter = new GpuPainter($("piece")); showThreads(state.shown); fitPieces(); });
  writeText();
  $("scrub").max = $("jump-to").max = winding.total;
  showThreads(state.shown);
  fitPieces();
  listen();
  moveTo(Number(asked("step") ?? winding.total) || 0);
  state.moved_ms = -1e9;
}

begin();

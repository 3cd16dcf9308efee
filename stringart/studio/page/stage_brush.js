// The brush on the picture of the design page: where it is, and when it paints.

import { Brush } from "./brush.js";
import { set } from "./server.js";
import { draw } from "./stage_drawing.js";
import { box, cropNow, photoMatrix } from "./stage_geometry.js";
import { scene, stage } from "./stage_state.js";
import { state } from "./state.js";

/** Fingers and pens that are down, by their number. @type {Map<number, import("./stage_state.js").Point>} */
export const pointers = new Map();

export const brush = new Brush({
  changed: () => draw(),
  held: () => pointers.size > 0,
  where: (px, py) => {
    const at = photoMatrix(box()).inverse().transformPoint(new DOMPoint(px, py));
    return { x: at.x, y: at.y, radius: (stage.brush * cropNow()[2] * (scene.image?.width ?? 1)) / 2 };
  },
});
export const readyBrush = () => brush.ready(scene.imageKey, scene.image);
/**
 * @param {number} px
 * @param {number} py
 */
export const dab = (px, py) => brush.dab(px, py, stage.brushMore);
export const keepBrush = () => brush.keep();
export function clearBrush() {
  brush.forget();
  set({ map: null, importance: "faces" });
  if (!state.settings.map) readyBrush(); // else it follows the settings' answer
}

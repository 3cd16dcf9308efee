// The shapes of the player's data, for the type checker only.

export interface Thread {
  name: string;
  color: string;
  diameter_mm: number;
  /** The thread of a shop that is like it: "like DMC 824"; empty for one of a shop's own. */
  like: string;
}

/** What the exporter writes into the page: millimetres from the board's upper left corner, y down. */
export interface PlayedPlan {
  title: string;
  board: { shape: string; width_mm: number; height_mm: number; color: string };
  pin_diameter_mm: number;
  pins: [number, number][];
  threads: Thread[];
  layers: { thread: number; pins: number[] }[];
  steps: { stops: number[]; ways: number[]; walks: number[] };
  ends: string;
  notes: Record<string, string>;
}

/** Steps of the threads that are shown: `upto[n]` of them are among the first n steps of the winding. */
export interface Steps {
  upto: Int32Array;
  ends: Float32Array;
  half: Float32Array;
  thread: Int32Array;
  color: Float32Array;
}

/** A part of the board in whole device pixels. */
export interface View {
  width: number;
  height: number;
  scale: number;
  left_mm: number;
  top_mm: number;
}

export interface StageBox extends View {
  ratio: number;
  first: [number, number];
  left: number;
  top: number;
  stageWidth: number;
  stageHeight: number;
}

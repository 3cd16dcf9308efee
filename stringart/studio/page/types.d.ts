// The shapes of what the server tells the page, for the type checker only.

export interface Thread {
  name: string;
  color: string;
  diameter_mm: number;
}

export interface Plan {
  board: { shape: string; width_mm: number; height_mm: number; color: string };
  pins: { xy_mm: [number, number][]; diameter_mm: number };
  threads: Thread[];
  layers: { thread: number; pins: number[] }[];
  /** Where each step lies: x, y, x, y in mm; a search that runs has not settled it. */
  ends?: Float32Array;
  provenance?: { command?: string };
}

export interface Numbers {
  chords: number;
  thread_mm: number;
  hand_s: number;
  machine_s: number;
  nail_mm?: [number, number];
  score?: [number, number];
  threads: { mm: number }[];
  layers: { chords: number; mm: number }[];
  about: { thread: string; hand: string; machine: string; nails?: string };
}

export interface Variant {
  id: string;
  name: string;
  starred: boolean;
  photo?: { sha256: string; [other: string]: any } | null;
  numbers: Numbers;
  settings?: Settings;
}

/** What is asked for, as the server keeps it. */
export interface Settings {
  shape: string;
  outline: { file: string; name: string; pins: number } | null;
  width_mm: number;
  height_mm: number;
  pins: number;
  board_color: string;
  threads: Thread[];
  budget: string;
  lines: number;
  thread_m: number;
  spool_m: number;
  spool_price: number;
  units: string;
  exposure_ev: number;
  contrast: number;
  turn_deg: number;
  crop: [number, number, number] | null;
  map: string | null;
  layers: string;
  [other: string]: any;
}

/** One instruction of a winding: a chord, or a walk along the rim. */
export interface WindStep {
  number: number;
  from_pin: number;
  to_pin: number;
  way: number;
  walk: number;
  is_rim: boolean;
  first: number;
  sentence: string;
}

/** A moment of a winding, as the guide tells it. */
export interface WindView {
  moment: string;
  plan_id: string;
  title: string;
  done: number;
  total: number;
  phase: "wind" | "tie" | "done";
  paused: boolean;
  step: WindStep;
  upcoming: WindStep[];
  before: WindStep[];
  thread: Thread;
  layer: number;
  layers: number;
  percent: number;
  layer_left_mm: number;
  spool_left_mm: number | null;
  left_s: number;
  pace_s: number;
  pace_measured: boolean;
}

/** What the machine's session tells; see `stringart.studio.console`. */
export interface Machine {
  [part: string]: any;
}

/** What an exporter lets a person choose. */
export interface ExportOption {
  name: string;
  title: string;
  help: string;
  default: any;
  low: number | null;
  high: number | null;
  choices: string[];
  kind: "flag" | "number" | "words" | "text";
}

/** All that the server keeps for every page. */
export interface State {
  settings: Settings;
  controls: Record<string, any>;
  presets: { name: string; title: string; board_color: string; threads: Thread[] }[];
  photo: { name: string; sha256: string; size_px: [number, number]; notes: string[]; [other: string]: any } | null;
  plan: { rev: number; numbers: Numbers | null; notes: string[]; [other: string]: any } | null;
  /** `stage` is empty before the search, `error` where it went well. */
  looks: { of: string; busy: boolean; rows: any[] };
  warm: boolean;
  warming: { done: number; total: number };
  search: { busy: boolean; stage: string; error: string; hint: string; stopped: boolean };
  undo: { undo: boolean; redo: boolean };
  variants: Variant[];
  exports: any[];
  exporters: { ending: string; about: string; options: ExportOption[] }[];
  examples: string[];
  wind: WindView | null;
  machine: Machine;
  machine_job: any;
  machine_fit: any;
  machine_busy: string;
  machine_log: { kind: string; text: string; at_s: number }[];
  machine_ports: { address: string; text: string }[];
  machine_profiles: string[];
  folder: string;
  lan: string;
  [other: string]: any;
}

/** A part of the board as the painter shows it. */
export interface View {
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
}

export interface Wanted {
  view: View;
  fine?: number;
  upto?: number;
  blur?: number;
  id?: number;
}

export interface Picture {
  id?: number;
  view: View;
  bitmap: ImageBitmap;
  laid: number;
  total: number;
}

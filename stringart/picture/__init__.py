"""The photo: read from any file, its importance, the pictures of a clip; light as numbers.

Public: `photo` (load_photo, resample), `placing` (place), `importance` (importance_map), `backdrop`
(keep_map), `clip_reader` (open_clip), `light` (sRGB, linear light and CIE L*).
"""

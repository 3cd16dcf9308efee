// The page's icons.

/** @type {Record<string, string>} */
export const ICON = {
  design:
    '<svg viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/><path d="M12 3 6 19M12 3l6 16M3.5 9h17L5 ' +
    '18M20.500 9 19 18"/></svg>',
  variants:
    '<svg viewBox="0 0 24 24"><rect x="3" y="3" width="8" height="8" rx="2"/><rect x="13" y="3" ' +
    'width="8" height="8" rx="2"/><rect x="3" y="13" width="8" height="8" rx="2"/><rect x="13" y="13" ' +
    'width="8" height="8" rx="2"/></svg>',
  export: '<svg viewBox="0 0 24 24"><path d="M12 3v12m0 0 4-4m-4 4-4-4M4 17v3h16v-3"/></svg>',
  wind:
    '<svg viewBox="0 0 24 24"><path d="M8 13V5.500a1.500 1.500 0 0 1 3 0V12m0-1V4a1.500 1.500 0 0 1 3 ' +
    "0v7m0 0V5.500a1.500 1.500 0 0 1 3 0V14c0 4-2 7-6 7s-5-2-7-6l-1-2c-.6-1.500 1-2.500 2-1.500l3 " +
    '2.500"/></svg>',
  machine: '<svg viewBox="0 0 24 24"><path d="M3 4v16M21 4v16M3 8h18M9 5h6v6H9zM12 11v5"/></svg>',
  star:
    '<svg viewBox="0 0 24 24"><path d="m12 3.500 2.600 5.300 5.900.9-4.250 4.100 1 5.800L12 ' +
    '16.900l-5.250 2.700 1-5.800L3.500 9.700l5.900-.9Z"/></svg>',
  bin: '<svg viewBox="0 0 24 24"><path d="M4 7h16M9 7V4h6v3M6.500 7l1 13h9l1-13M10 11v5M14 11v5"/></svg>',
  play: '<svg viewBox="0 0 24 24"><path class="fill" d="M7 4.500v15l12-7.500Z"/></svg>',
  pause: '<svg viewBox="0 0 24 24"><path class="fill" d="M6 4.500h4v15H6zM14 4.500h4v15h-4z"/></svg>',
  up: '<svg viewBox="0 0 24 24"><path d="m6 15 6-6 6 6"/></svg>',
  down: '<svg viewBox="0 0 24 24"><path d="m6 9 6 6 6-6"/></svg>',
  cw: '<svg viewBox="0 0 24 24"><path d="M20 12a8 8 0 1 1-2.500-5.800L20 8.500M20 4v4.500h-4.500"/></svg>',
  ccw: '<svg viewBox="0 0 24 24"><path d="M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500"/></svg>',
  close: '<svg viewBox="0 0 24 24"><path d="m6 6 12 12M18 6 6 18"/></svg>',
};

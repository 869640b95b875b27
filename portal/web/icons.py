# ruff: noqa: E501  # drawings do not wrap
"""Line icons on a grid of 20 by 20, drawn with 1.5 px strokes; one SVG fragment a name."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "apps": '<rect x="3" y="3" width="5.5" height="5.5" rx="1.25"/><rect x="11.5" y="3" width="5.5" height="5.5" rx="1.25"/>'
    '<rect x="3" y="11.5" width="5.5" height="5.5" rx="1.25"/><path d="M14.25 11.5v5.5M11.5 14.25H17"/>',
    "catalog": '<path d="M4 4.5A1.5 1.5 0 0 1 5.5 3H16v11H5.5A1.5 1.5 0 0 0 4 15.5z"/>'
    '<path d="M4 15.5A1.5 1.5 0 0 0 5.5 17H16v-3M7.5 6.5h5M7.5 9.5h3"/>',
    "integrations": '<path d="M7 3v3.5M13 3v3.5M4.5 6.5h11V9a5.5 5.5 0 0 1-11 0zM10 14.5V17"/>',
    "usage": '<path d="M3 17h14M5.5 17v-5M10 17V4M14.5 17V8.5"/>',
    "users": '<circle cx="7.75" cy="7" r="2.75"/><path d="M2.75 16c.4-2.9 2.4-4.5 5-4.5s4.6 1.6 5 4.5"/>'
    '<path d="M12.75 4.5a2.6 2.6 0 0 1 0 5M14.5 11.9c1.6.6 2.5 2 2.75 4.1"/>',
    "audit": '<path d="M5 3h6.5L15 6.5V17H5z"/><path d="M11.5 3v3.5H15M7.5 10h5M7.5 13h5"/>',
    "settings": '<path d="M3 6h7.5M14.5 6H17M3 14h2.5M9.5 14H17"/><circle cx="12.5" cy="6" r="2"/>'
    '<circle cx="7.5" cy="14" r="2"/>',
    "home": '<path d="m3 9.25 7-6 7 6M5 7.75V16.5h10V7.75M8.25 16.5v-4.5h3.5v4.5"/>',
    "search": '<circle cx="9" cy="9" r="5.5"/><path d="m13 13 4 4"/>',
    "copy": '<rect x="7" y="7" width="10" height="10" rx="1.5"/><path d="M13 7V4.5A1.5 1.5 0 0 0 11.5 3h-7A1.5 1.5 0 0 0 3 4.5v7A1.5 1.5 0 0 0 4.5 13H7"/>',
    "check": '<path d="m4 10.5 4 4 8-9"/>',
    "edit": '<path d="m12.5 4.5 3 3L7 16l-3.75.75L4 13zM10.5 6.5l3 3"/>',
    "trash": '<path d="M3.5 5.5h13M8 5.5V3.25h4V5.5M5 5.5l.75 11.25h8.5L15 5.5M8.5 8.75v5M11.5 8.75v5"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "key": '<circle cx="6.75" cy="13.25" r="3.5"/><path d="m9.25 10.75 7.5-7.5M13 7l2.5 2.5M10.75 9.25l1.5 1.5"/>',
    "sun": '<circle cx="10" cy="10" r="3.25"/><path d="M10 2.5V4M10 16v1.5M2.5 10H4M16 10h1.5M4.7 4.7l1.05 1.05M14.25 14.25l1.05 1.05M4.7 15.3l1.05-1.05M14.25 5.75l1.05-1.05"/>',
    "moon": '<path d="M16.5 11.75A6.75 6.75 0 0 1 8.25 3.5a6.75 6.75 0 1 0 8.25 8.25z"/>',
    "menu": '<path d="M3 5.5h14M3 10h14M3 14.5h14"/>',
    "close": '<path d="m5 5 10 10M15 5 5 15"/>',
    "chevron-right": '<path d="m8 5 5 5-5 5"/>',
    "chevron-down": '<path d="m5 8 5 5 5-5"/>',
    "arrow-up": '<path d="M10 16V4M5 9l5-5 5 5"/>',
    "arrow-down": '<path d="M10 4v12M5 11l5 5 5-5"/>',
    "arrow-right": '<path d="M4 10h12M11 5l5 5-5 5"/>',
    "external": '<path d="M11.5 3.5h5v5M16.5 3.5 9 11M14 11.5v5H3.5V6h5"/>',
    "help": '<circle cx="10" cy="10" r="7"/><path d="M8 8a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.45M10 13.75v.01"/>',
    "support": '<path d="M3.5 4.5h13v9h-7l-3.5 3v-3h-2.5zM7 8h6M7 10.5h4"/>',
    "link": '<path d="M8.5 11.5a3 3 0 0 0 4.25 0l2.5-2.5a3 3 0 0 0-4.25-4.25l-1 1M11.5 8.5a3 3 0 0 0-4.25 0l-2.5 2.5A3 3 0 0 0 9 15.25l1-1"/>',
    "logout": '<path d="M8 3.5H3.5v13H8M8 10h9M13.5 6.5 17 10l-3.5 3.5"/>',
    "warning": '<path d="M10 3.25 2.5 16.5h15zM10 8.25v3.75M10 14.25v.01"/>',
    "info": '<circle cx="10" cy="10" r="7"/><path d="M10 9.25v4.25M10 6.5v.01"/>',
    "clock": '<circle cx="10" cy="10" r="7"/><path d="M10 6v4l2.75 1.75"/>',
    "refresh": '<path d="M16.5 9.5a6.5 6.5 0 1 0-1.6 4.75M16.5 4.5v5h-5"/>',
    "play": '<path d="m6.5 4 9 6-9 6z"/>',
    "download": '<path d="M10 3v9.5M5.5 8.5l4.5 4 4.5-4M3.5 16.5h13"/>',
    "calendar": '<rect x="3" y="4.5" width="14" height="12.5" rx="1.5"/><path d="M3 8.5h14M7 2.75v3.5M13 2.75v3.5"/>',
    "filter": '<path d="M3 5h14M5.75 10h8.5M8.5 15h3"/>',
    "globe": '<circle cx="10" cy="10" r="7"/><path d="M3 10h14M10 3c2 2 3 4.25 3 7s-1 5-3 7c-2-2-3-4.25-3-7s1-5 3-7z"/>',
}

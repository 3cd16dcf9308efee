"""The studio: a local web page on which a photo becomes a piece, from the photo to the machine.

One server process holds the project and speaks to the pages (`app`, `desk`); a warm worker process searches, a second
one does what takes time beside it (`worker`, `jobs`); a third holds the machine (`console`), so that an emergency stop
passes whatever the others do. The page is hand-written and comes with the package (``page/``); it needs no network.

Public: `serve`.
"""

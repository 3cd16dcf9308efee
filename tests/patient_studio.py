"""The studio's command, as patient with a slow page as tests have to be: ``patient_studio.py studio --port 0 ...``.

A page that had no time for three seconds, on a computer where twenty programs want the two cores, tells an old beat
with what is clicked next; for a user that is refused, since it may have been asked for before the connection failed.
"""

from stringart.cli import main
from stringart.studio import app

BEATS = 600
"""How old a request may be here; a test of what is refused asks for something older."""

if __name__ == "__main__":
    app.MOST_BEATS_LATE = BEATS
    main()

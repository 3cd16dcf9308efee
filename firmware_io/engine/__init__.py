"""One connection in one thread: bytes in, core, runner, bytes out; nothing here sleeps or waits.

`engine` joins the parts: `contact` (in touch, and in doubt whether the other end has everything), `polling` (what the
controller tells and when it is asked), `position` (whether that can be believed), `errands` (lines outside a job) and
`brakes` (hold, release, stop).
"""

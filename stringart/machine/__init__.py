"""From a plan to the motion of a machine: profile, toolpath, height, program, estimate, check, the way back.

Nothing here opens a port; the command line and the studio join it with ``firmware_io``. Data flows one way::

    profile -> placement -> ring -> toolpath -> height -> job -> postprocessor (text) -> estimate
    reader -> proof (independent of the above: reads the text, shares nothing with the writer)
"""

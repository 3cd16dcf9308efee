"""A real Ctrl-C during a design in Python, at moments that do not depend on the clock, is a KeyboardInterrupt."""

import os
import subprocess
import sys

import pytest

CODE = """
import os, signal, sys
import numpy as np
import stringart

def pressed_in(module, name):
    def look(frame, event, arg):
        if event == "call" and frame.f_code.co_name == name and frame.f_globals["__name__"].startswith(module):
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGINT)
    return look

grey = np.linspace(0, 1, 1024).reshape(32, 32)
moments = [
    ("llvmlite", "_raw_object_cache_getbuffer"),  # kernels come from the disk: exceptions of these are lost
    ("numba", "_object_getbuffer_hook"),
    ("numba", "_object_compiled_hook"),
    ("numba", "_on_type_disposal"),
    ("numba", "typeof_pyval"),  # the compiled code asks what it was given
    ("stringart.search.chord_search", "renew"),
    ("stringart.search.pipeline", "wound"),
]
for module, name in moments:
    sys.setprofile(pressed_in(module, name))
    try:
        stringart.design(grey, pins=24, lines=60, quality="draft", importance="none")
        ended = "nothing"
    except BaseException as error:
        ended = type(error).__name__
    if sys.getprofile() is None:  # else it has not come to this moment
        print(name, ended)
    sys.setprofile(None)
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_at_any_moment_of_a_design_is_a_keyboard_interrupt() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300)
    ended = dict(line.split() for line in done.stdout.splitlines())
    assert set(ended.values()) == {"KeyboardInterrupt"}, done.stderr
    assert {"renew", "wound"} < ended.keys()
    assert len(ended) >= 4
    assert done.stderr == ""

"""String art from a photo: plan it, see it, wind it by hand or by machine.

Everything public is named in ``__init__.pyi`` and is imported when it is first used::

    plan = stringart.design("photo.jpg", palette="black")
    plan.save("plan.json")
    stringart.paint(plan, 2000)

Lengths are in mm, images are (row, col), the board is x right, y up, origin at its centre.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

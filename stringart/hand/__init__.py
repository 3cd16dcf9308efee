"""Winding by hand: the guide, its progress on disk, the spoken one."""

"""Winding lists of other programs: read from any of their formats, and made into a plan.

Public: `reading` (read_list), `building` (plan_of_list).
"""

"""Jobs that a host runs from its own card: Moonraker (Klipper) and OctoPrint."""

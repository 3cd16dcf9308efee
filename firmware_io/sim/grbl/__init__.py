"""A simulated controller of the grbl family: its receive buffer, EEPROM, motion, G-code, $ commands and reports."""

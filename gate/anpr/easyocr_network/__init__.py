"""Gate's reader as EasyOCR knows networks: gate_plates.py, gate_plates.yaml, and weights beside EasyOCR's."""

"""How the weights of gate.anpr.plates are made: plates are drawn, photographed by a model, learnt.

Never part of a running gate: needs the `easyocr` extra (torch) and the fonts that `fonts.py` names.
"""

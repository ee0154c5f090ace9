"""Engines made for text of any kind, held to plates: PP-OCR and EasyOCR, beside the gate's own."""

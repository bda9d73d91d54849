"""How well `resolver dedupe` tells people apart, on sets whose truth is known."""

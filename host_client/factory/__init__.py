"""The factory step: boards made one after another, their labels, and what their fuses say."""

"""An order that nobody notices: placed in a stage, followed to its end and called off."""

"""What a command works on: the checkout, its home folder, a stage, the stage's API, the embedded AWS."""

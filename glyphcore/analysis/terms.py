"""Sentences that explain figures that are not shares; pages show them beside the figure."""

ECE = (
    "Expected calibration error: the mean gap between confidence and the share right, over tenths of confidence, "
    "weighted by their glyphs."
)
LOSS = (
    "Minus the natural logarithm of the true label's probability: 0 nats for a probability of 1, 0.69 nats for a half."
)
ENTROPY = (
    "How spread out the probabilities are: 0 nats when one label has all of it, the natural logarithm of k when k "
    "labels share it equally."
)
OUTSIDE = "Probability that the glyph is none of the labels of the checkpoint, by the glyph alone."
PERPLEXITY = "Perplexity is e to the entropy of their use: that many primitives, all used equally often, are as varied."

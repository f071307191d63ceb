"""PDFs for measuring: texts in many languages, written by real producers in fonts that were not used in training."""

"""PDFs for measuring: texts in many languages, set by real producers in fonts that were not trained on."""

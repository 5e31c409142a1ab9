"""Finding what is alike in Thai and English: one form of text, an index of trigrams, and why something is suggested."""

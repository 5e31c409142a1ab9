"""Pure translators: foreign forms into our own values, and back."""

"""Credit records from course completions, tied to outcomes of the National Qualifications Framework."""

__version__ = "0.1.0"
